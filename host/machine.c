/* SPDX-License-Identifier: MIT */

#include "host/machine.h"
#include "lib/cleanup.h"
#include "lib/moment.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The first line of a small file, which must be exactly `length` bytes long. */
static int read_line(const char *path, char *ret, size_t length)
{
	_cleanup_(closep) int fd = -EBADF;
	char text[64];
	ssize_t n;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	if (strcspn(text, "\n") != length)
		return -EBADMSG;
	memcpy(ret, text, length);
	ret[length] = '\0';
	return 0;
}

/* A process does not live longer than its boot; every verdict asks. */
static int read_boot_id(char ret[static 37])
{
	static char kept[37];
	int r = 0;

	if (!kept[0])
		r = read_line("/proc/sys/kernel/random/boot_id", kept, sizeof(kept) - 1);
	if (r < 0) {
		kept[0] = '\0';
		return r;
	}
	memcpy(ret, kept, sizeof(kept));
	return 0;
}

int machine_read(struct machine *ret)
{
	struct machine machine = { .boot = moment_boot() };
	int r = read_boot_id(machine.boot_id);

	if (r < 0)
		return r;
	if (read_line("/etc/machine-id", machine.id, sizeof(machine.id) - 1) < 0)
		machine.id[0] = '\0';
	*ret = machine;
	return 0;
}
