/* SPDX-License-Identifier: MIT */
#pragma once

/* What the fuzz targets share. A target takes any bytes; what it requires beyond not crashing
 * aborts, which libFuzzer reports with the input. */

#include "core/problem.h"
#include "lib/cleanup.h"
#include "lib/text.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(holds)                                                                             \
	do {                                                                                       \
		if (!(holds)) {                                                                    \
			(void)fprintf(                                                             \
				stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds); \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* The input in memory of its own, exactly as long, so that a byte read too many is seen. */
static inline char *fuzz_bytes(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size ? size : 1);

	REQUIRE(bytes);
	memcpy(bytes, data, size);
	return bytes;
}

/* The same as text: it ends at its first NUL, and at the latest behind the input. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	size_t length = strnlen((const char *)data, size);
	char *text = malloc(length + 1);

	REQUIRE(text);
	memcpy(text, data, length);
	text[length] = '\0';
	return text;
}

/* The input as a file that only we can write to: its path, the same for all inputs. */
static inline const char *fuzz_file(const char *name, const uint8_t *data, size_t size)
{
	static char folder[] = "/tmp/supportaccess-fuzz-XXXXXX", path[96];
	_cleanup_(closep) int fd = -EBADF;

	if (!path[0]) {
		REQUIRE(mkdtemp(folder));
		(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	REQUIRE(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	return path;
}

/* A refusal says why, and in nothing that could steer a terminal. */
static inline void fuzz_refused(int r, const struct problem *problem)
{
	REQUIRE(r < 0);
	REQUIRE(r == -ENOMEM || problem->text[0]);
	REQUIRE(text_is_plain(problem->text, strlen(problem->text)));
}
