/* SPDX-License-Identifier: MIT */

/* Any bytes as a configuration file: refused with a sentence, or read, and then every key has a
 * value and a place where it comes from. */

#include "core/config.h"
#include "tests/fuzz/fuzz.h"

static void check(void *context, const char *key, const char *value, const char *origin)
{
	(void)context;
	REQUIRE(key && key[0] && value && origin && origin[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char folder[96];
	struct problem problem = PROBLEM_NONE;
	struct config config;
	int r;

	(void)snprintf(folder, sizeof(folder), "%s", fuzz_file("supportaccess.conf", data, size));
	*strrchr(folder, '/') = '\0';
	r = config_load("/nonexistent", folder, &config, &problem);
	if (r != 0) {
		fuzz_refused(r, &problem);
		return 0;
	}
	config_each(&config, check, NULL);
	config_done(&config);
	return 0;
}
