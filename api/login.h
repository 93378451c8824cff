/* SPDX-License-Identifier: MIT */
#pragma once

/* Logging in: a one-time code from standard input becomes a token in a file of one's own. */

#include "api/settings.h"
#include "core/command.h"

/* The first word (central's URL), --key and --ca-file; paths still hold in another folder. */
int login_read(const struct arguments *arguments, struct settings *ret, struct problem *problem);

/* `settings` holds the URL and what else was chosen (key, ca_file); the rest is filled from
 * central's answer. The code is read from standard input, unseen if that is a terminal. An answer
 * for another role than `role` is refused: -EPERM. */
int login_run(const char *file, const char *role, const char *user_agent, struct settings *settings,
	struct problem *problem);
