/* SPDX-License-Identifier: MIT */
#pragma once

/* Lines on standard error. The journal is told how grave each is, a terminal is not. */

enum log_level {
	LOG_LEVEL_ALARM = 1, /* somebody must look */
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_REQUEST = 6,
};

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
