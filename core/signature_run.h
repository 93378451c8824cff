/* SPDX-License-Identifier: MIT */
#pragma once

/* Running ssh-keygen, for core/signature.c and core/signature_make.c alone. */

#include "core/problem.h"
#include "lib/child.h"

/* Runs `child`, one at a time in this process. With a `user` and as root it runs as that user
 * through setpriv: without groups, capabilities or a way to gain any. A user that does not exist is
 * -ENOENT with the remedy, never a reason to run as root. */
int signature_run(const struct child *child, const char *user, struct child_result *ret,
	struct problem *problem);
