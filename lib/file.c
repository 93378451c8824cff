/* SPDX-License-Identifier: MIT */

/* A signal without SA_RESTART, and a file system that is slow or full, cut reads and writes short
 * where one would not expect it. */

#include "lib/file.h"

#include <errno.h>
#include <unistd.h>

ssize_t file_read(int fd, void *ret, size_t max)
{
	size_t used = 0;

	while (used < max) {
		ssize_t n = read(fd, (char *)ret + used, max - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

int file_write(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}
