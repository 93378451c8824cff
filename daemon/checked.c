/* SPDX-License-Identifier: MIT */

#include "daemon/checked.h"

void checked_note(struct checked *checked, int32_t pid, uint32_t uid, int64_t boot)
{
	struct process_name process;

	if (process_name_read(pid, &process) < 0)
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
