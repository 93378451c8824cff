/* SPDX-License-Identifier: MIT */

/* The state of a request, told from its documents and from what hosts signed. It is what central
 * believes, a convenience: of what was approved "revoked" and "ended" are said only when every host
 * concerned has confirmed that nothing is alive, and whoever must be sure checks the signed heads.
 * What nobody approved, as far as central knows, is over as soon as central knows that: a host that
 * has heard of it refuses every approval. */

#include "central/handlers.h"

#include <string.h>

#define EVENTS_MAX 256 /* in one state; the rest is at GET /v1/events?request= */

struct documents {
	struct json_object *decisions, *revocations, *closings;
	bool approve, deny, revocation, closing;
	bool everywhere; /* a revocation names no hosts: it is for all of them */
};

static bool is_everywhere(const struct document_row *revocation)
{
	_cleanup_(document_freep) struct document *document = NULL;

	return document_parse(revocation->bytes, strlen(revocation->bytes), &document, NULL) == 0 &&
	       document->revocation.n_hosts == 0;
}

static int take_document(void *context, const struct document_row *row)
{
	struct documents *documents = context;
	struct json_object *list = documents->closings;

	if (strcmp(row->type, "decision") == 0) {
		list = documents->decisions;
		documents->approve |= strcmp(row->verdict, "approve") == 0;
		documents->deny |= strcmp(row->verdict, "deny") == 0;
	} else if (strcmp(row->type, "revocation") == 0) {
		list = documents->revocations;
		documents->revocation = true;
		documents->everywhere |= is_everywhere(row);
	} else {
		documents->closing = true;
	}
	return list ? answer_append(list, answer_envelope(row->bytes, row->signature)) : 0;
}

static const char *state_of(const struct documents *documents,
	const struct request_progress *progress, int64_t pending_until, int64_t now)
{
	if (progress->approved && progress->approved_and_denied >= progress->approved)
		return "denied";
	if (progress->concerned && progress->over >= progress->concerned)
		return progress->revoked || documents->revocation ? "revoked" : "ended";
	if (progress->approved)
		return "open";
	if (documents->deny || progress->denied)
		return "denied";
	if (documents->approve)
		return "approved";
	if (documents->everywhere)
		return "revoked";
	if (documents->closing)
		return "ended";
	return now >= pending_until ? "unanswered" : "waiting";
}

int request_state_name(
	struct central *central, const struct document_row *request, int64_t now, const char **ret)
{
	struct request_progress progress;
	struct documents documents = { 0 };
	int r;

	r = central_about(central, request->digest, take_document, &documents);
	if (r == 0)
		r = central_progress(central, request->digest, &progress);
	if (r == 0)
		*ret = state_of(&documents, &progress, request->pending_until, now);
	return r;
}

struct reports {
	struct central *central;
	struct json_object *events, *heads;
	char host[HOST_ID_LEN + 1]; /* of the head that was added last */
	int64_t head_seq;
};

static int take_head(void *context, const struct head_row *row)
{
	struct reports *reports = context;
	struct json_object *head = json_object_new_object();

	if (head && answer_add_text(head, "host", row->host) == 0 &&
		answer_add_text(head, "head", row->bytes) == 0 &&
		answer_add_text(head, "signature", row->signature) == 0)
		return answer_append(reports->heads, head);
	(void)json_object_put(head);
	return -ENOMEM;
}

/* Each event with the first head that covers it; a head is not repeated for events that follow. */
static int take_event(void *context, const struct event_row *row)
{
	struct reports *reports = context;
	int r;

	r = answer_append(reports->events, json_object_new_string(row->bytes));
	if (r < 0)
		return r;
	if (strcmp(reports->host, row->host) == 0 && row->seq <= reports->head_seq)
		return 0;
	strncpy(reports->host, row->host, HOST_ID_LEN);
	reports->head_seq = 0;
	return central_head(
		reports->central, row->host, row->seq, &reports->head_seq, take_head, reports);
}

static int add_lists(struct json_object *json, struct documents *documents, struct reports *reports)
{
	const struct {
		const char *name;
		struct json_object **list;
	} lists[] = {
		{ "decisions", &documents->decisions },
		{ "revocations", &documents->revocations },
		{ "closings", &documents->closings },
		{ "events", &reports->events },
		{ "heads", &reports->heads },
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		int r;

		*lists[i].list = json_object_new_array();
		r = answer_add(json, lists[i].name, *lists[i].list);
		if (r < 0)
			return r;
	}
	return 0;
}

int request_state(struct central *central, const struct document_row *request, int64_t now,
	struct json_object **ret)
{
	_cleanup_(json_putp) struct json_object *json =
		answer_envelope(request->bytes, request->signature);
	const struct events_filter filter = {
		.customer = request->customer, .request = request->digest, .max = EVENTS_MAX
	};
	struct reports reports = { .central = central };
	struct documents documents = { 0 };
	struct request_progress progress;
	int r;

	if (!json)
		return -ENOMEM;
	r = answer_add_text(json, "digest", request->digest);
	if (r == 0)
		r = answer_add_text(json, "id", request->short_id);
	if (r == 0)
		r = add_lists(json, &documents, &reports);
	if (r == 0)
		r = central_about(central, request->digest, take_document, &documents);
	if (r == 0)
		r = central_events(central, &filter, take_event, &reports);
	if (r == 0)
		r = central_progress(central, request->digest, &progress);
	if (r == 0)
		r = answer_add_text(json, "state",
			state_of(&documents, &progress, request->pending_until, now));
	if (r == 0)
		*ret = TAKE_PTR(json);
	return r;
}
