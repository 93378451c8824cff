/* SPDX-License-Identifier: MIT */
#pragma once

/* Request states (docs/protocol.md) as the verbs read them. What a state says in its own words is
 * a convenience; what is shown to somebody who decides comes from the documents in it. */

#include "core/document.h"

#include <json-c/json.h>

/* The request itself. Checks that its bytes have the digest and the id that the state says, which
 * are then as good as the request. The caller frees
 * with document_free. */
int state_request(struct json_object *state, struct document **ret, struct problem *problem);

/* Calls `each` for every document of a list ("decisions", "revocations", "closings", "events"),
 * whose items are envelopes or bare texts. What is not a document of `type` is passed over.
 * `each` returns non-zero to stop. */
int state_each(struct json_object *state, const char *list, enum document_type type,
	int (*each)(void *context, const struct document *document), void *context);

/* A row for `requests`: one object with what the documents say. The caller puts it. */
int state_row(struct json_object *state, struct json_object **ret, struct problem *problem);

/* How one request went, for `history`: who, why, when, approved by whom, sessions, ended how, how
 * many processes. The caller puts it. */
int state_history(struct json_object *state, struct json_object **ret, struct problem *problem);
