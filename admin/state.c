/* SPDX-License-Identifier: MIT */

/* A request's documents, read into rows. */

#include "admin/state.h"

#include "core/json.h"

#include <string.h>

/* The bytes of an item: a bare text, or the envelope's "document". */
static const char *item_bytes(struct json_object *item)
{
	if (json_object_is_type(item, json_type_string))
		return json_object_get_string(item);
	return json_text(item, "document");
}

int state_request(struct json_object *state, struct document **ret, struct problem *problem)
{
	_cleanup_(document_freep) struct document *document = NULL;
	const char *bytes = json_text(state, "document");
	char hex[DIGEST_HEX_LEN + 1], id[SHORT_ID_LEN + 1];
	int r = document_parse(bytes, strlen(bytes), &document, problem);

	if (r < 0)
		return r;
	digest_to_hex(&document->digest, hex);
	digest_short_id(&document->digest, id);
	if (document->type != DOCUMENT_REQUEST || strcmp(hex, json_text(state, "digest")) != 0 ||
		strcmp(id, json_text(state, "id")) != 0)
		return problem_say(problem, -EBADMSG,
			"request %s is not the one that it is said to be: nothing was decided", id);
	*ret = TAKE_PTR(document);
	return 0;
}

int state_each(struct json_object *state, const char *list, enum document_type type,
	int (*each)(void *context, const struct document *document), void *context)
{
	struct json_object *items = json_list(state, list);
	size_t n = items ? json_object_array_length(items) : 0;

	for (size_t i = 0; i < n; i++) {
		_cleanup_(document_freep) struct document *document = NULL;
		const char *bytes = item_bytes(json_object_array_get_idx(items, i));
		int r = document_parse(bytes, strlen(bytes), &document, NULL);

		if (r == -ENOMEM)
			return r;
		if (r < 0 || document->type != type)
			continue;
		r = each(context, document);
		if (r != 0)
			return r;
	}
	return 0;
}

static struct json_object *host_names(const struct request *request)
{
	struct json_object *names = json_object_new_array();

	for (size_t i = 0; i < request->n_hosts; i++)
		json_object_array_add(names, json_object_new_string(request->hosts[i].name));
	return names;
}

static struct json_object *request_row(struct json_object *state, const struct request *request)
{
	struct json_object *row = json_object_new_object();

	json_add_text(row, "id", json_text(state, "id"));
	json_add_text(row, "digest", json_text(state, "digest"));
	json_add_text(row, "state", json_text(state, "state"));
	json_add_text(row, "agent", request->agent.login);
	json_add_text(row, "name", request->agent.name);
	json_add_text(row, "team", request->agent.team);
	json_add_text(row, "customer", request->customer);
	json_object_object_add(row, "hosts", host_names(request));
	json_add_text(row, "scope", scope_name(request->scope));
	json_add_number(row, "length", request->length);
	json_add_text(row, "reason", request->reason);
	json_add_text(row, "ticket", request->ticket);
	json_add_time(row, "created", request->created);
	json_add_time(row, "pending_until", request->pending_until);
	return row;
}

int state_row(struct json_object *state, struct json_object **ret, struct problem *problem)
{
	_cleanup_(document_freep) struct document *document = NULL;
	int r = state_request(state, &document, problem);

	if (r == 0)
		*ret = request_row(state, &document->request);
	return r;
}

/* --- history ------------------------------------------------------------------------------ */

static int add_decision(void *context, const struct document *document)
{
	const struct decision *decision = &document->decision;
	struct json_object *row = context, *item = json_object_new_object();

	json_add_text(item, "by", decision->approver);
	json_add_text(item, "verdict", decision->approve ? "approve" : "deny");
	json_add_text(item, "scope", decision->approve ? scope_name(decision->scope) : "");
	json_add_number(item, "length", decision->approve ? decision->length : 0);
	json_add_time(item, "decided", decision->decided);
	json_add_text(item, "comment", decision->comment);
	json_object_array_add(json_list(row, "decisions"), item);
	return 0;
}

static struct json_object *session_item(struct json_object *row, const char *session)
{
	struct json_object *items = json_list(row, "sessions"), *item;

	for (size_t i = 0; i < json_object_array_length(items); i++) {
		item = json_object_array_get_idx(items, i);
		if (strcmp(json_text(item, "session"), session) == 0)
			return item;
	}
	item = json_object_new_object();
	json_add_text(item, "session", session);
	json_object_array_add(items, item);
	return item;
}

static void add_opened(struct json_object *row, const struct event *event)
{
	struct json_object *item = session_item(row, event->session);

	json_add_text(item, "host", event->host);
	json_add_text(item, "scope", scope_name(event->scope));
	json_add_time(item, "opened", event->time);
}

/* Under both requests: the one that was over, and the one that still covered it. */
static void add_continued(struct json_object *row, const struct event *event)
{
	struct json_object *item = session_item(row, event->session);

	json_add_text(item, "host", event->host);
	json_add_text(item, "scope", scope_name(event->scope));
	json_add_time(item, "continued", event->time);
	json_add_text(item, "note", event->text);
}

static void add_ended(struct json_object *row, const struct event *event)
{
	struct json_object *item = session_item(row, event->session);

	json_add_time(item, "ended", event->time);
	json_add_text(item, "ended_by", event->by);
	json_add_text(item, "cause", event->text);
	json_add_number(item, "processes", event->count);
	json_add_number(item, "ms", event->ms);
	json_add_number(row, "processes", json_number(row, "processes") + event->count);
}

static void add_end(struct json_object *row, const struct event *event)
{
	json_add_text(row, "outcome", event->kind);
	json_add_text(row, "ended_by", event->by);
	json_add_time(row, "ended", event->time);
	json_add_text(row, "cause", event->text);
}

static void add_refused(struct json_object *row, const struct event *event)
{
	json_add_number(
		row, "refused", json_number(row, "refused") + (event->count ? event->count : 1));
}

static int add_event(void *context, const struct document *document)
{
	static const struct {
		const char *kind;
		void (*add)(struct json_object *row, const struct event *event);
	} kinds[] = {
		{ "opened", add_opened },
		{ "continued", add_continued },
		{ "ended", add_ended },
		{ "denied", add_end },
		{ "revoked", add_end },
		{ "closed", add_end },
		{ "expired", add_end },
		{ "unbacked", add_end },
		{ "login-refused", add_refused },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, document->event.kind) == 0)
			kinds[i].add(context, &document->event);
	return 0;
}

/* Who approved or denied, as one text for the table. */
static void add_deciders(struct json_object *row)
{
	struct json_object *items = json_list(row, "decisions"), *names = json_object_new_array();

	for (size_t i = 0; i < json_object_array_length(items); i++)
		json_object_array_add(names, json_object_new_string(json_text(
						     json_object_array_get_idx(items, i), "by")));
	json_object_object_add(row, "deciders", names);
	json_add_number(row, "sessions_count",
		(int64_t)json_object_array_length(json_list(row, "sessions")));
}

int state_history(struct json_object *state, struct json_object **ret, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *row = NULL;
	int r = state_row(state, &row, problem);

	if (r < 0)
		return r;
	json_object_object_add(row, "decisions", json_object_new_array());
	json_object_object_add(row, "sessions", json_object_new_array());
	json_add_number(row, "processes", 0);
	json_add_number(row, "refused", 0);
	json_add_text(row, "outcome", json_text(state, "state"));
	json_add_text(row, "ended_by", "");
	json_add_time(row, "ended", 0);
	json_add_text(row, "cause", "");
	r = state_each(state, "decisions", DOCUMENT_DECISION, add_decision, row);
	if (r == 0)
		r = state_each(state, "events", DOCUMENT_EVENT, add_event, row);
	if (r < 0)
		return r;
	add_deciders(row);
	*ret = TAKE_PTR(row);
	return 0;
}
