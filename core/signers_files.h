/* SPDX-License-Identifier: MIT */
#pragma once

/* Between the files that make up core/signers.h, and for nobody else. */

#include "core/signers.h"

typedef int signers_file_fn(void *context, const char *path, struct problem *problem);

/* Calls `each` for the main file, there or not, and for each that is read in the directory. */
int signers_each_file(const struct signers *signers, signers_file_fn *each, void *context,
	struct problem *problem);

/* The bytes of one file of which every line can be understood. -ENOENT without a problem said. */
int signers_file_read(const char *path, char **ret, size_t *ret_size, struct problem *problem);

/* Calls `each` for every line of `bytes`, which are taken apart. */
int signers_each_line(const char *path, char *bytes, size_t size,
	int (*each)(void *context, const struct signer *signer), void *context,
	struct problem *problem);
