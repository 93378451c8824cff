/* SPDX-License-Identifier: MIT */

/* keeper: ends its session on time, whatever happens to the daemon.
 *
 *	keeper ID LOGIN UID SCOPE MONITOR-PID MONITOR-START AUDIT-SESSION BOOT-ID CGROUP
 *
 * Started by host/namespaces.c with descriptor 3, on which it says that it is ready and waits for
 * the word to go, and 4, the pidfd of sshd's monitor. It ends the session when
 *
 *	- the end in PATH_SESSIONS/ID has come, by the wall clock or by the boot clock, whichever is
 *	  first: setting the clock back prolongs nothing, setting it forward ends at once;
 *	- the connection is gone;
 *	- it is told to end (SIGTERM), which a machine does that shuts down.
 *
 * The daemon moves the end by replacing the file.
 *
 * As the first process of a read-only session's pid namespace it ends everything in it by ending,
 * and nothing inside can signal it. For other sessions it uses host/ending like everybody else.
 * It writes a tombstone and no more: the store is the daemon's and the CLI's. */

#include "host/accounts.h"
#include "host/cgroup.h"
#include "host/ending.h"
#include "host/keeping.h"
#include "host/sweep.h"
#include "lib/moment.h"
#include "lib/paths.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>

#define FD_LINK        3 /* host/namespaces.c has the same */
#define FD_MONITOR     4
#define END_TIMEOUT_MS 10000
#define END_TRIES      6

enum watch {
	WATCH_MONITOR,
	WATCH_WALL,
	WATCH_BOOT,
	WATCH_FILE,
	WATCH_SIGNAL,
	WATCHES,
};

struct keeper {
	struct session session;
	bool first;            /* process of its pid namespace */
	int64_t boot_epoch_ns; /* the wall clock when the boot clock was 0, had it never been set */
	struct pollfd watches[WATCHES];
};

/* --- what it was told ---------------------------------------------------------------------- */

static int parse_number(const char *text, int64_t max, int64_t *ret)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno || end == text || *end || number < 0 || number > max)
		return -EINVAL;
	*ret = number;
	return 0;
}

static int copy_text(const char *text, char *ret, size_t ret_size)
{
	return snprintf(ret, ret_size, "%s", text) < (int)ret_size ? 0 : -ENAMETOOLONG;
}

static int parse(int argc, char **argv, struct session *ret)
{
	int64_t uid, scope, pid, start, audit;

	if (argc != 10 || copy_text(argv[1], ret->id, sizeof(ret->id)) < 0 ||
		copy_text(argv[2], ret->login, sizeof(ret->login)) < 0 ||
		copy_text(argv[8], ret->boot_id, sizeof(ret->boot_id)) < 0 ||
		copy_text(argv[9], ret->cgroup, sizeof(ret->cgroup)) < 0)
		return -EINVAL;
	if (parse_number(argv[3], UINT32_MAX, &uid) < 0 ||
		parse_number(argv[4], INT_MAX, &scope) < 0 ||
		parse_number(argv[5], INT32_MAX, &pid) < 0 ||
		parse_number(argv[6], INT64_MAX, &start) < 0 ||
		parse_number(argv[7], UINT32_MAX, &audit) < 0)
		return -EINVAL;
	ret->uid = (uint32_t)uid;
	ret->scope = (enum scope)scope;
	ret->monitor = (struct process_name){ (int32_t)pid, (uint64_t)start };
	ret->audit_session = (uint32_t)audit;
	return account_uid_is_ours(ret->uid) ? 0 : -EINVAL;
}

/* --- watching ------------------------------------------------------------------------------ */

static int watch_signals(void)
{
	sigset_t all;

	(void)sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL) < 0)
		return -errno;
	(void)sigemptyset(&all);
	(void)sigaddset(&all, SIGCHLD);
	(void)sigaddset(&all, SIGTERM);
	return signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The folder, not the file: the file is replaced. */
static int watch_file(void)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd >= 0 && inotify_add_watch(fd, PATH_SESSIONS, IN_MOVED_TO | IN_ONLYDIR) < 0)
		return -errno;
	return fd;
}

/* Both clocks to the nanosecond: cut to whole seconds they differ by up to one. The wall clock is
 * read first: what passes in between makes the end later, never earlier. */
static int64_t boot_epoch_ns(void)
{
	int64_t now_ns = moment_now_ns();

	return now_ns - moment_boot_ns();
}

static bool has_come(const struct keeper *keeper)
{
	int64_t until = keeper->session.until;

	return moment_now() >= until ||
	       (moment_boot_ns() + keeper->boot_epoch_ns) / MOMENT_NS >= until;
}

static int set_timers(const struct keeper *keeper)
{
	int64_t until = keeper->session.until, part_ns = keeper->boot_epoch_ns % MOMENT_NS;
	struct itimerspec wall = { .it_value.tv_sec = until };
	struct itimerspec boot = {
		.it_value.tv_sec = until - keeper->boot_epoch_ns / MOMENT_NS - (part_ns > 0),
		.it_value.tv_nsec = part_ns > 0 ? MOMENT_NS - part_ns : -part_ns,
	};

	/* A zero would disarm, and what is less is refused. */
	if (wall.it_value.tv_sec <= 0)
		wall.it_value.tv_sec = 1;
	if (boot.it_value.tv_sec < 0 || (boot.it_value.tv_sec == 0 && boot.it_value.tv_nsec == 0))
		boot.it_value = (struct timespec){ .tv_nsec = 1 };
	if (timerfd_settime(keeper->watches[WATCH_WALL].fd,
		    TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &wall, NULL) < 0 ||
		timerfd_settime(keeper->watches[WATCH_BOOT].fd, TFD_TIMER_ABSTIME, &boot, NULL) < 0)
		return -errno;
	return 0;
}

static int start_watching(struct keeper *keeper)
{
	const int fds[WATCHES] = {
		[WATCH_MONITOR] = FD_MONITOR,
		[WATCH_WALL] = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK),
		[WATCH_BOOT] = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK),
		[WATCH_FILE] = watch_file(),
		[WATCH_SIGNAL] = watch_signals(),
	};
	struct keeping keeping;
	int r;

	for (size_t i = 0; i < WATCHES; i++) {
		if (fds[i] < 0)
			return -EIO;
		keeper->watches[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	}
	r = keeping_read(PATH_SESSIONS, keeper->session.id, &keeping);
	if (r < 0)
		return r;
	keeper->session.until = keeping.until;
	keeper->boot_epoch_ns = boot_epoch_ns();
	return set_timers(keeper);
}

/* The end was moved. An end that cannot be read any more stays where it was. */
static void follow_file(struct keeper *keeper)
{
	struct keeping keeping;
	char news[4096];

	while (read(keeper->watches[WATCH_FILE].fd, news, sizeof(news)) > 0)
		;
	if (keeping_read(PATH_SESSIONS, keeper->session.id, &keeping) < 0)
		return;
	keeper->session.until = keeping.until;
	(void)set_timers(keeper);
}

static bool is_told_to_end(struct keeper *keeper)
{
	struct signalfd_siginfo info;
	bool told = false;

	while (read(keeper->watches[WATCH_SIGNAL].fd, &info, sizeof(info)) == sizeof(info))
		told = told || info.ssi_signo == SIGTERM;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return told;
}

/* Why the session is over; NULL: it is not. */
static const char *why_over(struct keeper *keeper)
{
	if (keeper->watches[WATCH_FILE].revents)
		follow_file(keeper);
	if (has_come(keeper))
		return ENDING_EXPIRED;
	if (keeper->watches[WATCH_MONITOR].revents)
		return ENDING_CLOSED;
	if (keeper->watches[WATCH_SIGNAL].revents && is_told_to_end(keeper))
		return "its keeper was told to end it";
	return NULL;
}

static const char *keep(struct keeper *keeper)
{
	for (;;) {
		const char *why;

		if (poll(keeper->watches, WATCHES, -1) < 0 && errno != EINTR)
			return "its keeper cannot keep the time any more";
		why = why_over(keeper);
		if (why)
			return why;
		/* Moved by a clock that was set: arming again also takes the news away. */
		if (keeper->watches[WATCH_WALL].revents || keeper->watches[WATCH_BOOT].revents)
			(void)set_timers(keeper);
	}
}

/* --- ending -------------------------------------------------------------------------------- */

/* Everything in the pid namespace, then the moment for sshd's monitor, which is outside. */
static bool end_namespace(const struct keeper *keeper)
{
	struct pollfd monitor = { .fd = FD_MONITOR, .events = POLLIN };

	(void)kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	if (poll(&monitor, 1, END_TIMEOUT_MS / END_TRIES) == 0 && keeper->session.cgroup[0])
		(void)cgroup_kill(keeper->session.cgroup);
	return true;
}

/* The name service, which may be slow, is asked after the first blow. */
static bool end_processes(const struct keeper *keeper)
{
	const struct session *session = &keeper->session;
	struct problem problem = PROBLEM_NONE;
	struct ended ended = { .clean = false };
	struct struck struck;
	bool ours;

	ending_strike(session, &struck);
	ours = accounts_uid_is_alone(session->uid);
	for (int i = 0; i < END_TRIES && !ended.clean; i++) {
		bool alone = ours && !keeping_others(PATH_SESSIONS, session->uid, session->id);

		problem = PROBLEM_NONE;
		(void)ending_session(session, &struck, alone, END_TIMEOUT_MS, &ended, &problem);
	}
	if (!ended.clean)
		syslog(LOG_ALERT, "%s", problem.text);
	return ended.clean;
}

static void bury(const struct keeper *keeper, const char *why, bool clean)
{
	struct keeping_end end = { .uid = keeper->session.uid, .when = moment_now() };

	(void)snprintf(end.id, sizeof(end.id), "%s", keeper->session.id);
	(void)snprintf(end.cause, sizeof(end.cause), "%s", why);
	if (keeping_bury(PATH_SESSIONS, &end) < 0)
		syslog(LOG_ERR, "cannot write the tombstone of session %s: %m", end.id);
	else if (clean)
		keeping_lift(PATH_SESSIONS, end.id);
}

int main(int argc, char **argv)
{
	static struct keeper keeper;
	const char *why;
	bool clean;
	char go = 0;

	openlog("supportaccess-keeper", LOG_PID, LOG_AUTHPRIV);
	keeper.first = getpid() == 1;
	if (parse(argc, argv, &keeper.session) < 0 || start_watching(&keeper) < 0)
		return 1;
	if (send(FD_LINK, "r", 1, MSG_NOSIGNAL) != 1 || recv(FD_LINK, &go, 1, 0) != 1)
		return 1; /* the session was not opened after all */
	(void)close(FD_LINK);
	why = keep(&keeper);
	/* Ended first, written after: but if this process is the first of the namespace and is
	 * killed between the two, the daemon still sees that the connection is gone. */
	clean = keeper.first ? end_namespace(&keeper) : end_processes(&keeper);
	bury(&keeper, why, clean);
	syslog(LOG_INFO, "ended session %s of %s: %s", keeper.session.id, keeper.session.login,
		why);
	return 0;
}
