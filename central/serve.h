/* SPDX-License-Identifier: MIT */
#pragma once

/* The server: one thread, one loop, until SIGTERM or SIGINT. */

#include "core/problem.h"

#include <stdint.h>

struct serve_settings {
	const char *listen; /* "127.0.0.1:8480", "[::]:443"; port 0: any */
	const char *database;
	const char *certificate, *key;    /* PEM files; NULL: plain, on loopback only */
	int64_t token_rate, address_rate; /* requests a second; 0: no limit */
};

/* 0 when it was told to stop, or a negative errno. */
int serve(const struct serve_settings *settings, struct problem *problem);
