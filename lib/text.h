/* SPDX-License-Identifier: MIT */
#pragma once

/* Text from others: judged, and made safe to show.
 *
 * "Plain" text is UTF-8 without what steers instead of being read: control characters (C0, DEL,
 * C1), bidirectional controls and marks, separators of lines and paragraphs. */

#include <stdbool.h>
#include <stddef.h>

/* True if all `size` bytes are UTF-8: no overlong form, no surrogate, nothing above U+10FFFF. */
bool text_is_utf8(const char *text, size_t size);
bool text_is_plain(const char *text, size_t size);

/* Copies a string with its NUL: 0, or -ENOBUFS with nothing written. Never cuts. */
int text_copy(char *ret, size_t ret_size, const char *text);

/* Copies `size` bytes so that nothing in them can steer a terminal: characters that are not plain
 * and bytes that are no UTF-8 are written as \xNN, byte by byte. What does not fit ends in "...",
 * never within a character. `ret_size` >= 4. Returns true if everything fitted. */
bool text_escape(const char *text, size_t size, char *ret, size_t ret_size);

/* How many columns valid UTF-8 text takes, counting each character as one. */
size_t text_width(const char *text);
