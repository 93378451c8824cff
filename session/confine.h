/* SPDX-License-Identifier: MIT */
#pragma once

/* What the login shell takes away from itself before it becomes the agent's shell. */

#include "lib/scope.h"

#include <stdint.h>

#define CONFINE_LOCKED_MAX (64 * 1024) /* bytes of locked memory, in every scope */

struct confine_reason {
	char text[256]; /* why not */
};

/* For SCOPE_READ_ONLY: no_new_privs and Landlock; for all: limits. `home` stays writable.
 * `max_processes` are of the agent's uid (RLIMIT_NPROC, setrlimit(2)): that holds also where the
 * session has no cgroup with a limit of its own. 0 is -EINVAL.
 * Returns 0, or a negative errno and the reason: then nothing of the agent's may be run. */
int confine(enum scope scope, uint32_t max_processes, const char *home, struct confine_reason *ret);
