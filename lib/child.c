/* SPDX-License-Identifier: MIT */

/* posix_spawn, a pidfd and poll.
 *
 * What goes in is a sealed anonymous file and not a pipe: nothing to write while reading, no
 * SIGPIPE when the child does not care. Descriptors are first lifted above those that the child
 * will use, because a caller whose own 0, 1 or 2 is closed would otherwise see them collide.
 *
 * A child without the terminal gets a session of its own: it can ask nobody for a passphrase, and
 * it is killed together with what it started. */

#include "lib/child.h"

#include "lib/file.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define FIRST_HANDED (STDERR_FILENO + 1)
#define FIRST_FREE   (FIRST_HANDED + CHILD_FDS_MAX) /* above every descriptor of the child */

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

struct stream {
	int read_fd, write_fd;
	char *bytes;
	size_t size;
};

struct run {
	const struct child *child;
	struct stream output, error;
	int input_fd;
	int lifted[CHILD_FDS_MAX];
	pid_t pid;
	int pidfd;
	int64_t deadline_ms;
};

static int64_t clock_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int lift(int *fd)
{
	int lifted = fcntl(*fd, F_DUPFD_CLOEXEC, FIRST_FREE);

	if (lifted < 0)
		return -errno;
	closep(fd);
	*fd = lifted;
	return 0;
}

int child_file(const char *name, const void *bytes, size_t size)
{
	const int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
	_cleanup_(closep) int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r;

	if (fd < 0)
		return -errno;
	r = file_write(fd, bytes, size);
	if (r < 0)
		return r;
	if (fchmod(fd, 0444) < 0 || fcntl(fd, F_ADD_SEALS, seals) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	return TAKE_FD(fd);
}

static int stream_open(struct stream *stream)
{
	int fds[2], r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	stream->read_fd = fds[0];
	stream->write_fd = fds[1];
	r = lift(&stream->read_fd);
	if (r == 0)
		r = lift(&stream->write_fd);
	if (r < 0)
		return r;
	return fcntl(stream->read_fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* Reads what there is. Returns 0, or -EMSGSIZE beyond the limit. */
static int stream_read(struct stream *stream, size_t max)
{
	char buffer[4096];
	ssize_t n;

	while (stream->read_fd >= 0 && (n = read(stream->read_fd, buffer, sizeof(buffer))) != 0) {
		char *grown;

		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		if ((size_t)n > max - stream->size)
			return -EMSGSIZE;
		grown = realloc(stream->bytes, stream->size + (size_t)n + 1);
		if (!grown)
			return -ENOMEM;
		stream->bytes = grown;
		memcpy(stream->bytes + stream->size, buffer, (size_t)n);
		stream->size += (size_t)n;
	}
	closep(&stream->read_fd);
	stream->read_fd = -EBADF;
	return 0;
}

static int run_open(struct run *run)
{
	const struct child *child = run->child;
	int r;

	if (child->n_fds > CHILD_FDS_MAX)
		return -EINVAL;
	for (size_t i = 0; i < child->n_fds; i++) {
		run->lifted[i] = fcntl(child->fds[i], F_DUPFD_CLOEXEC, FIRST_FREE);
		if (run->lifted[i] < 0)
			return -errno;
	}
	run->input_fd = child->input ? child_file("input", child->input, child->input_size)
				     : open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (run->input_fd < 0)
		return child->input ? run->input_fd : -errno;
	r = lift(&run->input_fd);
	if (r == 0)
		r = stream_open(&run->output);
	if (r == 0 && !child->interactive)
		r = stream_open(&run->error);
	return r;
}

static void stream_done(struct stream *stream)
{
	closep(&stream->read_fd);
	closep(&stream->write_fd);
	free(stream->bytes);
}

static void run_done(struct run *run)
{
	closep(&run->input_fd);
	closep(&run->pidfd);
	for (size_t i = 0; i < CHILD_FDS_MAX; i++)
		closep(&run->lifted[i]);
	stream_done(&run->output);
	stream_done(&run->error);
}

static int spawn_actions(const struct run *run, posix_spawn_file_actions_t *actions)
{
	int r = posix_spawn_file_actions_adddup2(actions, run->input_fd, STDIN_FILENO);

	if (r == 0)
		r = posix_spawn_file_actions_adddup2(actions, run->output.write_fd, STDOUT_FILENO);
	if (r == 0 && !run->child->interactive)
		r = posix_spawn_file_actions_adddup2(actions, run->error.write_fd, STDERR_FILENO);
	for (size_t i = 0; r == 0 && i < run->child->n_fds; i++)
		r = posix_spawn_file_actions_adddup2(
			actions, run->lifted[i], FIRST_HANDED + (int)i);
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(
			actions, FIRST_HANDED + (int)run->child->n_fds);
	return -r;
}

static int spawn_attributes(const struct run *run, posix_spawnattr_t *attributes)
{
	short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
	sigset_t all, none;
	int r;

	sigfillset(&all);
	sigemptyset(&none);
	if (!run->child->interactive)
		flags |= POSIX_SPAWN_SETSID;
	r = posix_spawnattr_setsigdefault(attributes, &all);
	if (r == 0)
		r = posix_spawnattr_setsigmask(attributes, &none);
	if (r == 0)
		r = posix_spawnattr_setflags(attributes, flags);
	return -r;
}

static int run_start(struct run *run)
{
	static const char *const clean[] = { "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", NULL };
	const char *const *envp = run->child->envp ? run->child->envp : clean;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int r;

	r = -posix_spawn_file_actions_init(&actions);
	if (r < 0)
		return r;
	r = -posix_spawnattr_init(&attributes);
	if (r == 0) {
		r = spawn_actions(run, &actions);
		if (r == 0)
			r = spawn_attributes(run, &attributes);
		if (r == 0)
			r = -posix_spawn(&run->pid, run->child->path, &actions, &attributes,
				(char **)run->child->argv, (char **)envp);
		(void)posix_spawnattr_destroy(&attributes);
	}
	(void)posix_spawn_file_actions_destroy(&actions);
	return r;
}

/* Until it is gone, too late or too loud. What its own children still hold open is not waited for.
 */
static int run_watch(struct run *run)
{
	size_t max = run->child->output_max ? run->child->output_max : CHILD_OUTPUT_MAX;
	struct pollfd polls[] = { { run->pidfd, POLLIN, 0 }, { 0, POLLIN, 0 }, { 0, POLLIN, 0 } };
	bool gone = false;
	int r;

	while (!gone) {
		int64_t left = run->child->timeout_ms < 0 ? -1 : run->deadline_ms - clock_ms();

		if (run->child->timeout_ms >= 0 && left <= 0)
			return -ETIMEDOUT;
		polls[1].fd = run->output.read_fd;
		polls[2].fd = run->error.read_fd;
		if (poll(polls, 3, (int)left) < 0 && errno != EINTR)
			return -errno;
		gone = polls[0].revents != 0;
		r = stream_read(&run->output, max);
		if (r == 0)
			r = stream_read(&run->error, max);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Reaps it, after killing it and its session if `kill_first`. The number is still its own: nobody
 * else reaps our children. */
static int run_reap(const struct run *run, bool kill_first, int *ret_status)
{
	siginfo_t info;

	if (kill_first) {
		(void)kill(run->pid, SIGKILL);
		if (!run->child->interactive)
			(void)kill(-run->pid, SIGKILL);
	}
	while (waitid(P_PID, (id_t)run->pid, &info, WEXITED) < 0)
		if (errno != EINTR)
			return -errno;
	*ret_status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
	return 0;
}

/* A caller may use the text of a stream that nothing was written to. */
static int stream_take(struct stream *stream, char **ret, size_t *ret_size)
{
	*ret = stream->bytes ? stream->bytes : malloc(1);
	if (!*ret)
		return -ENOMEM;
	stream->bytes = NULL;
	*ret_size = stream->size;
	(*ret)[stream->size] = '\0';
	return 0;
}

int child_run(const struct child *child, struct child_result *ret)
{
	const struct stream closed = { -EBADF, -EBADF, NULL, 0 };
	_cleanup_(run_done) struct run run = {
		.child = child,
		.output = closed,
		.error = closed,
		.input_fd = -EBADF,
		.pidfd = -EBADF,
	};
	_cleanup_(child_result_done) struct child_result result = { 0 };
	int r, reaped;

	memset(run.lifted, 0xff, sizeof(run.lifted));
	r = run_open(&run);
	if (r == 0)
		r = run_start(&run);
	if (r < 0)
		return r;
	closep(&run.output.write_fd);
	closep(&run.error.write_fd);
	run.output.write_fd = run.error.write_fd = -EBADF;
	run.deadline_ms = clock_ms() + child->timeout_ms;
	run.pidfd = pidfd_open(run.pid, 0);
	r = run.pidfd < 0 ? -errno : run_watch(&run);
	reaped = run_reap(&run, r < 0, &result.status);
	if (r == 0)
		r = reaped;
	if (r == 0)
		r = stream_take(&run.output, &result.output, &result.output_size);
	if (r == 0)
		r = stream_take(&run.error, &result.error, &result.error_size);
	if (r < 0)
		return r;
	*ret = result;
	result = (struct child_result){ 0 };
	return 0;
}

void child_result_done(struct child_result *result)
{
	free(result->output);
	free(result->error);
	*result = (struct child_result){ 0 };
}
