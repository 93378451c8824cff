/* SPDX-License-Identifier: MIT */
#pragma once

/* The daemon's side of the courier: what it says on courier.sock (docs/protocol.md). All return 0
 * or a negative errno with a sentence, unless they say otherwise. */

#include "core/problem.h"
#include "lib/wire.h"

#define LOCAL_TIMEOUT_MS  5000
#define LOCAL_DELIVERY_MS 30000 /* the daemon verifies signatures, one after the other */

/* Tells how contact with central is, and hears where the feed stands. */
int local_hello(const char *socket_path, int64_t contact, const char *contact_text,
	struct wire_hello *ret, struct problem *problem);

/* Hands one item on. Without bytes it only moves the cursor. Returns what the daemon answered:
 * 0 or positive, taken; negative, kept by us and to be handed on again. -EMSGSIZE if it is too
 * large for a message, nothing was sent then. */
int local_deliver(const char *socket_path, const char *epoch, int64_t cursor, const char *document,
	size_t size, const char *signature, size_t signature_size, struct problem *problem);

/* Central has everything up to `last`. */
int local_sent(const char *socket_path, int64_t last, struct problem *problem);

/* Asks for what is to be sent. The daemon answers when there is news: the descriptor, which is
 * the caller's to close, is then readable. */
int local_outbox_ask(const char *socket_path, int *ret_fd, struct problem *problem);

/* Takes that answer: a body for POST /v1/events, NUL-terminated, for the caller to free, and what
 * to name in local_sent. -ECONNRESET if the daemon went away. */
int local_outbox_take(int fd, char **ret_body, int64_t *ret_last, struct problem *problem);
