/* SPDX-License-Identifier: MIT */

/* One line, three places. The journal is there when its socket is: libsystemd drops what it
 * cannot deliver without saying so. */

#include "daemon/log.h"

#include "lib/wire.h"

#include <stdarg.h>
#include <stdio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

static struct {
	bool to_stderr, to_journal;
} target;

void log_open(bool to_stderr)
{
	target.to_stderr = to_stderr;
	target.to_journal = access(JOURNAL_SOCKET, F_OK) == 0;
	if (!target.to_journal)
		openlog("supportaccessd", LOG_PID, LOG_AUTHPRIV);
}

void log_about(int priority, const char *agent, const char *session, const char *format, ...)
{
	char text[2 * WIRE_TEXT_MAX];
	va_list list;

	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	if (target.to_stderr)
		fprintf(stderr, "supportaccessd: %s\n", text);
	if (target.to_journal)
		(void)sd_journal_send("MESSAGE=%s", text, "PRIORITY=%i", priority,
			"SYSLOG_IDENTIFIER=supportaccessd", "SUPPORTACCESS_AGENT=%s",
			agent ? agent : "", "SUPPORTACCESS_SESSION=%s", session ? session : "",
			NULL);
	else
		syslog(priority, "%s", text);
}
