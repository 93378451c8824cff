/* SPDX-License-Identifier: MIT */
#pragma once

/* JSON bodies, read strictly: one object, exactly the members that are expected, none twice,
 * well-formed UTF-8, no NUL within a text, nothing behind it. */

#include "core/json.h"
#include "core/problem.h"
#include "lib/cleanup.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#define BODY_DEPTH_MAX  4
#define BODY_EVENTS_MAX 512

/* The envelope of docs/documents.md; texts live as long as `json`. */
struct envelope {
	struct json_object *json;
	const char *document, *signature;
	size_t document_size, signature_size;
};

/* The body of POST /v1/events. */
struct report {
	struct json_object *json;
	const char *events[BODY_EVENTS_MAX];
	size_t n_events;
	const char *head, *signature;
};

/* 0, or -EBADMSG with the reason in `problem`; -ENOMEM. */
int body_envelope(const char *bytes, size_t size, struct envelope *ret, struct problem *problem);
int body_report(const char *bytes, size_t size, struct report *ret, struct problem *problem);

static inline void envelope_done(struct envelope *envelope)
{
	(void)json_object_put(envelope->json);
}

static inline void report_done(struct report *report)
{
	(void)json_object_put(report->json);
}

/* True if `signature` has the shape of an armoured SSHSIG. Whether it holds is for the hosts. */
bool body_is_armour(const char *signature, size_t size);
