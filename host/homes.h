/* SPDX-License-Identifier: MIT */
#pragma once

/* Homes of agents: made when a session opens, removed with the agent's last one.
 *
 * A read-only session's home is a tmpfs in its own namespace (host/mounts.h); these are for
 * sessions without namespaces. `.ssh` and `.pam_environment` in it are root's. */

#include "core/problem.h"
#include "lib/account.h"
#include "lib/cleanup.h"

#include <stdint.h>

#define HOME_PATH_MAX 64

/* "/home/support-ana". */
void home_path(const char *login, char ret[static HOME_PATH_MAX]);

/* Makes it, or takes the one of another open session. -EEXIST with a sentence if something that
 * is not the agent's lies there. */
int home_make(const char *homes, const char *login, uint32_t uid, struct problem *problem);

/* Takes it out of the way, so that the next session gets a new one: quick, to be done while no
 * session can be opened. home_remove then removes it with all that is in it; it never follows a
 * link, never leaves its file system. */
int home_retire(const char *homes, const char *login, uint32_t uid, struct problem *problem);
int home_remove(const char *homes, const char *login, struct problem *problem);
