/* SPDX-License-Identifier: MIT */

/* Marks are read from /proc, which is slow and racy, so the order matters: take a pidfd, read the
 * marks, look whether the pidfd still lives, send the signal. A number that was reused in between
 * is noticed, because then the first process is dead.
 *
 * The audit session alone is not enough of a mark: without pam_loginuid a connection inherits the
 * one of the administrator who started sshd. Only together with the agent's login uid it counts. */

#include "host/sweep.h"
#include "lib/paths.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>

#define WAIT_MAX      128 /* processes waited for in one pass; more are seen by the next one */
#define PROC_TEXT_MAX 4096
#define AUDIT_NONE    UINT32_MAX

int64_t sweep_clock_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int time_left(int64_t deadline)
{
	int64_t left = deadline - sweep_clock_ms();

	return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

static bool has_ended(int pidfd, int timeout_ms)
{
	struct pollfd wait = { .fd = pidfd, .events = POLLIN };

	return poll(&wait, 1, timeout_ms) == 1;
}

static bool read_proc(int32_t pid, const char *file, char ret[static PROC_TEXT_MAX])
{
	char name[64];
	_cleanup_(closep) int fd = -EBADF;
	ssize_t size;

	(void)snprintf(name, sizeof(name), "/proc/%" PRId32 "/%s", pid, file);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	size = fd < 0 ? -1 : read(fd, ret, PROC_TEXT_MAX - 1);
	if (size <= 0)
		return false;
	ret[size] = 0;
	return true;
}

static uint32_t read_number(int32_t pid, const char *file)
{
	char text[PROC_TEXT_MAX];
	uint32_t number;

	if (!read_proc(pid, file, text) || sscanf(text, "%" SCNu32, &number) != 1)
		return AUDIT_NONE;
	return number;
}

/* A zombie is dead, unless only its first thread has ended and others run on. */
static bool is_dead(const char *status)
{
	const char *state = strstr(status, "\nState:\t"), *threads = strstr(status, "\nThreads:\t");
	unsigned count;

	if (!state || (state[8] != 'Z' && state[8] != 'X'))
		return false;
	return !threads || sscanf(threads, "\nThreads:\t%u", &count) != 1 || count <= 1;
}

/* Real, effective, saved and file system uid: a process that has any of them is the agent's. */
static bool has_uid(const char *status, uint32_t uid)
{
	const char *line = strstr(status, "\nUid:\t");
	uint32_t uids[4];

	if (!line || sscanf(line, "\nUid: %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32, &uids[0],
			     &uids[1], &uids[2], &uids[3]) != 4)
		return false;
	return uids[0] == uid || uids[1] == uid || uids[2] == uid || uids[3] == uid;
}

static bool is_spared(const struct sweep *sweep, int32_t pid)
{
	struct process_name name;

	if (!sweep->spare || sweep->spare->pid != pid)
		return false;
	return process_name_read(pid, &name) == 0 && name.start_time == sweep->spare->start_time;
}

bool sweep_matches(const struct sweep *sweep, int32_t pid)
{
	char status[PROC_TEXT_MAX];
	bool logged_in, matches;

	if (!account_uid_is_ours(sweep->uid) || pid <= 1 || pid == getpid())
		return false;
	logged_in = read_number(pid, "loginuid") == sweep->uid;
	if (!logged_in && !sweep->whole_agent)
		return false;
	if (!read_proc(pid, "status", status) || is_dead(status))
		return false;
	if (sweep->whole_agent)
		matches = logged_in || has_uid(status, sweep->uid);
	else
		matches = sweep->audit_session != AUDIT_NONE &&
			  read_number(pid, "sessionid") == sweep->audit_session;
	return matches && !is_spared(sweep, pid);
}

/* Kills `pid` if it matches. Returns its pidfd, to be waited for, or -ESRCH. */
static int kill_matching(const struct sweep *sweep, int32_t pid)
{
	_cleanup_(closep) int fd = -EBADF;

	if (!sweep_matches(sweep, pid)) /* most do not: no descriptor for these */
		return -ESRCH;
	fd = pidfd_open(pid, 0);
	if (fd < 0 || !sweep_matches(sweep, pid) || has_ended(fd, 0))
		return -ESRCH;
	if (pidfd_send_signal(fd, SIGKILL, NULL, 0) < 0)
		return -ESRCH;
	return TAKE_FD(fd);
}

int64_t sweep_pass(const struct sweep *sweep, int64_t deadline)
{
	int fds[WAIT_MAX], n_fds = 0;
	const struct dirent *entry;
	DIR *proc = opendir("/proc");
	bool in_time = true;
	int64_t count = 0;

	if (!proc)
		return -errno;
	while ((entry = readdir(proc))) {
		int32_t pid;
		int fd;

		if (sscanf(entry->d_name, "%" SCNd32, &pid) != 1)
			continue;
		fd = kill_matching(sweep, pid);
		if (fd < 0)
			continue;
		count++;
		if (n_fds < WAIT_MAX)
			fds[n_fds++] = fd;
		else
			(void)close(fd);
	}
	(void)closedir(proc);
	while (n_fds > 0) {
		in_time = has_ended(fds[--n_fds], time_left(deadline)) && in_time;
		(void)close(fds[n_fds]);
	}
	return in_time && sweep_clock_ms() < deadline ? count : -ETIMEDOUT;
}

/* In the child. Whoever is root's or in the reserved uid's own hands cannot be hit by mistake:
 * the signal to process 1 must be refused, or the change of uid did not do what it should. */
static _Noreturn void become_and_kill(uid_t reserved, uid_t uid)
{
	uid_t real, effective, saved;

	if (setresuid(reserved, uid, reserved) < 0)
		_exit(1);
	if (getresuid(&real, &effective, &saved) < 0 || real != reserved || effective != uid ||
		saved != reserved)
		_exit(1);
	if (kill(1, 0) == 0 || errno != EPERM)
		_exit(1);
	_exit(kill(-1, SIGKILL) < 0 && errno != ESRCH ? 1 : 0);
}

int sweep_uid(uint32_t uid, int64_t deadline)
{
	const struct passwd *reserved = getpwnam(USER_END);
	_cleanup_(closep) int fd = -EBADF;
	bool in_time;
	int status;
	pid_t child;

	if (!account_uid_is_ours(uid))
		return -EINVAL;
	if (!reserved || reserved->pw_uid == 0 || reserved->pw_uid == uid)
		return -ENOENT;
	child = fork();
	if (child < 0)
		return -errno;
	if (child == 0)
		become_and_kill(reserved->pw_uid, uid);
	fd = pidfd_open(child, 0);
	in_time = fd >= 0 && has_ended(fd, time_left(deadline));
	if (!in_time)
		(void)kill(child, SIGKILL); /* our own, not yet reaped: the number is its */
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (!in_time)
		return -ETIMEDOUT;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPERM;
}

int sweep_process(const struct process_name *process, int64_t deadline)
{
	_cleanup_(closep) int fd = process_open(process);

	if (fd == -ESRCH)
		return 0;
	if (fd < 0)
		return fd;
	if (pidfd_send_signal(fd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return -errno;
	return has_ended(fd, time_left(deadline)) ? 0 : -ETIMEDOUT;
}
