/* SPDX-License-Identifier: MIT */

/* A socket that we make is bound under another name, given its owner and mode, and then renamed:
 * there is no moment at which the wrong people could connect, and one that a killed daemon left
 * behind is replaced. A lock keeps a second daemon from taking the sockets of a running one. */

#include "daemon/sockets.h"

#include "lib/cleanup.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#define BACKLOG 128

static const struct {
	const char *name;
	mode_t mode;
	bool for_courier;
} kinds[SOCKETS] = {
	{ "control", 0600, false },
	{ "session", 0666, false },
	{ "courier", 0660, true },
};

int sockets_pidfd_open(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : fd;
}

static int bind_at(int fd, const char *path, mode_t mode, gid_t gid)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	(void)unlink(path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	if (chown(path, 0, gid) < 0 || chmod(path, mode) < 0)
		return -errno;
	return 0;
}

static int make_one(const char *run_dir, int kind, gid_t courier, struct sockets *sockets)
{
	_cleanup_(closep) int fd =
		socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char *path = sockets->paths[kind];
	char temporary[sizeof(sockets->paths[0])];
	int n, r;

	if (fd < 0)
		return -errno;
	n = snprintf(temporary, sizeof(temporary), "%s/.%s.sock", run_dir, kinds[kind].name);
	if (n < 0 || (size_t)n >= sizeof(temporary))
		return -ENAMETOOLONG;
	r = bind_at(fd, temporary, kinds[kind].mode, kinds[kind].for_courier ? courier : 0);
	if (r < 0)
		return r;
	if (listen(fd, BACKLOG) < 0)
		return -errno;
	(void)snprintf(path, sizeof(sockets->paths[0]), "%s/%s.sock", run_dir, kinds[kind].name);
	if (rename(temporary, path) < 0)
		return -errno;
	sockets->fds[kind] = TAKE_FD(fd);
	return 0;
}

static int take_lock(const char *run_dir, struct sockets *sockets)
{
	_cleanup_(closep) int fd = -EBADF;
	char path[sizeof(sockets->paths[0])];

	(void)snprintf(path, sizeof(path), "%s/daemon.lock", run_dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	sockets->lock = TAKE_FD(fd);
	return 0;
}

static int make_all(
	const char *run_dir, gid_t courier, struct sockets *sockets, struct problem *problem)
{
	int r;

	if (mkdir(run_dir, 0755) < 0 && errno != EEXIST)
		return problem_say(problem, -errno, "cannot make %s: %m", run_dir);
	r = take_lock(run_dir, sockets);
	if (r == -EWOULDBLOCK)
		return problem_say(problem, -EBUSY, "another supportaccessd serves %s", run_dir);
	if (r < 0)
		return problem_say(
			problem, r, "cannot lock %s/daemon.lock: %s", run_dir, strerror(-r));
	for (int i = 0; i < SOCKETS; i++) {
		r = make_one(run_dir, i, courier, sockets);
		if (r < 0)
			return problem_say(problem, r, "cannot make %s/%s.sock: %s", run_dir,
				kinds[i].name, strerror(-r));
	}
	return 0;
}

static int kind_of(const char *name)
{
	for (int i = 0; i < SOCKETS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return i;
	return -ENOENT;
}

/* All three or none: half of them is a mistake in the units that somebody must see. */
static int take_passed(char **names, int n, struct sockets *sockets, struct problem *problem)
{
	for (int i = 0; i < n; i++) {
		int fd = SD_LISTEN_FDS_START + i;
		int kind = kind_of(names[i]);

		if (kind < 0 || sockets->fds[kind] >= 0 ||
			sd_is_socket_unix(fd, SOCK_SEQPACKET, 1, NULL, 0) <= 0)
			return problem_say(problem, -EINVAL,
				"systemd passed a socket \"%s\": known are control, session and "
				"courier, each a listening SOCK_SEQPACKET",
				names[i]);
		sockets->fds[kind] = fd;
	}
	for (int i = 0; i < SOCKETS; i++)
		if (sockets->fds[i] < 0)
			return problem_say(problem, -EINVAL,
				"systemd passed sockets, but not %s: start "
				"supportaccessd-%s.socket, too",
				kinds[i].name, kinds[i].name);
	return 0;
}

int sockets_open(
	const char *run_dir, const char *courier_user, struct sockets *ret, struct problem *problem)
{
	const struct passwd *courier = getpwnam(courier_user);
	char **names = NULL;
	int n, r;

	*ret = (struct sockets){ .fds = { -EBADF, -EBADF, -EBADF },
		.lock = -EBADF,
		.opened = true,
		.courier_uid = courier ? courier->pw_uid : (uid_t)-1 };
	n = sd_listen_fds_with_names(1, &names);
	if (n < 0)
		return problem_say(problem, n, "cannot take systemd's sockets: %s", strerror(-n));
	r = n > 0 ? take_passed(names, n, ret, problem)
		  : make_all(run_dir, courier ? courier->pw_gid : 0, ret, problem);
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return r;
}

void sockets_close(struct sockets *sockets)
{
	if (!sockets->opened)
		return;
	for (int i = 0; i < SOCKETS; i++) {
		closep(&sockets->fds[i]);
		if (sockets->paths[i][0])
			(void)unlink(sockets->paths[i]);
	}
	closep(&sockets->lock);
	sockets->opened = false;
}
