/* SPDX-License-Identifier: MIT */
#pragma once

/* What central is to hear: events behind the last that it has, and the head that vouches for
 * them, as the body of POST /v1/events (docs/protocol.md). */

#include "core/problem.h"
#include "host/store.h"

/* Composes a whole wire_outbox message. Returns 1 and the message, for the caller to free; 0 when
 * there is nothing new that is signed; a negative errno. */
int outbox_compose(struct store *store, char **ret, size_t *ret_size, struct problem *problem);

/* Central has everything up to `last`, and nothing after it: never beyond what there is. It is
 * moved back when central was put back from a backup. */
int outbox_sent(struct store *store, int64_t last, int64_t *ret);
