/* SPDX-License-Identifier: MIT */

/* posix_spawn and not fork: the daemon's memory is not copied. */

#include "daemon/worker.h"

#include "daemon/daemon.h"
#include "daemon/log.h"
#include "lib/cleanup.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

void worker_stop(struct worker *worker)
{
	worker->answer = sd_event_source_disable_unref(worker->answer);
	closep(&worker->fd);
	worker->fd = -EBADF;
}

static int on_gone(sd_event_source *source, const siginfo_t *info, void *context)
{
	const char *what = context;

	(void)source;
	if (info->si_code != CLD_EXITED || info->si_status != 0)
		log_say(LOG_ERR, "the process that %s ended by %s %d", what,
			info->si_code == CLD_EXITED ? "status" : "signal", info->si_status);
	return 0;
}

static int spawn(const char *option, int fd, int settings_fd, pid_t *ret)
{
	char *argv[] = { (char *)"supportaccessd", (char *)option, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int r = posix_spawn_file_actions_init(&actions);

	if (r != 0)
		return -r;
	r = posix_spawnattr_init(&attributes);
	if (r == 0) {
		sigemptyset(&none); /* the loop's are blocked, and would be in the child */
		posix_spawnattr_setsigmask(&attributes, &none);
		posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
		r = posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);
		if (r == 0)
			r = posix_spawn_file_actions_adddup2(
				&actions, settings_fd, WORKER_SETTINGS_FD);
		if (r == 0)
			r = posix_spawn(
				ret, "/proc/self/exe", &actions, &attributes, argv, environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

static int start(struct worker *worker, struct daemon *daemon, const struct worker_kind *kind)
{
	_cleanup_(closep) int theirs = -EBADF, settings = config_write(&daemon->config);
	int fds[2], r;
	pid_t pid = -1;

	if (settings < 0)
		return settings;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	worker->fd = fds[0];
	theirs = fds[1];
	r = spawn(kind->option, theirs, settings, &pid);
	if (r == 0)
		r = sd_event_add_child(
			daemon->event, NULL, pid, WEXITED, on_gone, (void *)kind->what);
	if (r >= 0)
		r = sd_event_add_io(daemon->event, &worker->answer, worker->fd, EPOLLIN,
			kind->on_answer, daemon);
	return r < 0 ? r : 0;
}

int worker_ask(struct worker *worker, struct daemon *daemon, const struct worker_kind *kind,
	const void *message, size_t size)
{
	int r = worker->fd < 0 ? start(worker, daemon, kind) : 0;

	/* Never blocks for long: the worker is idle, and its socket empty. */
	if (r == 0 && send(worker->fd, message, size, MSG_NOSIGNAL) < 0)
		r = -errno;
	if (r < 0)
		worker_stop(worker);
	return r;
}
