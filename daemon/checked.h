/* SPDX-License-Identifier: MIT */
#pragma once

/* Logins that passed the account check and whose session has not begun.
 *
 * A session opens only for a process that was asked about before: where somebody took our line
 * out of the account stack, or another module's answer jumps over it, the session would be judged
 * by one lock less, so there is none. Kept in memory: a daemon that dies in between costs one
 * login. */

#include "host/sessions.h"

#define CHECKED_MAX   64 /* logins between the two; the oldest makes room */
#define CHECKED_FOR_S 60 /* by the boot clock */

struct checked {
	struct {
		struct process_name process;
		uint32_t uid;
		int64_t at;
	} rows[CHECKED_MAX];
	size_t next;
};

/* `pid`, which `pidfd` holds, may log in as `uid`; a process that is gone is not noted. */
void checked_note(struct checked *checked, int32_t pid, int pidfd, uint32_t uid, int64_t boot);

/* True once for each that was noted, if that is not too long ago. */
bool checked_take(struct checked *checked, int32_t pid, uint32_t uid, int64_t boot);
