/* SPDX-License-Identifier: MIT */
#pragma once

/* What a person's own client remembers of central: a file of hers below
 * $XDG_CONFIG_HOME/supportaccess (or ~/.config/supportaccess), 0600 in a folder of 0700, because
 * the token is in it. The agent's and the approver's files have different names: one person may
 * be both. */

#include "api/client.h"

#include <limits.h>

#define SETTINGS_STAFF     "staff.json"
#define SETTINGS_APPROVER  "approver.json"
#define SETTINGS_MAX       (16 * 1024) /* bytes of the file */
#define SETTINGS_DEPTH_MAX 2

struct settings {
	char url[API_URL_MAX];
	char role[32];
	char name[DOCUMENT_PRINCIPAL_MAX + 1]; /* the agent's login, the approver's principal */
	char customer[DOCUMENT_CUSTOMER_MAX + 1];
	char full_name[ACCOUNT_FULL_NAME_MAX + 1];
	char team[DOCUMENT_TEAM_MAX + 1];
	char token[API_TOKEN_MAX + 1];
	char key[PATH_MAX];     /* to sign with; empty: none chosen */
	char ca_file[PATH_MAX]; /* empty: the system's */
};

/* The folder, made if missing. -EPERM if others may look into it. */
int settings_folder(char *ret, size_t ret_size, struct problem *problem);

/* Reads `file`. -ENOENT if there is none: `login_line` is what the sentence tells to type. -EPERM
 * if others may read it. */
int settings_load(
	const char *file, const char *login_line, struct settings *ret, struct problem *problem);

/* Writes `file` whole or not at all. */
int settings_save(const char *file, const struct settings *settings, struct problem *problem);

/* Writes any file of that folder likewise. */
int settings_write(const char *file, const char *bytes, size_t size, struct problem *problem);

/* Opens the API as these settings say. */
int settings_open(const struct settings *settings, const char *user_agent, struct api **ret,
	struct problem *problem);
