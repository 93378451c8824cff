/* SPDX-License-Identifier: MIT */
#pragma once

/* Tokens and one-time codes: made here, shown once, kept as SHA-256. */

#include "core/digest.h"

#define TOKEN_LEN   64 /* 256 bits in hex */
#define CODE_GROUPS 5
#define CODE_LEN    (CODE_GROUPS * 6 - 1) /* "7K2F9-QXM4T-…": 125 bits, five at a time */

struct secret {
	char text[TOKEN_LEN + 1];
	char hash[DIGEST_HEX_LEN + 1];
};

int secret_make_token(struct secret *ret);
int secret_make_code(struct secret *ret);

/* The hash under which a token, or a code as people type it (any case, O is 0, I and L are 1,
 * dashes or not), is kept: 0, or -EINVAL for what cannot be one. */
int secret_hash_token(const char *token, char ret[static DIGEST_HEX_LEN + 1]);
int secret_hash_code(const char *code, char ret[static DIGEST_HEX_LEN + 1]);
