/* SPDX-License-Identifier: MIT */
#pragma once

/* The screen of one request (`show`, and `approve` before it asks). */

#include "admin/place.h"

/* Prints the request of `state` for a person. */
int show_request(
	const struct place *place, struct json_object *state, int64_t now, struct problem *problem);

/* What a scope lets an agent do, in words. */
const char *show_scope_words(enum scope scope);
