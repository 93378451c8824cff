/* SPDX-License-Identifier: MIT */
#pragma once

/* A cgroup for each session: whatever was started in it stays in it, and one write ends it all.
 *
 * Paths are below the machine's cgroup2 mount (on hybrid machines /sys/fs/cgroup/unified). A
 * machine without one, or with a read-only one, is no error: the path is then empty and ending
 * falls back to sweeps. */

#include "host/sessions.h"

#define CGROUP_FOLDER "supportaccess" /* ours, at the top of the mount */

/* Puts the monitor of a session that is being opened into a cgroup of the session's own and
 * fills `session->cgroup`, or adopts the scope that logind made, if its leader is this monitor
 * and its user this agent: a scope of somebody else's is never touched. */
void cgroup_enter(struct session *session, int64_t max_processes);

/* True for a path that cgroup_enter could have given: all that is ever killed or removed. */
bool cgroup_path_is_ours(const char *path);

/* Calls `each` for every process in it and below. Returns how many, or -ENOENT. */
int64_t cgroup_each(const char *path, void (*each)(void *context, int32_t pid), void *context);

/* Is the process in it, or below? */
bool cgroup_holds(const char *path, int32_t pid);

/* Kills all that is in it (cgroup.kill; before Linux 5.14 frozen, then one by one). */
int cgroup_kill(const char *path);

/* Removes an empty one of ours; logind's are logind's. */
void cgroup_remove(const char *path);
