/* SPDX-License-Identifier: MIT */

/* A process is found again only when number and start time agree: numbers are used again, a kill
 * by number alone could hit anybody. */

#include "host/process.h"
#include "lib/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Field 22, counted from behind the command's name, which may hold spaces and brackets. */
static int parse_start_time(const char *stat, uint64_t *ret)
{
	const char *p = strrchr(stat, ')');
	char *end;

	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	if (!p)
		return -EBADMSG;
	*ret = strtoull(p + 1, &end, 10);
	return *end == ' ' ? 0 : -EBADMSG;
}

int process_name_read(int32_t pid, struct process_name *ret)
{
	_cleanup_(closep) int fd = -EBADF;
	char path[32], stat[1024];
	uint64_t start_time;
	ssize_t n;
	int r;

	if (pid <= 0)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%" PRId32 "/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	n = read(fd, stat, sizeof(stat) - 1);
	if (n < 0)
		return -errno;
	stat[n] = '\0';
	r = parse_start_time(stat, &start_time);
	if (r < 0)
		return r;
	*ret = (struct process_name){ pid, start_time };
	return 0;
}

/* The descriptor first, then the name: a number that changes hands in between is seen. */
int process_open(const struct process_name *process)
{
	_cleanup_(closep) int fd = -EBADF;
	struct process_name now = { 0 };
	int r;

	if (process->pid <= 0)
		return -ESRCH;
	fd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (fd < 0)
		return -errno;
	r = process_name_read(process->pid, &now);
	if (r != 0)
		return r;
	if (now.start_time != process->start_time)
		return -ESRCH;
	return TAKE_FD(fd);
}
