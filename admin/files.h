/* SPDX-License-Identifier: MIT */
#pragma once

/* Files of the system and of ours, read whole and replaced whole. */

#include "core/problem.h"
#include "lib/cleanup.h"

#include <stdbool.h>
#include <sys/types.h>

#define FILES_MAX (256 * 1024)

/* Reads a regular file of at most FILES_MAX bytes, NUL-terminated. The caller frees. A missing one
 * is -ENOENT without a sentence. */
int files_read(const char *path, char **ret, struct problem *problem);

/* Replaces (or makes) a file: written beside, fsync, rename, fsync of the folder. An existing one
 * keeps its mode and owner; a new one gets `mode`. */
int files_replace(const char *path, const char *text, mode_t mode, struct problem *problem);

/* The first line without its line end, which the caller frees; -ENODATA if it is empty. */
int files_first_line(const char *path, char **ret);

/* Makes a folder, and its parents, if missing. */
int files_folder(const char *path, mode_t mode, struct problem *problem);

/* Runs a program of the system quietly, at most 30 s, and fails with what it said. `argv[0]` is its
 * absolute path. `ret_output` may be NULL; the caller frees. */
int files_run(const char *const *argv, char **ret_output, struct problem *problem);
