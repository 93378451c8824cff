/* SPDX-License-Identifier: MIT */
#pragma once

/* The target of a request, "/v1/requests/7K2F9-QXM4T?after=3", taken apart under a strict rule:
 * printable ASCII after decoding, no parameter without a name or twice, no '/' or NUL smuggled in
 * by an escape. A segment may be empty, as in "/"; no route has such a one. */

#include <stddef.h>

#define TARGET_MAX            1024
#define TARGET_SEGMENTS_MAX   6
#define TARGET_PARAMETERS_MAX 8

struct target {
	const char *segments[TARGET_SEGMENTS_MAX];
	size_t n_segments;
	struct {
		const char *name, *value;
	} parameters[TARGET_PARAMETERS_MAX];
	size_t n_parameters;
	char text[TARGET_MAX + 1]; /* what the above points into */
};

/* 0; -E2BIG for what is longer than a limit above; -EBADMSG. The result must not be copied. */
int target_parse(const char *uri, struct target *ret);

/* The value of a parameter; NULL if it was not given. */
const char *target_parameter(const struct target *target, const char *name);
