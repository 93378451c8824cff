/* SPDX-License-Identifier: MIT */
#pragma once

/* Crockford's base32: digits and letters without I, L, O and U, made to be read aloud. */

#include <stddef.h>
#include <stdint.h>

/* Writes the first 5 × `length` bits of `bytes` as `length` characters in upper case and a NUL. */
void base32_encode(const uint8_t *bytes, size_t length, char *ret);

/* As above in lower case. */
void base32_encode_lower(const uint8_t *bytes, size_t length, char *ret);

/* The character in upper case that `typed` stands for (any case; O is 0, I and L are 1); 0 if it
 * stands for none. */
char base32_normalise(char typed);
