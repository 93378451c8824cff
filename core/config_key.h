/* SPDX-License-Identifier: MIT */
#pragma once

/* Within core/config*.c: one row for each key, and the parts that its value passes through. */

#include "core/config.h"

#include <stddef.h>

#define CONFIG_LINE_MAX 4096 /* bytes; libeconf 0.5.1 takes a line over BUFSIZ for two */
#define CONFIG_FILE_MAX (256 * 1024)

/* What a value may be. Each is one function of config_value.c. */
enum config_kind {
	CONFIG_SCOPE,
	CONFIG_LENGTH, /* "4h"; empty: 0 */
	CONFIG_NUMBER,
	CONFIG_SIZE,   /* "64M" */
	CONFIG_SWITCH, /* yes, no */
	CONFIG_URL,
	CONFIG_PATH,
	CONFIG_GROUPS, /* separated by spaces */
	CONFIG_PATHS,
};

struct config_key {
	const char *name;
	enum config_kind kind;
	size_t offset;     /* of the member in struct config */
	const char *value; /* the default, as it stands in the shipped file */
	int64_t min, max;  /* of numbers and sizes */
	const char *below; /* paths must lie below it; NULL: any absolute path */
};

/* The row of that exact name; NULL if there is none. */
const struct config_key *config_key_find(const char *name);

/* Reads `text` into the member of `key`. 0, or -EINVAL with the rule in `problem`. */
int config_value_read(const struct config_key *key, const char *text, struct config *config,
	struct problem *problem);
void config_list_done(struct config_list *list);

/* Checks the form of a file, line by line, before libeconf reads it: what libeconf joins, cuts or
 * passes over in silence is refused here. Calls `each` for every key with its line; stops at the
 * first negative return. -EINVAL with file and line in `problem`, or a negative errno. */
int config_lines(const char *path,
	int (*each)(void *context, const char *key, unsigned int line, struct problem *problem),
	void *context, struct problem *problem);
