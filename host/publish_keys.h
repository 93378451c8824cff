/* SPDX-License-Identifier: MIT */
#pragma once

/* Key files: /run/supportaccess/keys/NAME, in the form of authorized_keys(5). */

#include "core/document.h"

#define KEYS_OF_ACCOUNT_MAX 8

struct key_line {
	char key[DOCUMENT_KEY_MAX + 1];
	bool open; /* else a forced refusal, so that the account check can say why not */
};

/* Writes the file of one account below the directory `dir_fd`, if it is not so already. */
int publish_keys(int dir_fd, const char *name, const struct key_line *lines, size_t n_lines);

/* Removes the files of our form whose account `is_known` does not know, if there are more of our
 * form than the `expected` ones. */
int publish_keys_prune(int dir_fd, size_t expected,
	bool (*is_known)(void *context, const char *name), void *context);
