/* SPDX-License-Identifier: MIT */
#pragma once

/* One function for each route, in the file of its noun; and what they share. */

#include "central/answer.h"
#include "central/exchange.h"

int login_post(struct exchange *x);
int whoami_get(struct exchange *x);
int enrolment_get(struct exchange *x);
int enrolment_post(struct exchange *x);
int enrolment_delete(struct exchange *x);
int hosts_get(struct exchange *x);
int requests_post(struct exchange *x);
int requests_get(struct exchange *x);
int request_get(struct exchange *x);
int decisions_post(struct exchange *x);
int revocations_post(struct exchange *x);
int closings_post(struct exchange *x);
int feed_get(struct exchange *x);
int events_post(struct exchange *x);
int events_get(struct exchange *x);
int health_get(struct exchange *x);
int metrics_get(struct exchange *x);

/* ---- documents that come in (received.c) ---- */

struct received {
	struct envelope envelope;
	struct document *document;
};

void received_done(struct received *received);

enum received_outcome {
	RECEIVED = 0,
	RECEIVED_ANSWERED = 1, /* it was refused, and the client told */
};

/* Reads the body as an envelope with a document of that type under the strict rule. */
int received_read(
	struct exchange *x, enum document_type type, bool may_be_unsigned, struct received *ret);
/* Stores it, wakes the hosts of its request, answers 201 or 200. */
int received_keep(struct exchange *x, const struct received *received);
/* Refuses a name in the document that is not the token's. */
int received_refuse_other(struct exchange *x, const char *what, const char *name);

/* ---- requests (request_state.c) ---- */

struct document_row;
/* The request state of docs/protocol.md: 0 and a new object. */
int request_state(struct central *central, const struct document_row *request, int64_t now,
	struct json_object **ret);
/* What central believes: "waiting", "open", … : 0 or a negative errno. */
int request_state_name(
	struct central *central, const struct document_row *request, int64_t now, const char **ret);
