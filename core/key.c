/* SPDX-License-Identifier: MIT */

/* Only as much of a key is looked at as makes its text unambiguous: one base64 for each key, one
 * key for each base64. Whether it is a good key is for ssh to say. */

#include "core/key.h"

#include "lib/base32.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

/* Base64 of KEY_BLOB_MAX bytes. */
#define KEY_TEXT_MAX (KEY_BLOB_MAX / 3 * 4)

static const struct key_type {
	const char *name;
	size_t strings; /* in the blob, behind the name */
} types[] = {
	{ "ssh-ed25519", 1 },
	{ "ecdsa-sha2-nistp256", 2 },
	{ "ecdsa-sha2-nistp384", 2 },
	{ "ecdsa-sha2-nistp521", 2 },
	{ "ssh-rsa", 2 },
	{ "sk-ssh-ed25519@openssh.com", 2 },
	{ "sk-ecdsa-sha2-nistp256@openssh.com", 3 },
};

struct key_blob {
	uint8_t bytes[KEY_BLOB_MAX + 3]; /* EVP_DecodeBlock counts the padding */
	size_t size;
};

static const struct key_type *type_find(const char *name, size_t size)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strlen(types[i].name) == size && memcmp(types[i].name, name, size) == 0)
			return &types[i];
	return NULL;
}

/* One way to write the same bytes: what encodes back to the same text. */
static int base64_decode(const char *text, size_t size, struct key_blob *ret)
{
	unsigned char again[KEY_TEXT_MAX + 1];
	int length;

	if (size == 0 || size > KEY_TEXT_MAX || size % 4 != 0)
		return -EINVAL;
	length = EVP_DecodeBlock(ret->bytes, (const unsigned char *)text, (int)size);
	if (length < 3)
		return -EINVAL;
	ret->size = (size_t)length - (text[size - 1] == '=') - (text[size - 2] == '=');
	length = EVP_EncodeBlock(again, ret->bytes, (int)ret->size);
	return (size_t)length == size && memcmp(again, text, size) == 0 ? 0 : -EINVAL;
}

/* Takes one length-prefixed string off the blob. */
static int blob_string(
	const struct key_blob *blob, size_t *at, const uint8_t **ret, size_t *ret_size)
{
	const uint8_t *p = blob->bytes + *at;
	size_t left = blob->size - *at, size;

	if (left < 4)
		return -EINVAL;
	size = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	if (size > left - 4)
		return -EINVAL;
	*ret = p + 4;
	*ret_size = size;
	*at += 4 + size;
	return 0;
}

static int blob_check(const struct key_blob *blob, const struct key_type *type)
{
	const uint8_t *string;
	size_t at = 0, size;

	if (blob_string(blob, &at, &string, &size) < 0 ||
		type_find((const char *)string, size) != type)
		return -EINVAL;
	for (size_t i = 0; i < type->strings; i++)
		if (blob_string(blob, &at, &string, &size) < 0)
			return -EINVAL;
	return at == blob->size ? 0 : -EINVAL;
}

/* Reads "type base64"; what follows a further blank is a comment, in `*ret_comment`, or NULL. */
static int key_read(const char *text, struct key_blob *ret, const char **ret_comment)
{
	const struct key_type *type;
	size_t name = strcspn(text, " "), size;

	type = type_find(text, name);
	if (!type || text[name] != ' ')
		return -EINVAL;
	text += name + 1;
	size = strcspn(text, " \t\r\n");
	if (base64_decode(text, size, ret) < 0 || blob_check(ret, type) < 0)
		return -EINVAL;
	*ret_comment = text[size] ? text + size : NULL;
	return 0;
}

bool key_is_plain(const char *text)
{
	const char *comment;
	struct key_blob blob;

	return key_read(text, &blob, &comment) == 0 && !comment;
}

int key_fingerprint(const char *public_key, char ret[static FINGERPRINT_MAX + 1])
{
	static const char prefix[] = "SHA256:";
	unsigned char text[4 * DIGEST_SIZE];
	const char *comment;
	struct key_blob blob;
	struct digest digest;
	size_t length;

	if (key_read(public_key, &blob, &comment) < 0)
		return -EINVAL;
	if (digest_compute(blob.bytes, blob.size, &digest) < 0)
		return -EINVAL;
	length = (size_t)EVP_EncodeBlock(text, digest.bytes, DIGEST_SIZE) - 1; /* without the = */
	memcpy(ret, prefix, sizeof(prefix) - 1);
	memcpy(ret + sizeof(prefix) - 1, text, length);
	ret[sizeof(prefix) - 1 + length] = '\0';
	return 0;
}

int key_host_id(const char *public_key, char ret[static HOST_ID_LEN + 1])
{
	const char *comment;
	struct key_blob blob;
	struct digest digest;

	if (key_read(public_key, &blob, &comment) < 0)
		return -EINVAL;
	if (digest_compute(blob.bytes, blob.size, &digest) < 0)
		return -EINVAL;
	ret[0] = 'h';
	base32_encode_lower(digest.bytes, HOST_ID_LEN - 1, ret + 1);
	return 0;
}
