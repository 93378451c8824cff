/* SPDX-License-Identifier: MIT */
#pragma once

/* The environment of an agent's shell: a few variables, made anew.
 *
 * What the client, sshd, PAM or a file in the home put into ours is not handed on, but for names
 * of terminal and language whose values are harmless. */

#include <stddef.h>

#define ENVIRONMENT_MAX       24
#define ENVIRONMENT_VALUE_MAX 256

#define ENVIRONMENT_PATH "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

struct environment {
	char *variables[ENVIRONMENT_MAX + 1]; /* ended by NULL */
	size_t n;
};

/* Builds it from `old` and what the daemon said. -ENOMEM, or -EINVAL if `home` does not end in the
 * name of a support account. The program then executes or ends: nothing is freed. */
int environment_build(
	char *const *old, const char *home, const char *shell, struct environment *ret);
