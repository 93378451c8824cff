/* SPDX-License-Identifier: MIT */
#pragma once

/* Which process, and not only which number. Within one boot. */

#include <stdint.h>

struct process_name {
	int32_t pid;         /* 0: none */
	uint64_t start_time; /* field 22 of /proc/PID/stat, clock ticks since boot */
};

/* Reads a process's name from /proc; -ESRCH if it is gone. */
int process_name_read(int32_t pid, struct process_name *ret);

/* A pidfd of exactly that process; -ESRCH if it is gone or another has its number. */
int process_open(const struct process_name *process);
