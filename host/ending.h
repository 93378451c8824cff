/* SPDX-License-Identifier: MIT */
#pragma once

/* Ending: every process of a session is gone, and nobody else's.
 *
 * Kill first, write after. The daemon, the keeper and the CLI all call this; two of them at once
 * do no harm. In this order: pid namespace (by its keeper) and what is in the cgroup, but sshd's
 * monitor; a sweep by audit session and by uid until a pass finds nothing; the monitor, if it did
 * not end by itself in the meantime; then home and cgroup. Signals go through pidfds; an unset
 * audit session (4294967295) matches nothing. */

#include "core/config.h"
#include "host/sessions.h"

struct ended {
	int64_t processes; /* that were ended */
	int64_t ms;        /* from the first kill until nothing was left */
	bool clean;        /* nothing is left alive */
};

/* The first blow alone, without waiting: what is known to be the session's is sent SIGKILL. For
 * several sessions at once, before ending_session confirms each and counts what was struck, too. */
#define STRUCK_MAX 256 /* told apart and waited for one by one; the sweep sees the others */

struct struck {
	int32_t pids[STRUCK_MAX];
	size_t n_pids;
	int64_t count;
};

void ending_strike(const struct session *session, struct struck *ret);

/* Ends one session; `struck` is what ending_strike struck before, or NULL. `whole_agent`: no other
 * session of this agent is open, so the sweep by uid may take everything of that uid. Waits at most
 * `timeout_ms` for the last process to go. Returns 0 and what was ended, -ETIMEDOUT if something is
 * still alive (`ret` is filled), or another negative errno. */
int ending_session(const struct session *session, const struct struck *struck, bool whole_agent,
	int timeout_ms, struct ended *ret, struct problem *problem);

/* Removes what an ended session leaves: cgroup directory, keeper's files, a home that was retired,
 * and the agent's home, too, if no other session of the agent can be open (`whole_agent`). Scratch
 * is the namespaces' and went with them. */
int ending_clean(const struct session *session, bool whole_agent, struct problem *problem);

/* Causes that whoever ends a session gives. What comes to its end is often seen by several at once,
 * or its connection's end first: then the time is why. */
#define ENDING_CLOSED  "the connection was closed"
#define ENDING_EXPIRED "its time was over"

/* Ends all open sessions that no open grant covers any more with at least their scope (or all of
 * `login`, of `request`, of `session`, when those are not NULL), with events, store rows and
 * tombstones: kill, sweep, then one transaction. What the daemon does on every change and
 * `supportaccess revoke` does with the daemon dead. `cause` and `by` go into the events. */
struct ending_order {
	const char *login, *request, *session; /* NULL: any */
	bool uncovered_only;
	const char *by, *cause;
};
struct ending_report {
	int64_t sessions, processes, ms;
	bool clean;
};
int ending_run(struct store *store, const struct config *config, const struct ending_order *order,
	int64_t now, struct ending_report *ret, struct problem *problem);

/* Waits, at most `timeout_ms`, while somebody else is within ending_run. Nobody has to: it is for
 * whoever finds a session whose connection has just gone, so that its ender is who writes why and
 * how many. */
void ending_yield(int timeout_ms);

/* Ends every session while the store cannot be read, and condemns it (store_condemn). No event is
 * written: there is no chain to write it to. Returns 0, -ETIMEDOUT when something is still alive,
 * or another negative errno; what could be ended is ended all the same. */
int ending_blind(
	const char *cause, int64_t now, struct ending_report *ret, struct problem *problem);
