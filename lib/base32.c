/* SPDX-License-Identifier: MIT */

/* Bit by bit rather than by groups of five bytes: lengths here are no multiples of eight. */

#include "lib/base32.h"

#include <string.h>

static const char upper[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char lower[] = "0123456789abcdefghjkmnpqrstvwxyz";

static void encode(const char *alphabet, const uint8_t *bytes, size_t length, char *ret)
{
	for (size_t i = 0; i < length; i++) {
		unsigned value = 0;

		for (size_t bit = 5 * i; bit < 5 * i + 5; bit++)
			value = value << 1 | (bytes[bit / 8] >> (7 - bit % 8) & 1);
		ret[i] = alphabet[value];
	}
	ret[length] = '\0';
}

void base32_encode(const uint8_t *bytes, size_t length, char *ret)
{
	encode(upper, bytes, length, ret);
}

void base32_encode_lower(const uint8_t *bytes, size_t length, char *ret)
{
	encode(lower, bytes, length, ret);
}

char base32_normalise(char typed)
{
	char c = (char)(typed >= 'a' && typed <= 'z' ? typed - 'a' + 'A' : typed);

	if (c == 'O')
		return '0';
	if (c == 'I' || c == 'L')
		return '1';
	return (char)(c && strchr(upper, c) ? c : '\0');
}
