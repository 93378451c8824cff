/* SPDX-License-Identifier: MIT */
#pragma once

/* Help and hints out of a table of commands; for core/command.c alone. */

#include "core/command.h"

#include <stdio.h>

/* All verbs. `path` is what was typed so far: "supportaccess", "supportaccess approvers". */
void command_help_verbs(
	FILE *out, const char *path, const char *summary, const struct command *commands);

/* One verb and its options. */
void command_help_verb(FILE *out, const char *path, const struct command *command);

/* The name that was probably meant: at most a third of its letters differ, or `typed` begins it.
 * NULL if none. `next` walks over the names. */
const char *command_nearest(
	const char *typed, const void *table, const char *(*name)(const void *table, size_t i));
