/* SPDX-License-Identifier: MIT */
#pragma once

/* Text from others, made safe to show. */

#include <stdbool.h>
#include <stddef.h>

/* Copies `size` bytes so that nothing in them can steer a terminal: control characters (C0, DEL,
 * C1), bidirectional controls, line separators and bytes that are no UTF-8 are written as \xNN,
 * byte by byte. What does not fit ends in "...", never within a character. `ret_size` >= 4.
 * Returns true if everything fitted. */
bool text_escape(const char *text, size_t size, char *ret, size_t ret_size);

/* How many columns valid UTF-8 text takes, counting each character as one. */
size_t text_width(const char *text);
