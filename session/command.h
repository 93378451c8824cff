/* SPDX-License-Identifier: MIT */
#pragma once

/* What to run: from how we were called, and from what the client asked for. */

#include <stdbool.h>

#define SFTP_SERVER "/usr/lib/openssh/sftp-server"

struct command {
	const char *path; /* to execute */
	const char *argv[4];
	char name[128];   /* argv[0] points here */
	bool interactive; /* a shell for a person: the banner is shown */
};

/* -EPERM if we were not called as the forced command of a key line: then nothing is run.
 * `original` is SSH_ORIGINAL_COMMAND, or NULL. */
int command_choose(
	int argc, char *const *argv, const char *original, const char *shell, struct command *ret);
