/* SPDX-License-Identifier: MIT */
#pragma once

/* Finding and killing the processes of a session wherever they went.
 *
 * What belongs to it is told by marks that an ordinary user cannot take off: the login uid and
 * the audit session that the kernel keeps for every process (sudo keeps them too), and the uid.
 * Every signal goes through a pidfd, whose process is looked at again before it is sent. */

#include "host/sessions.h"

struct sweep {
	uint32_t uid;                     /* of the agent; another uid than ours matches nothing */
	uint32_t audit_session;           /* UINT32_MAX: none */
	bool whole_agent;                 /* everything of the uid, whichever session */
	const struct process_name *spare; /* sshd's monitor, which is to end by itself; or NULL */
};

/* True if this process belongs to what is swept. Zombies belong to nothing. */
bool sweep_matches(const struct sweep *sweep, int32_t pid);

/* Kills what matches, once over /proc. Waits for them until `deadline` (CLOCK_MONOTONIC, ms).
 * Returns how many it killed: 0 is a clean pass; -ETIMEDOUT. */
int64_t sweep_pass(const struct sweep *sweep, int64_t deadline);

/* Kills all processes of the uid in one stroke, from a child that has that uid but cannot be
 * signalled by it (its real and saved one are USER_END's). A fork bomb cannot outrun it.
 * Returns 0; -ENOENT without that user. */
int sweep_uid(uint32_t uid, int64_t deadline);

/* Kills one process if it is still the one that was meant, and waits until it is gone. */
int sweep_process(const struct process_name *process, int64_t deadline);

int64_t sweep_clock_ms(void); /* CLOCK_MONOTONIC */
