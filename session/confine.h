/* SPDX-License-Identifier: MIT */
#pragma once

/* What the login shell takes away from itself before it becomes the agent's shell. */

#include "lib/scope.h"

/* Limits for every scope; the cgroup of the session has its own besides. */
#define CONFINE_PROCESSES_MAX 150         /* of the agent's uid */
#define CONFINE_LOCKED_MAX    (64 * 1024) /* bytes of locked memory */

struct confine_reason {
	char text[256]; /* why not */
};

/* For SCOPE_READ_ONLY: no_new_privs and Landlock; for all: limits. `home` stays writable.
 * Returns 0, or a negative errno and the reason: then nothing of the agent's may be run. */
int confine(enum scope scope, const char *home, struct confine_reason *ret);
