/* SPDX-License-Identifier: MIT */
#pragma once

/* `approvers` and `agents` as texts that people and we change. Lines are understood by
 * core/signers.h, as everywhere. */

#include "core/signers.h"

#include <stdbool.h>
#include <stddef.h>

/* Calls `each` for every line that names a signer, until it returns other than 0. Lines that make
 * no sense are passed over. */
int signers_each(
	const char *text, int (*each)(void *context, const struct signer *signer), void *context);

/* The text without the lines of exactly that principal. Returns how many were left out, or a
 * negative errno. The caller frees. */
int signers_without(const char *text, const char *principal, char **ret);

/* What is wrong with a text, or is more than its author may have meant: lines that make no sense,
 * patterns for principals (unless `patterns`), `namespaces` missing. Calls `each` for every fault,
 * with its line. */
void signers_lint(const char *text, bool patterns, const char *const namespaces[2],
	void (*each)(void *context, unsigned int line, const char *fault), void *context);
