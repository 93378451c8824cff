/* SPDX-License-Identifier: MIT */

/* systemd sets JOURNAL_STREAM for what it logs, and takes "<6>" as a level (sd-daemon(3)). */

#include "central/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LINE_SIZE 1024

void log_line(enum log_level level, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list values;

	va_start(values, format);
	vsnprintf(line, sizeof(line), format, values);
	va_end(values);
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>%s\n", level, line);
	else
		fprintf(stderr, "%s\n", line);
}
