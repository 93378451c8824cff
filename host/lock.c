/* SPDX-License-Identifier: MIT */

/* Asked again and again: flock(2) has no bound of its own, and a signal that would give it one is
 * the whole process's. */

#include "host/lock.h"

#include "lib/cleanup.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>

#define LOCK_POLL_MS 5

int lock_take(const char *path, int patience_ms)
{
	_cleanup_(closep) int fd =
		open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

	if (fd < 0)
		return -errno;
	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += LOCK_POLL_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (waited >= patience_ms)
			return -ETIMEDOUT;
		(void)poll(NULL, 0, LOCK_POLL_MS);
	}
	return TAKE_FD(fd);
}
