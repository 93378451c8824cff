/* SPDX-License-Identifier: MIT */
#pragma once

/* A directory of throwaway keys, made by the real ssh-keygen, for tests. */

#include "lib/child.h"
#include "lib/paths.h"

#include <check.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static char keys_dir[64];

static inline void keys_setup(void)
{
	umask(022);
	strcpy(keys_dir, "/tmp/supportaccess-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(keys_dir));
	ck_assert_int_eq(chdir(keys_dir), 0);
}

static inline void keys_teardown(void)
{
	const char *const argv[] = { "rm", "-rf", keys_dir, NULL };
	const struct child child = { .path = "/bin/rm", .argv = argv, .timeout_ms = 10000 };
	_cleanup_(child_result_done) struct child_result result = { 0 };

	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(child_run(&child, &result), 0);
}

/* keys_run("-k", "-f", "krl", "carol.pub", NULL) */
static inline void keys_run(const char *first, ...)
{
	const char *argv[16] = { "ssh-keygen", "-q", first };
	const struct child child = { .path = PATH_SSH_KEYGEN, .argv = argv, .timeout_ms = 10000 };
	_cleanup_(child_result_done) struct child_result result = { 0 };
	va_list rest;
	size_t n = 3;

	va_start(rest, first);
	while ((argv[n] = va_arg(rest, const char *)))
		ck_assert_uint_lt(++n, 15);
	va_end(rest);
	ck_assert_int_eq(child_run(&child, &result), 0);
	ck_assert_msg(result.status == 0, "ssh-keygen: %s", result.error);
}

static inline void keys_make(const char *name)
{
	keys_run("-t", "ed25519", "-N", "", "-C", "", "-f", name, NULL);
}

__attribute__((format(printf, 2, 3))) static inline void keys_write(
	const char *path, const char *format, ...)
{
	FILE *file = fopen(path, "w");
	va_list arguments;

	ck_assert_ptr_nonnull(file);
	va_start(arguments, format);
	ck_assert_int_ge(vfprintf(file, format, arguments), 0);
	va_end(arguments);
	ck_assert_int_eq(fclose(file), 0);
}

/* "type base64" of NAME.pub; lives until the next calls. */
static inline const char *keys_public(const char *name)
{
	static char lines[4][2048];
	static size_t turn;
	char *line = lines[turn++ % 4], path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s.pub", name);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(fgets(line, sizeof(lines[0]), file));
	fclose(file);
	strchr(strchr(line, ' ') + 1, ' ') ? (void)(*strchr(strchr(line, ' ') + 1, ' ') = '\0')
					   : (void)(line[strcspn(line, "\n")] = '\0');
	return line;
}
