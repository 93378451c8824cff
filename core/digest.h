/* SPDX-License-Identifier: MIT */
#pragma once

/* SHA-256 of a document's bytes: what identifies it, and the short name that people see. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_SIZE    32
#define DIGEST_HEX_LEN 64
#define SHORT_ID_LEN   11 /* 7K2F9-QXM4T */

struct digest {
	uint8_t bytes[DIGEST_SIZE];
};

/* 0, or -ENOMEM / -EIO if libcrypto fails. */
int digest_compute(const void *bytes, size_t size, struct digest *ret);

bool digest_equal(const struct digest *a, const struct digest *b);

void digest_to_hex(const struct digest *digest, char ret[static DIGEST_HEX_LEN + 1]);

/* Exactly 64 lower-case hexadecimal digits: 0, or -EINVAL. */
int digest_from_hex(const char *hex, struct digest *ret);

/* The first 50 bits in Crockford base32, "7K2F9-QXM4T". */
void digest_short_id(const struct digest *digest, char ret[static SHORT_ID_LEN + 1]);

/* Normalises a short id as people type it (any case, O is 0, I and L are 1, dash or not):
 * 0, or -EINVAL. */
int short_id_normalise(const char *typed, char ret[static SHORT_ID_LEN + 1]);
