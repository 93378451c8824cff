/* SPDX-License-Identifier: MIT */

/* An SSHSIG is "SSHSIG", a version, then the public key with its length before it: always at the
 * same place, so in base64 too the same key gives the same characters. They are hashed as they
 * stand; only the length is decoded. */

#include "host/signer.h"

#include <errno.h>
#include <string.h>

#define BEGIN      "-----BEGIN SSH SIGNATURE-----"
#define BEFORE     14 /* bytes: "SSHSIG", version, length of the key */
#define ARMOUR_MAX (8 * 1024)

static int value_of(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* Byte `i` of base64 text. */
static int byte_at(const char *text, size_t i)
{
	size_t first = i * 8 / 6;
	unsigned shift = i % 3 == 0 ? 4 : i % 3 == 1 ? 2 : 0;
	int a = value_of(text[first]), b = value_of(text[first + 1]);

	if (a < 0 || b < 0)
		return -1;
	return ((a << (6 - shift)) | (b >> shift)) & 0xff;
}

/* Characters of base64 that hold all before the end of the key; 0: it is no SSHSIG. */
static size_t key_length(const char *text, size_t n)
{
	size_t length = 0;

	if (n < BEFORE * 8 / 6 + 2)
		return 0;
	for (size_t i = 0; i < BEFORE; i++) {
		int byte = byte_at(text, i);

		if (byte < 0 || (i < 6 && byte != "SSHSIG"[i]))
			return 0;
		if (i >= BEFORE - 4)
			length = length << 8 | (size_t)byte;
	}
	if (length > ARMOUR_MAX || (BEFORE + length) * 8 / 6 > n)
		return 0;
	return (BEFORE + length) * 8 / 6;
}

int signer_of(const char *signature, size_t size, char ret[static DIGEST_HEX_LEN + 1])
{
	char text[ARMOUR_MAX + 1];
	struct digest digest;
	size_t n = 0;
	int r;

	if (size > strlen(BEGIN) && strncmp(signature, BEGIN, strlen(BEGIN)) == 0)
		for (size_t i = strlen(BEGIN); i < size && signature[i] != '-' && n < ARMOUR_MAX;
			i++)
			if (signature[i] != '\n' && signature[i] != '\r')
				text[n++] = signature[i];
	text[n] = '\0';
	n = key_length(text, n);
	r = n ? digest_compute(text, n, &digest) : digest_compute(signature, size, &digest);
	if (r == 0)
		digest_to_hex(&digest, ret);
	return r;
}
