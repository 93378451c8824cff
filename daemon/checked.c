/* SPDX-License-Identifier: MIT */

#include "daemon/checked.h"

#include <poll.h>

/* A process that lives when its number has been read was the one that was read of. */
static bool is_alive(int pidfd)
{
	struct pollfd pollfd = { .fd = pidfd, .events = POLLIN };

	return pidfd >= 0 && poll(&pollfd, 1, 0) == 0;
}

void checked_note(struct checked *checked, int32_t pid, int pidfd, uint32_t uid, int64_t boot)
{
	struct process_name process;

	if (process_name_read(pid, &process) < 0 || !is_alive(pidfd))
		return;
	checked->rows[checked->next].process = process;
	checked->rows[checked->next].uid = uid;
	checked->rows[checked->next].at = boot;
	checked->next = (checked->next + 1) % CHECKED_MAX;
}

bool checked_take(struct checked *checked, int32_t pid, uint32_t uid, int64_t boot)
{
	struct process_name process;

	if (process_name_read(pid, &process) < 0)
		return false;
	for (size_t i = 0; i < CHECKED_MAX; i++) {
		if (checked->rows[i].process.pid != process.pid ||
			checked->rows[i].process.start_time != process.start_time ||
			checked->rows[i].uid != uid)
			continue;
		checked->rows[i].process.pid = 0;
		return boot - checked->rows[i].at <= CHECKED_FOR_S;
	}
	return false;
}
