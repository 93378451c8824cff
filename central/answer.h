/* SPDX-License-Identifier: MIT */
#pragma once

/* Answers: JSON with its schema, or problem details (RFC 9457) of a named kind. */

#include "central/exchange.h"

enum fault {
	FAULT_MALFORMED,  /* 400 */
	FAULT_TOKEN,      /* 401: none, unknown, ended */
	FAULT_CODE,       /* 401: unknown or ended */
	FAULT_ROLE,       /* 403: this role may not */
	FAULT_NOT_YOURS,  /* 403: of another agent, approver, customer, host */
	FAULT_NOT_FOUND,  /* 404 */
	FAULT_METHOD,     /* 405 */
	FAULT_SHORT_ID,   /* 409: another document has that short id */
	FAULT_CODE_USED,  /* 409 */
	FAULT_HOST_NAME,  /* 409: another host has that name */
	FAULT_CHAIN_GAP,  /* 409: events are missing */
	FAULT_CHAIN_FORK, /* 409: other events have these numbers */
	FAULT_TOO_LARGE,  /* 413 */
	FAULT_MEDIA_TYPE, /* 415 */
	FAULT_DOCUMENT,   /* 422: breaks the rule of documents, or its signature does not hold */
	FAULT_TOO_MANY,   /* 429 */
	FAULT_INTERNAL,   /* 500 */
	FAULT_BUSY,       /* 503 */
};

/* Takes `json`, an object (NULL: memory ran out), and adds "schema": 1. Always returns 0, or a
 * negative errno when the answer could not be made. */
int answer_json(struct exchange *x, unsigned status, struct json_object *json);
int answer_nothing(struct exchange *x); /* 204 */
int answer_text(struct exchange *x, const char *media_type, const char *text);

int answer_fault(struct exchange *x, enum fault fault, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* With one more member, for a program to read. */
int answer_fault_number(
	struct exchange *x, enum fault fault, const char *name, int64_t number, const char *detail);

/* Adds members: 0 or -ENOMEM. */
int answer_add(struct json_object *object, const char *name, struct json_object *value);
int answer_add_text(struct json_object *object, const char *name, const char *text);
int answer_add_number(struct json_object *object, const char *name, int64_t number);
int answer_append(struct json_object *list, struct json_object *value);
/* {"document": …, "signature": …}, and more if wanted; NULL without memory. */
struct json_object *answer_envelope(const char *document, const char *signature);
