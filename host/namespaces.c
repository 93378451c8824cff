/* SPDX-License-Identifier: MIT */

/* Who is who:
 *
 *	daemon		asks, waits at most `timeout_ms`, receives three descriptors
 *	  builder	its child: enters sshd's mount namespace and builds; ends after a few ms
 *	    keeper	the builder's child, first process of the pid namespace; lives as long as
 *			the session, in the daemon's own mount namespace
 *
 * The builder is forked and not executed: the daemon has one thread, so the child may use all of
 * libc, and it needs no file of ours in whatever mount namespace it is in. The keeper is started
 * before the builder leaves the daemon's mount namespace, and waits for the word to go: whatever
 * goes wrong before, it ends without a trace. */

#include "host/namespaces.h"
#include "host/homes.h"
#include "host/keeping.h"
#include "host/mounts.h"
#include "host/sweep.h"
#include "lib/paths.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* The keeper's descriptors: daemon/keeper.c has the same. */
#define KEEPER_FD_LINK    3
#define KEEPER_FD_MONITOR 4

struct report {
	int32_t result;
	int32_t keeper;
	struct problem problem;
};

struct builder {
	const struct session *session;
	const struct config *config; /* NULL: a keeper alone */
	int monitor;                 /* pidfd */
	int proc, root;              /* /proc of the daemon, and sshd's root folder */
	int link;                    /* to the daemon */
};

/* --- the builder --------------------------------------------------------------------------- */

static _Noreturn void become_keeper(const struct builder *builder, int link)
{
	const struct session *session = builder->session;
	char uid[16], pid[16], start[24], audit[16], scope[16];
	const char *const argv[] = { "keeper", session->id, session->login, uid, scope, pid, start,
		audit, session->boot_id, session->cgroup, NULL };
	static const char *const environment[] = { "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)snprintf(uid, sizeof(uid), "%" PRIu32, session->uid);
	(void)snprintf(scope, sizeof(scope), "%d", (int)session->scope);
	(void)snprintf(pid, sizeof(pid), "%" PRId32, session->monitor.pid);
	(void)snprintf(start, sizeof(start), "%" PRIu64, session->monitor.start_time);
	(void)snprintf(audit, sizeof(audit), "%" PRIu32, session->audit_session);
	/* Above all targets first, so that none is overwritten before it is moved. */
	link = fcntl(link, F_DUPFD_CLOEXEC, 10);
	if (null < 0 || link < 0 || setsid() < 0 || chdir("/") < 0)
		_exit(1);
	if (dup2(fcntl(builder->monitor, F_DUPFD_CLOEXEC, 10), KEEPER_FD_MONITOR) < 0 ||
		dup2(link, KEEPER_FD_LINK) < 0)
		_exit(1);
	for (int fd = 0; fd < KEEPER_FD_LINK; fd++)
		if (dup2(null, fd) < 0)
			_exit(1);
	if (close_range(KEEPER_FD_MONITOR + 1, ~0U, 0) == 0)
		(void)execve(PATH_KEEPER, (char *const *)argv, (char *const *)environment);
	_exit(1);
}

/* Starts it and waits until it says that it is ready; `*ret_link` is to tell it to go. */
static int start_keeper(const struct builder *builder, int *ret_link, struct report *report)
{
	_cleanup_(closep) int ours = -EBADF, its = -EBADF;
	int pair[2];
	pid_t pid;
	char ready;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	ours = pair[0];
	its = pair[1];
	pid = fork();
	if (pid < 0)
		return problem_say(
			&report->problem, -errno, "cannot start a keeper: %s", strerror(errno));
	if (pid == 0)
		become_keeper(builder, its);
	(void)close(TAKE_FD(its));
	if (recv(ours, &ready, 1, 0) != 1)
		return problem_say(&report->problem, -ENOEXEC,
			"cannot start the session's keeper, " PATH_KEEPER
			"; is it installed? See: supportaccess doctor");
	report->keeper = pid;
	*ret_link = TAKE_FD(ours);
	return 0;
}

static int open_namespaces(const struct builder *builder, int fds[static NAMESPACES])
{
	static const char *const names[NAMESPACES] = {
		[NAMESPACE_MOUNT] = "self/ns/mnt",
		[NAMESPACE_IPC] = "self/ns/ipc",
		[NAMESPACE_PID] = "self/ns/pid_for_children",
	};

	for (size_t i = 0; i < NAMESPACES; i++) {
		fds[i] = openat(builder->proc, names[i], O_RDONLY | O_CLOEXEC);
		if (fds[i] < 0)
			return -errno;
	}
	return 0;
}

static int build_mounts(const struct builder *builder, struct report *report)
{
	struct mounts mounts = {
		.uid = builder->session->uid,
		.config = builder->config,
		.root = builder->root,
		.proc = builder->proc,
	};
	char home[HOME_PATH_MAX];

	/* The process is named by its pidfd: what it enters cannot be another's. */
	if (setns(builder->monitor, CLONE_NEWNS) < 0)
		return problem_say(&report->problem, -errno,
			"cannot enter sshd's mount namespace: %s", strerror(errno));
	home_path(builder->session->login, home);
	mounts.home = home + sizeof(PATH_HOMES);
	return mounts_confine(&mounts, &report->problem);
}

static int build(const struct builder *builder, int fds[static NAMESPACES], int *ret_link,
	struct report *report)
{
	int r;

	if (builder->config && unshare(CLONE_NEWPID) < 0)
		return problem_say(&report->problem, -errno, "cannot make a pid namespace: %s",
			strerror(errno));
	r = start_keeper(builder, ret_link, report);
	if (r < 0 || !builder->config)
		return r;
	r = build_mounts(builder, report);
	if (r < 0)
		return r;
	return open_namespaces(builder, fds);
}

static int send_report(const struct builder *builder, const struct report *report, const int *fds)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(NAMESPACES * sizeof(int))];
	} control = { 0 };
	struct iovec body = { .iov_base = (void *)report, .iov_len = sizeof(*report) };
	struct msghdr message = { .msg_iov = &body, .msg_iovlen = 1 };

	if (report->result == 0 && builder->config) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(NAMESPACES * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, NAMESPACES * sizeof(int));
	}
	return sendmsg(builder->link, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static _Noreturn void run_builder(const struct builder *builder)
{
	struct report report = { 0 };
	int fds[NAMESPACES] = { -EBADF, -EBADF, -EBADF }, link = -EBADF;

	report.result = build(builder, fds, &link, &report);
	if (send_report(builder, &report, fds) == 0 && report.result == 0)
		(void)send(link, "g", 1, MSG_NOSIGNAL);
	_exit(0);
}

/* --- the daemon's side --------------------------------------------------------------------- */

static int receive_report(int link, int64_t deadline, struct report *ret,
	int ret_fds[static NAMESPACES], size_t *ret_n)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(NAMESPACES * sizeof(int))];
	} control;
	struct iovec body = { .iov_base = ret, .iov_len = sizeof(*ret) };
	struct msghdr message = { .msg_iov = &body,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct pollfd wait = { .fd = link, .events = POLLIN };
	int64_t left = deadline - sweep_clock_ms();
	const struct cmsghdr *header;

	if (poll(&wait, 1, left > 0 ? (int)left : 0) != 1)
		return -ETIMEDOUT;
	if (recvmsg(link, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) != (ssize_t)sizeof(*ret))
		return -ECHILD;
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_type == SCM_RIGHTS) {
		*ret_n = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(ret_fds, CMSG_DATA(header), *ret_n * sizeof(int));
	}
	return 0;
}

static int await(int link, pid_t child, bool namespaces, int timeout_ms, struct namespaces *ret,
	struct problem *problem)
{
	_cleanup_(namespaces_done) struct namespaces built = NAMESPACES_NONE;
	struct report report = { 0 };
	size_t n = 0;
	int r = receive_report(link, sweep_clock_ms() + timeout_ms, &report, built.fds, &n);

	if (r < 0)
		(void)kill(child, SIGKILL); /* not yet reaped: the number is its */
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	if (r < 0)
		return problem_say(problem, r, "cannot prepare the session: %s",
			r == -ETIMEDOUT ? "it took too long" : "the helper ended unexpectedly");
	if (report.result < 0)
		return problem_say(problem, report.result, "%s",
			report.problem.text[0] ? report.problem.text : strerror(-report.result));
	if (n != (namespaces ? NAMESPACES : 0))
		return problem_say(
			problem, -EPROTO, "cannot prepare the session: %zu namespaces", n);
	r = process_name_read(report.keeper, &built.keeper);
	if (r < 0)
		return problem_say(problem, r, "the session's keeper ended at once");
	*ret = built;
	built = NAMESPACES_NONE;
	return 0;
}

static int open_monitor(struct builder *builder, struct problem *problem)
{
	const struct process_name *monitor = &builder->session->monitor;
	char root[32];

	builder->monitor = process_open(monitor);
	if (builder->monitor < 0)
		return problem_say(problem, builder->monitor, "the connection is gone");
	builder->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	(void)snprintf(root, sizeof(root), "%" PRId32 "/root", monitor->pid);
	builder->root = openat(builder->proc, root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (builder->proc < 0 || builder->root < 0)
		return problem_say(problem, -errno, "cannot look at sshd's process %" PRId32 ": %s",
			monitor->pid, strerror(errno));
	if (pidfd_send_signal(builder->monitor, 0, NULL, 0) < 0) /* the number is still its */
		return problem_say(problem, -ESRCH, "the connection is gone");
	return 0;
}

static void builder_done(struct builder *builder)
{
	closep(&builder->monitor);
	closep(&builder->proc);
	closep(&builder->root);
	closep(&builder->link);
}

static int run(const struct session *session, const struct config *config, int timeout_ms,
	struct namespaces *ret, struct problem *problem)
{
	_cleanup_(builder_done) struct builder builder = { session, config, -EBADF, -EBADF, -EBADF,
		-EBADF };
	struct keeping keeping = { .uid = session->uid, .until = session->until };
	_cleanup_(closep) int link = -EBADF;
	int pair[2], r;
	pid_t child;

	(void)snprintf(keeping.id, sizeof(keeping.id), "%s", session->id);
	r = keeping_write(PATH_SESSIONS, &keeping);
	if (r < 0)
		return problem_say(problem, r,
			"cannot write the session's end below " PATH_SESSIONS ": %s", strerror(-r));
	r = open_monitor(&builder, problem);
	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return problem_say(
			problem, -errno, "cannot prepare the session: %s", strerror(errno));
	link = pair[0];
	builder.link = pair[1];
	child = fork();
	if (child < 0)
		return problem_say(
			problem, -errno, "cannot prepare the session: %s", strerror(errno));
	if (child == 0)
		run_builder(&builder);
	(void)close(TAKE_FD(builder.link));
	return await(link, child, config != NULL, timeout_ms, ret, problem);
}

int namespaces_build(const struct session *session, const struct config *config, int timeout_ms,
	struct namespaces *ret, struct problem *problem)
{
	int r = run(session, config, timeout_ms, ret, problem);

	if (r < 0)
		keeping_forget(PATH_SESSIONS, session->id);
	return r;
}

int namespaces_keeper(const struct session *session, int timeout_ms, struct process_name *ret,
	struct problem *problem)
{
	struct namespaces built = NAMESPACES_NONE;
	int r = run(session, NULL, timeout_ms, &built, problem);

	if (r < 0)
		keeping_forget(PATH_SESSIONS, session->id);
	else
		*ret = built.keeper;
	return r;
}

void namespaces_done(struct namespaces *namespaces)
{
	for (size_t i = 0; i < NAMESPACES; i++)
		closep(&namespaces->fds[i]);
}
