/* SPDX-License-Identifier: MIT */
#pragma once

/* The audit chain: events linked by digest, whose heads the host signs (docs/documents.md). */

#include "core/document.h"
#include "host/store.h"

/* Appends inside the caller's transaction. -ENOKEY while this host is not enrolled. Of `event`,
 * host, seq, previous and time are filled in here; `now` may not be before the last event's (then
 * the last one's time is used). */
int chain_append(
	struct store *store, const struct event *event, int64_t now, struct problem *problem);

/* Signs the head if there is news since the last signed one. */
int chain_sign(struct store *store, const char *host_key, int64_t now, struct problem *problem);

/* Events from `after` on, oldest first, at most `max`. `each` gets the bytes and what they say. */
int chain_each(struct store *store, int64_t after, size_t max,
	int (*each)(void *context, const char *bytes, size_t size, const struct event *event),
	void *context);

/* Checks every link and every signed head. Returns 0 and how many; -EBADMSG with the first thing
 * that is wrong in `problem`. */
int chain_verify(struct store *store, const char *host_public_key, int64_t *ret_events,
	int64_t *ret_heads, struct problem *problem);

/* The latest signed head: -ENOENT if there is none. The caller frees both. */
int chain_head(struct store *store, char **ret_bytes, char **ret_signature, int64_t *ret_seq);

/* The number of the last event; 0: none yet. */
int chain_last(struct store *store, int64_t *ret);
