/* SPDX-License-Identifier: MIT */

/* Any bytes as a configuration file: refused with a sentence, or read, and then every value that
 * was read is one that may be written. */

#include "core/config.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void check(void *context, const char *key, const char *value, const char *origin)
{
	(void)context;
	if (!key || !value || !origin)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char folder[] = "/tmp/supportaccess-fuzz-XXXXXX", path[64];
	struct problem problem = PROBLEM_NONE;
	struct config config;
	int fd, r;

	if (!path[0]) {
		if (!mkdtemp(folder))
			abort();
		snprintf(path, sizeof(path), "%s/supportaccess.conf", folder);
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
	r = config_load("/nonexistent", folder, &config, &problem);
	if (r == 0) {
		config_each(&config, check, NULL);
		config_done(&config);
	} else if (!problem.text[0]) {
		abort();
	}
	return 0;
}
