/* SPDX-License-Identifier: MIT */

#include "core/digest.h"

#include "lib/base32.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#define SHORT_ID_DIGITS (SHORT_ID_LEN - 1)
#define SHORT_ID_HALF   (SHORT_ID_DIGITS / 2)

int digest_compute(const void *bytes, size_t size, struct digest *ret)
{
	struct digest digest;

	if (EVP_Digest(bytes, size, digest.bytes, NULL, EVP_sha256(), NULL) != 1)
		return -EIO;
	*ret = digest;
	return 0;
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
	return memcmp(a->bytes, b->bytes, DIGEST_SIZE) == 0;
}

void digest_to_hex(const struct digest *digest, char ret[static DIGEST_HEX_LEN + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		ret[2 * i] = digits[digest->bytes[i] >> 4];
		ret[2 * i + 1] = digits[digest->bytes[i] & 15];
	}
	ret[DIGEST_HEX_LEN] = '\0';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -EINVAL;
}

int digest_from_hex(const char *hex, struct digest *ret)
{
	struct digest digest;

	if (strnlen(hex, DIGEST_HEX_LEN + 1) != DIGEST_HEX_LEN)
		return -EINVAL;
	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		digest.bytes[i] = (uint8_t)(high << 4 | low);
	}
	*ret = digest;
	return 0;
}

void digest_short_id(const struct digest *digest, char ret[static SHORT_ID_LEN + 1])
{
	base32_encode(digest->bytes, SHORT_ID_DIGITS, ret);
	memmove(ret + SHORT_ID_HALF + 1, ret + SHORT_ID_HALF, SHORT_ID_HALF + 1);
	ret[SHORT_ID_HALF] = '-';
}

int short_id_normalise(const char *typed, char ret[static SHORT_ID_LEN + 1])
{
	char id[SHORT_ID_LEN + 1] = { 0 };
	size_t used = 0;

	for (size_t i = 0; typed[i]; i++) {
		if (used == SHORT_ID_HALF) {
			id[used++] = '-';
			if (typed[i] == '-')
				continue;
		}
		if (used == SHORT_ID_LEN)
			return -EINVAL;
		id[used] = base32_normalise(typed[i]);
		if (!id[used++])
			return -EINVAL;
	}
	if (used != SHORT_ID_LEN)
		return -EINVAL;
	memcpy(ret, id, sizeof(id));
	return 0;
}
