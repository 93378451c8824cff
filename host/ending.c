/* SPDX-License-Identifier: MIT */

/* sshd's monitor is spared at first: when its child dies it logs the user out (utmp is right, the
 * PAM session is closed) and its client returns. It runs no code of the agent. What is left of
 * the cgroup after that moment is killed whole.
 *
 * The whole cgroup at once would be faster by a few ms but would leave the agent in `who`. */

#include "host/ending.h"
#include "host/cgroup.h"
#include "host/homes.h"
#include "host/keeping.h"
#include "host/machine.h"
#include "host/sweep.h"
#include "lib/paths.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>

#define MONITOR_GRACE_MS 300 /* for sshd's monitor to log the user out */

/* All are found before the first is killed: as soon as sshd's process is gone the keeper ends the
 * others, and they would be counted by nobody. */
struct strike {
	const struct session *session;
	const struct struck *before; /* what was struck and may still be dying: not counted again */
	int fds[STRUCK_MAX];
	size_t n_fds;
	struct struck struck;
};

static bool is_process(const struct process_name *process, int32_t pid)
{
	struct process_name name;

	return process->pid == pid && process_name_read(pid, &name) == 0 &&
	       name.start_time == process->start_time;
}

static bool was_struck(const struct struck *struck, int32_t pid)
{
	for (size_t i = 0; struck && i < struck->n_pids; i++)
		if (struck->pids[i] == pid)
			return true;
	return false;
}

static void find_one(void *context, int32_t pid)
{
	struct strike *strike = context;
	struct struck *struck = &strike->struck;
	_cleanup_(closep) int fd = -EBADF;

	if (pid == getpid() || is_process(&strike->session->monitor, pid))
		return;
	fd = pidfd_open(pid, 0);
	if (fd < 0 || !cgroup_holds(strike->session->cgroup, pid))
		return;
	if (!was_struck(strike->before, pid))
		struck->count++;
	if (strike->n_fds >= STRUCK_MAX) {
		(void)pidfd_send_signal(fd, SIGKILL, NULL, 0);
		return;
	}
	struck->pids[struck->n_pids++] = pid;
	strike->fds[strike->n_fds++] = TAKE_FD(fd);
}

static void strike(struct strike *strike)
{
	const struct session *session = strike->session;
	_cleanup_(closep) int keeper = -EBADF;

	if (session->cgroup[0])
		(void)cgroup_each(session->cgroup, find_one, strike);
	for (size_t i = 0; i < strike->n_fds; i++)
		(void)pidfd_send_signal(strike->fds[i], SIGKILL, NULL, 0);
	if (session->keeper.pid <= 0 || session->keeper.pid == getpid())
		return;
	keeper = process_open(&session->keeper);
	if (keeper >= 0) /* the first of a pid namespace takes all of it along */
		(void)pidfd_send_signal(keeper, SIGKILL, NULL, 0);
}

static int wait_for(int fd, int64_t deadline)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int64_t left = deadline - sweep_clock_ms();

	return poll(&wait, 1, left > 0 ? (int)left : 0) == 1 ? 0 : -ETIMEDOUT;
}

static void strike_done(struct strike *strike, int64_t deadline)
{
	while (strike->n_fds > 0) {
		int fd = strike->fds[--strike->n_fds];

		(void)wait_for(fd, deadline); /* the sweep finds who did not go */
		(void)close(fd);
	}
}

static bool is_of_this_boot(const struct session *session)
{
	struct machine machine;

	return machine_read(&machine) < 0 || strcmp(machine.boot_id, session->boot_id) == 0;
}

void ending_strike(const struct session *session, struct struck *ret)
{
	struct strike blow = { .session = session };

	if (is_of_this_boot(session)) {
		strike(&blow);
		strike_done(&blow, 0);
	}
	*ret = blow.struck;
}

/* Passes until one is clean. A pass that found something is followed by one stroke at the uid,
 * which what forks faster than /proc can be read does not outrun. */
static int sweep_until_clean(const struct sweep *sweep, int64_t deadline, int64_t *count)
{
	for (;;) {
		int64_t found = sweep_pass(sweep, deadline);

		if (found <= 0)
			return (int)found;
		*count += found;
		if (sweep->whole_agent)
			(void)sweep_uid(sweep->uid, deadline);
	}
}

static bool is_gone(const struct process_name *process)
{
	_cleanup_(closep) int fd = process_open(process);

	return fd == -ESRCH || (fd >= 0 && wait_for(fd, 0) == 0);
}

/* Gives the monitor its moment, then ends it and what is left of the cgroup. */
static int end_monitor(const struct session *session, int64_t start, int64_t deadline)
{
	_cleanup_(closep) int monitor = process_open(&session->monitor);
	int64_t grace = start + MONITOR_GRACE_MS;

	if (monitor >= 0)
		(void)wait_for(monitor, grace < deadline ? grace : deadline);
	if (session->cgroup[0])
		(void)cgroup_kill(session->cgroup);
	if (monitor < 0)
		return monitor == -ESRCH ? 0 : monitor;
	return sweep_process(&session->monitor, deadline);
}

int ending_session(const struct session *session, const struct struck *struck, bool whole_agent,
	int timeout_ms, struct ended *ret, struct problem *problem)
{
	struct strike blow = { .session = session, .before = struck };
	struct sweep sweep = {
		.uid = session->uid,
		.audit_session = session->audit_session,
		.whole_agent = whole_agent,
		.spare = &session->monitor,
	};
	int64_t start = sweep_clock_ms(), deadline = start + timeout_ms, count = 0;
	int r = 0;

	if (!is_of_this_boot(session)) {
		*ret = (struct ended){ .clean = true };
		return 0;
	}
	strike(&blow);
	strike_done(&blow, deadline);
	if (!is_gone(&session->monitor)) /* else there is none to be spared */
		r = sweep_until_clean(&sweep, deadline, &count);
	if (r == 0)
		r = end_monitor(session, start, deadline);
	sweep.spare = NULL;
	if (r == 0)
		r = sweep_until_clean(&sweep, deadline, &count);
	*ret = (struct ended){
		.processes = (struck ? struck->count : 0) + blow.struck.count + count,
		.ms = sweep_clock_ms() - start,
		.clean = r == 0,
	};
	if (r < 0)
		return problem_say(problem, r,
			"session %s of %s is not over: something of uid %" PRIu32
			" is still alive after %d ms (%s); look with: ps -U %" PRIu32,
			session->id, session->login, session->uid, timeout_ms, strerror(-r),
			session->uid);
	return 0;
}

int ending_clean(const struct session *session, bool whole_agent, struct problem *problem)
{
	int r = 0;

	cgroup_remove(session->cgroup);
	keeping_forget(PATH_SESSIONS, session->id);
	if (whole_agent)
		r = home_retire(PATH_HOMES, session->login, session->uid, problem);
	return r < 0 ? r : home_remove(PATH_HOMES, session->login, problem);
}
