/* SPDX-License-Identifier: MIT */
#pragma once

/* `approvers` and `agents`: lines of ssh-keygen(1) ALLOWED SIGNERS, as text.
 *
 *	PRINCIPALS [OPTIONS] TYPE BASE64 [COMMENT]
 */

#include "core/key.h"

#include <stdbool.h>
#include <stddef.h>

#define SIGNERS_FILE_LINE_MAX 4096

struct signer_line {
	char principals[256];
	char namespaces[256]; /* empty: every one */
	char key[DOCUMENT_KEY_MAX + 1];
	bool authority; /* cert-authority */
};

enum signer_kind {
	SIGNER_NONE = 0, /* an empty line or a comment */
	SIGNER_ONE = 1,
};

/* Reads one line. An enum signer_kind, or -EINVAL with what is wrong. */
int signer_line_read(const char *line, struct signer_line *ret, struct problem *problem);

/* The text without the lines of that principal. Returns how many were left out, or a negative
 * errno. The caller frees. */
int signers_without(const char *text, const char *principal, char **ret);

/* Finds faults of a whole file: lines that ssh-keygen would not take, principals with patterns,
 * missing namespaces. Calls `each` for every one, with its line. */
void signers_lint(const char *text, bool patterns, const char *const namespaces[2],
	void (*each)(void *context, unsigned int line, const char *fault), void *context);
