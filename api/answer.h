/* SPDX-License-Identifier: MIT */
#pragma once

/* Judging what came back: for api/client.c alone. */

#include "core/problem.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

struct answer {
	const char *url; /* central's, for sentences */
	long status;
	const char *content_type; /* may be NULL */
	const char *location;     /* of a redirect, may be NULL */
	const char *body;
	size_t size;
	bool too_big;
	const char *detail; /* libcurl's own words, may be empty */
};

/* Makes of a transfer that failed (`curl_code` is not 0) a negative errno and a sentence. */
int answer_failed(const struct answer *answer, int curl_code, struct problem *problem);

/* The number `name` in problem details of that kind: 0 or -ENOENT. */
int answer_problem_number(
	const struct answer *answer, const char *kind, const char *name, int64_t *ret);

/* Reads an answer: 0 and the object, or a negative errno as in api/client.h. */
int answer_read(const struct answer *answer, struct json_object **ret, struct problem *problem);
