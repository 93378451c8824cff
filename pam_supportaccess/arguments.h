/* SPDX-License-Identifier: MIT */
#pragma once

/* The module's arguments in a line of /etc/pam.d. */

#include <security/pam_modules.h>
#include <stdbool.h>

#define TIMEOUT_DEFAULT_MS 2000
#define TIMEOUT_MIN_MS     100
#define TIMEOUT_MAX_MS     10000

struct arguments {
	bool debug;
	const char *socket; /* points into argv */
	int timeout_ms;
};

/* Reads them. What is unknown or out of bounds is said to the log and has no effect: a typing
 * error may not lock anybody out, and no argument can open anything. */
void arguments_read(pam_handle_t *pam, int argc, const char **argv, struct arguments *ret);
