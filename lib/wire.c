/* SPDX-License-Identifier: MIT */

/* The client's half of the local protocol.
 *
 * It runs inside sshd and inside login shells, so it may not keep, raise, block or install
 * anything: every call gets its own socket, its own deadline on the monotonic clock, and gives
 * both back. Waiting for a place in the listener's queue cannot be polled for (the kernel says
 * EAGAIN and nothing more), so connecting is bounded by SO_SNDTIMEO and the rest by poll. */

#include "lib/wire.h"

#include "lib/cleanup.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>

#define MS_PER_S  1000
#define US_PER_MS 1000
#define NS_PER_MS 1000000

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int) * WIRE_FDS_MAX)];
};

static int64_t monotonic_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

/* What is left until the deadline, or -ETIMEDOUT. */
static int left_ms(int64_t deadline)
{
	int64_t left = deadline - monotonic_ms();

	return left > 0 ? (int)left : -ETIMEDOUT;
}

/* Waits until `fd` can be read or written: 0 or a negative errno. */
static int wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd pollfd = { .fd = fd, .events = events };
	int left, r;

	do {
		left = left_ms(deadline);
		if (left < 0)
			return left;
		r = poll(&pollfd, 1, left);
	} while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	return r > 0 ? 0 : -ETIMEDOUT;
}

static int set_address(const char *path, struct sockaddr_un *ret)
{
	size_t length = strlen(path);

	if (length >= sizeof(ret->sun_path))
		return -ENAMETOOLONG;
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(ret->sun_path, path, length);
	return 0;
}

/* An interrupted connect of a Unix socket has not begun anything: it may be tried again. */
static int connect_until(int fd, const struct sockaddr_un *address, int64_t deadline)
{
	int left;

	for (;;) {
		struct timeval timeout;

		left = left_ms(deadline);
		if (left < 0)
			return left;
		timeout.tv_sec = left / MS_PER_S;
		timeout.tv_usec = left % MS_PER_S * US_PER_MS;
		if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0)
			return -errno;
		if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
			return 0;
		if (errno == EAGAIN)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

/* Whoever may bind the path may answer on it: believe root alone. */
static int check_peer(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return -errno;
	return peer.uid == 0 ? 0 : -EPERM;
}

static int send_until(int fd, const void *message, size_t size, int64_t deadline)
{
	for (;;) {
		ssize_t n = send(fd, message, size, MSG_NOSIGNAL | MSG_DONTWAIT);
		int r;

		if (n >= 0)
			return (size_t)n == size ? 0 : -EPROTO;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return -errno;
		r = wait_for(fd, POLLOUT, deadline);
		if (r < 0)
			return r;
	}
}

static void close_all(const int *fds, size_t n_fds)
{
	for (size_t i = 0; i < n_fds; i++)
		(void)close(fds[i]);
}

/* Collects the descriptors of a message; what does not fit was closed by the kernel. */
static size_t take_descriptors(struct msghdr *message, int fds[static WIRE_FDS_MAX])
{
	size_t n_fds = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		if (n > WIRE_FDS_MAX - n_fds)
			n = WIRE_FDS_MAX - n_fds;
		memcpy(fds + n_fds, CMSG_DATA(c), n * sizeof(int));
		n_fds += n;
	}
	return n_fds;
}

static bool is_answer_to(const void *request, const void *answer, size_t size)
{
	struct wire_header asked, got;

	if (size < sizeof(got))
		return false;
	memcpy(&asked, request, sizeof(asked));
	memcpy(&got, answer, sizeof(got));
	return got.magic == WIRE_MAGIC && got.version == asked.version && got.op == asked.op;
}

/* One recvmsg: 0, -EAGAIN to try again, or another negative errno. */
static int receive_once(int fd, void *answer, size_t max, size_t *ret_size,
	int fds[static WIRE_FDS_MAX], size_t *ret_n_fds)
{
	union control control;
	struct iovec iov = { .iov_base = answer, .iov_len = max };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	*ret_n_fds = take_descriptors(&message, fds);
	if (n > 0 && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		*ret_size = (size_t)n;
		return 0;
	}
	close_all(fds, *ret_n_fds);
	*ret_n_fds = 0;
	return -EPROTO;
}

static int receive_until(int fd, int64_t deadline, void *answer, size_t max, size_t *ret_size,
	int fds[static WIRE_FDS_MAX], size_t *ret_n_fds)
{
	int r;

	do {
		r = wait_for(fd, POLLIN, deadline);
		if (r < 0)
			return r;
		r = receive_once(fd, answer, max, ret_size, fds, ret_n_fds);
	} while (r == -EAGAIN);
	return r;
}

/* Connects and sends. */
static int tell(const char *path, int64_t deadline, const void *request, size_t size, int *ret_fd)
{
	_cleanup_(closep) int fd = -EBADF;
	struct sockaddr_un address;
	int r;

	r = set_address(path, &address);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	r = connect_until(fd, &address, deadline);
	if (r < 0)
		return r;
	r = check_peer(fd);
	if (r < 0)
		return r;
	r = send_until(fd, request, size, deadline);
	if (r < 0)
		return r;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int wire_ask(const char *socket_path, int timeout_ms, const void *request, size_t request_size,
	void *ret_answer, size_t answer_max, size_t *ret_size, int *ret_fds, size_t *ret_n_fds)
{
	_cleanup_(closep) int fd = -EBADF;
	int64_t deadline = monotonic_ms() + timeout_ms;
	int fds[WIRE_FDS_MAX];
	size_t n_fds = 0, size = 0;
	int r;

	r = tell(socket_path, deadline, request, request_size, &fd);
	if (r < 0)
		return r;
	r = receive_until(fd, deadline, ret_answer, answer_max, &size, fds, &n_fds);
	if (r < 0)
		return r;
	if (!is_answer_to(request, ret_answer, size)) {
		close_all(fds, n_fds);
		return -EPROTO;
	}
	*ret_size = size;
	if (!ret_fds) {
		close_all(fds, n_fds);
		return 0;
	}
	memcpy(ret_fds, fds, n_fds * sizeof(int));
	*ret_n_fds = n_fds;
	return 0;
}

int wire_tell(const char *socket_path, int timeout_ms, const void *request, size_t request_size)
{
	_cleanup_(closep) int fd = -EBADF;

	return tell(socket_path, monotonic_ms() + timeout_ms, request, request_size, &fd);
}

bool wire_speaks(uint16_t newest, uint16_t version)
{
	return version > 0 && version <= newest && newest - version <= 1;
}

bool wire_text_is_clean(const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	if (length == size)
		return false;
	for (size_t i = length; i < size; i++)
		if (text[i])
			return false;
	return true;
}

bool wire_login_is_sound(const void *message, size_t size)
{
	const struct wire_login *login = message;

	return size == sizeof(*login) && wire_text_is_clean(login->user, sizeof(login->user)) &&
	       wire_text_is_clean(login->service, sizeof(login->service)) &&
	       wire_text_is_clean(login->terminal, sizeof(login->terminal)) &&
	       wire_text_is_clean(login->remote_host, sizeof(login->remote_host)) &&
	       account_name_is_ours(login->user);
}
