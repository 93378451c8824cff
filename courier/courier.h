/* SPDX-License-Identifier: MIT */
#pragma once

/* Carries documents from central's feed to the daemon, and events from the daemon's outbox to
 * central. It keeps nothing that it could lose: the daemon knows where the feed stands and what
 * central has, so the courier may be killed at any moment. It never decides. */

#include "core/problem.h"

#include <stdint.h>

struct courier_settings {
	const char *socket_path;
	const char *url, *token, *proxy, *ca_file;
	int64_t hold_ms; /* the longest that a poll may be held */
};

/* Runs for ever; returns a negative errno only if it cannot start. */
int courier_run(const struct courier_settings *settings, struct problem *problem);
