/* SPDX-License-Identifier: MIT */
#pragma once

/* What hosts say, checked without believing central.
 *
 * A host's id is the digest of its key, so whoever holds a request that names the host can check
 * its enrolment (signed by itself) and the heads of its audit chain. An event is proven when a
 * signed head names it, or names a later one from which the chain of digests leads back to it. */

#include "api/client.h"

#define EVIDENCE_EVENTS_MAX 4096 /* looked at together */

/* Checks an enrolment (an object with `document` and `signature`): its signature by its own key,
 * and that the id is that key's. `customer` and `host_id` may be NULL: any. The caller frees. */
int evidence_enrolment(struct json_object *object, const char *customer, const char *host_id,
	struct document **ret, struct problem *problem);

/* Calls `each` for every event of `host` among `events` (an array of texts) that `heads` (an array
 * of {head, signature}) prove, in order of their number. Returns how many of the host's events are
 * not proven, or a negative errno. */
int evidence_events(const struct enrolment *host, struct json_object *events,
	struct json_object *heads, void (*each)(void *context, const struct event *event),
	void *context, struct problem *problem);
