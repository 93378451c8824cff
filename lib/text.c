/* SPDX-License-Identifier: MIT */

/* The decoder is our own because the C library's depends on the locale, and what is safe to show
 * must not. It accepts exactly UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */

#include "lib/text.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Decodes one character. Returns its length in bytes, 0 if there is none. */
static size_t decode(const unsigned char *bytes, size_t size, uint32_t *ret)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 },
		{ 0xf8, 0xf0, 0x10000 } };

	for (size_t n = 0; n < 4 && n < size; n++) {
		uint32_t c = bytes[0] & (unsigned char)~forms[n].mask;

		if ((bytes[0] & forms[n].mask) != forms[n].lead)
			continue;
		for (size_t i = 1; i <= n; i++) {
			if ((bytes[i] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (bytes[i] & 0x3f);
		}
		if (c < forms[n].least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
			return 0;
		*ret = c;
		return n + 1;
	}
	return 0;
}

static bool is_steering(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x061c;
}

static bool is_text(const char *text, size_t size, bool plain)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t length;
	uint32_t c;

	for (size_t i = 0; i < size; i += length) {
		length = decode(bytes + i, size - i, &c);
		if (length == 0 || (plain && is_steering(c)))
			return false;
	}
	return true;
}

bool text_is_utf8(const char *text, size_t size)
{
	return is_text(text, size, false);
}

bool text_is_plain(const char *text, size_t size)
{
	return is_text(text, size, true);
}

int text_copy(char *ret, size_t ret_size, const char *text)
{
	size_t size = strlen(text) + 1;

	if (size > ret_size)
		return -ENOBUFS;
	memcpy(ret, text, size);
	return 0;
}

bool text_escape(const char *text, size_t size, char *ret, size_t ret_size)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t used = 0, room = 0; /* room: the last place where "..." still fits behind */
	size_t i = 0;

	while (i < size) {
		uint32_t c = 0;
		size_t n = decode(bytes + i, size - i, &c);
		bool escape = n == 0 || is_steering(c);
		size_t take = n == 0 ? 1 : n, need = escape ? take * 4 : take;

		if (used + 4 <= ret_size)
			room = used;
		if (used + need + 1 > ret_size)
			break;
		for (size_t k = 0; k < take; k++, used += escape ? 4 : 1)
			if (escape)
				snprintf(ret + used, ret_size - used, "\\x%02x", bytes[i + k]);
			else
				ret[used] = text[i + k];
		i += take;
	}
	if (i == size) {
		ret[used] = '\0';
		return true;
	}
	memcpy(ret + room, "...", sizeof("..."));
	return false;
}

size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}
