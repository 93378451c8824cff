/* SPDX-License-Identifier: MIT */
#pragma once

/* The daemon's log: fields for the journal where there is one, else syslog; standard error too
 * when started by hand. `agent` and `session` become journal fields and may be NULL. */

#include <stdbool.h>
#include <syslog.h>

/* `to_stderr`: started by hand, somebody looks. */
void log_open(bool to_stderr);

void log_about(int priority, const char *agent, const char *session, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#define log_say(priority, ...) log_about(priority, NULL, NULL, __VA_ARGS__)
