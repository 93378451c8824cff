/* SPDX-License-Identifier: MIT */
#pragma once

/* The namespaces of a read-only session: mount, IPC, pid.
 *
 * Built by a helper child from the connecting sshd's own mount namespace, before any code of the
 * agent runs: everything read-only, nosuid and private; private tmpfs for /tmp, /var/tmp,
 * /dev/shm and the home; other homes and hidden paths covered; /run reduced to what is listed and
 * what sshd itself needs to log. The keeper is the first process of the pid namespace. */

#include "core/config.h"
#include "host/sessions.h"

enum namespace_kind {
	NAMESPACE_MOUNT,
	NAMESPACE_IPC,
	NAMESPACE_PID,
	NAMESPACES,
};

struct namespaces {
	int fds[NAMESPACES]; /* to be entered in this order */
	struct process_name keeper;
};

#define NAMESPACES_NONE ((struct namespaces){ { -EBADF, -EBADF, -EBADF }, { 0 } })

/* Builds for `session` (id, uid, login, until, monitor, cgroup: call cgroup_enter before). Writes
 * the session's end for the keeper (host/keeping.h). At most `timeout_ms`; what was begun is undone
 * when it fails, and nobody may be let in. */
int namespaces_build(const struct session *session, const struct config *config, int timeout_ms,
	struct namespaces *ret, struct problem *problem);
void namespaces_done(struct namespaces *namespaces);

/* A keeper for a session without namespaces (read-write, admin). */
int namespaces_keeper(const struct session *session, int timeout_ms, struct process_name *ret,
	struct problem *problem);
