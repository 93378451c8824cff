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
	int64_t retry_after;      /* seconds, as libcurl read that header; 0: none */
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

/* How many seconds whoever answered asks to be left alone, by 429 or 503 and Retry-After; 0: it
 * does not. As long as it likes: whoever waits has the limit. */
int64_t answer_wait_s(const struct answer *answer);

/* Reads an answer: 0 and the object, or a negative errno as in api/client.h. */
int answer_read(const struct answer *answer, struct json_object **ret, struct problem *problem);
