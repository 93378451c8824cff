/* SPDX-License-Identifier: MIT */
#pragma once

/* One answer of central's feed, handed on item by item in its order. */

#include "core/problem.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#define FEED_EPOCH_MAX 63

struct feed {
	struct json_object *answer; /* NULL: nothing to hand on */
	size_t next;                /* the item that is handed on next */
	char epoch[FEED_EPOCH_MAX + 1];
	int64_t cursor; /* what the daemon has */
};

/* What central said, checked: items in ascending order after `cursor`. Takes over `answer` when
 * it returns FEED_TAKEN; else leaves it. -EPROTO for what is no feed. Another epoch than before
 * (the first contact, or central came back from a backup) starts the cursor anew: FEED_ANEW, the
 * daemon is to be told and the feed asked again from the start. */
enum feed_result {
	FEED_TAKEN = 0,
	FEED_ANEW = 1,
};
int feed_take(struct feed *feed, struct json_object *answer, struct problem *problem);

static inline bool feed_is_waiting(const struct feed *feed)
{
	return feed->answer != NULL;
}

/* True if the answer brought nothing. */
bool feed_is_empty(const struct feed *feed);

/* Hands on the next item, or the cursor behind the last one. 0: taken; a negative errno: it is
 * kept and to be tried again. */
int feed_deliver_next(struct feed *feed, const char *socket_path, struct problem *problem);

void feed_clear(struct feed *feed);
