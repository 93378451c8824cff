/* SPDX-License-Identifier: MIT */
#pragma once

/* Running another program to its end: from a fixed path, in a clean environment, with no
 * descriptor of ours but those handed over, bounded in time and in what it may say.
 *
 * Installs no signal handler and touches no other child, so that daemons and command lines can
 * both use it; the caller must not ignore SIGCHLD nor reap children it did not start. */

#include "lib/cleanup.h"

#include <stdbool.h>
#include <stddef.h>

#define CHILD_FDS_MAX    8
#define CHILD_OUTPUT_MAX (64 * 1024) /* of standard output and standard error each, by default */

struct child {
	const char *path;        /* absolute */
	const char *const *argv; /* ended by NULL */
	const char *const *envp; /* ended by NULL; NULL: PATH=/usr/bin:/bin and LC_ALL=C.UTF-8 */
	const void *input;       /* standard input; none is /dev/null */
	size_t input_size;
	const int *fds; /* become descriptors 3, 4, ... of the child */
	size_t n_fds;
	size_t output_max; /* 0: CHILD_OUTPUT_MAX */
	int timeout_ms;    /* over, it is killed; -1: no bound */
	bool interactive;  /* keeps the terminal and our standard error; else it has none */
};

struct child_result {
	int status;           /* exit status; 128 + N when signal N ended it */
	char *output, *error; /* with a NUL behind the last byte */
	size_t output_size, error_size;
};

/* Runs and waits. Returns 0 once it ended by itself, whatever its status; -ETIMEDOUT or
 * -EMSGSIZE (it said too much) after it was killed and reaped; -ENOENT, -EACCES, ... when it could
 * not be started. The caller releases with child_result_done. */
int child_run(const struct child *child, struct child_result *ret);

void child_result_done(struct child_result *result);

/* An anonymous file with these bytes, readable by every user who is handed it, written by none;
 * at its start. Returns the descriptor, close-on-exec, or a negative errno. */
int child_file(const char *name, const void *bytes, size_t size);
