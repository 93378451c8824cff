/* SPDX-License-Identifier: MIT */

/* Waiting for hosts to say what became of a decision, or that nothing is alive. Central relays what
 * they say; it counts once it hangs on a head that the host signed. A page of a request's events
 * has gaps where the chain went on about other things; then the host's whole chain is fetched from
 * there, if the page has what is waited for. */

#include "admin/laptop.h"
#include "api/asked.h"
#include "api/evidence.h"
#include "api/list.h"
#include "core/json.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define CHAIN_PAGES_MAX 20
#define PATH_SIZE       256
#define REFUSED         "refused-document"

/* One host of the request. */
struct awaited {
	const struct document_host *host;
	const char *request; /* digest */
	const struct decision
		*decision;          /* to be answered; NULL: the request's end, to be confirmed */
	struct document *enrolment; /* NULL: nothing that it says can be checked */
	struct json_object *last_contact;
	bool answered;
	struct event event;
};

struct awaiting {
	struct awaited hosts[DOCUMENT_HOSTS_MAX];
	size_t n, left;
};

static void awaiting_done(struct awaiting *awaiting)
{
	for (size_t i = 0; i < awaiting->n; i++) {
		document_free(awaiting->hosts[i].enrolment);
		json_object_put(awaiting->hosts[i].last_contact);
	}
}

static int64_t now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Central's row of a host, and the enrolment in it if it holds. */
static void find_enrolment(struct json_object *rows, const char *customer, struct awaited *awaited)
{
	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i), *contact = NULL;

		if (strcmp(json_text(row, "id"), awaited->host->id) != 0)
			continue;
		if (json_object_object_get_ex(row, "last_contact", &contact))
			awaited->last_contact = json_object_get(contact);
		(void)evidence_enrolment(
			row, customer, awaited->host->id, &awaited->enrolment, NULL);
		return;
	}
}

static bool is_kind(const struct event *event, const char *kind)
{
	return strcmp(event->kind, kind) == 0;
}

/* What tells one decision about a request from another are its latest end and its scope. Whoever
 * else ended a request, it is over for a denial, too. */
static bool answers_decision(const struct decision *decision, const struct event *event)
{
	bool same = event->until == decision->latest_end && event->scope == decision->scope;

	if (is_kind(event, REFUSED))
		return same;
	if (decision->approve)
		return same && is_kind(event, "approved") &&
		       strcmp(event->by, decision->approver) == 0;
	return is_kind(event, "denied") || is_kind(event, "revoked") || is_kind(event, "closed");
}

static bool answers(const struct awaited *awaited, const struct event *event)
{
	if (strcmp(event->request, awaited->request) != 0)
		return false;
	return awaited->decision ? answers_decision(awaited->decision, event)
				 : is_kind(event, "confirmed");
}

/* The last word counts. */
static void note_event(void *context, const struct event *event)
{
	struct awaited *awaited = context;

	if (answers(awaited, event)) {
		awaited->event = *event;
		awaited->answered = true;
	}
}

/* Would one of these events be the answer, if it were proven? */
static bool is_told(const struct awaited *awaited, struct json_object *events)
{
	for (size_t i = 0; i < json_object_array_length(events); i++) {
		struct json_object *text = json_object_array_get_idx(events, i);
		_cleanup_(document_freep) struct document *document = NULL;

		if (json_object_is_type(text, json_type_string) &&
			document_parse(json_object_get_string(text),
				(size_t)json_object_get_string_len(text), &document, NULL) == 0 &&
			document->type == DOCUMENT_EVENT &&
			strcmp(document->event.host, awaited->host->id) == 0 &&
			answers(awaited, &document->event))
			return true;
	}
	return false;
}

/* The host's whole chain from `after` on, until what is missing is proven or there is no more. */
static int check_chain(struct laptop *laptop, struct awaited *awaited, int64_t after)
{
	_cleanup_(json_putp) struct json_object *events = json_object_new_array();
	_cleanup_(json_putp) struct json_object *heads = json_object_new_array();

	for (int page = 0; page < CHAIN_PAGES_MAX && !awaited->answered; page++) {
		_cleanup_(json_putp) struct json_object *answer = NULL;
		struct json_object *more = NULL, *more_heads = NULL;
		char path[PATH_SIZE];
		int r;

		snprintf(path, sizeof(path), "/v1/events?host=%s&after=%lld", awaited->host->id,
			(long long)after);
		r = api_get(laptop->api, path, 0, &answer, NULL);
		if (r < 0)
			return r;
		more = json_list(answer, "events");
		more_heads = json_list(answer, "heads");
		if (!more || json_object_array_length(more) == 0)
			return 0;
		for (size_t i = 0; i < json_object_array_length(more); i++)
			json_object_array_add(
				events, json_object_get(json_object_array_get_idx(more, i)));
		for (size_t i = 0; more_heads && i < json_object_array_length(more_heads); i++)
			json_object_array_add(
				heads, json_object_get(json_object_array_get_idx(more_heads, i)));
		after = json_number(answer, "next");
		r = evidence_events(
			&awaited->enrolment->enrolment, events, heads, note_event, awaited, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

/* One page of the request's events. */
static void check_page(
	struct laptop *laptop, struct json_object *answer, int64_t after, struct awaiting *awaiting)
{
	struct json_object *events = json_list(answer, "events");
	struct json_object *heads = json_list(answer, "heads");

	for (size_t i = 0; events && i < awaiting->n; i++) {
		struct awaited *awaited = &awaiting->hosts[i];

		if (awaited->answered || !awaited->enrolment)
			continue;
		(void)evidence_events(
			&awaited->enrolment->enrolment, events, heads, note_event, awaited, NULL);
		if (!awaited->answered && is_told(awaited, events))
			(void)check_chain(laptop, awaited, after);
		if (awaited->answered)
			awaiting->left--;
	}
}

/* What central cannot tell in time is told as not confirmed: what was signed stands. */
static void await_all(struct laptop *laptop, const char *request_digest, int timeout_ms,
	struct awaiting *awaiting)
{
	int64_t deadline = now_ms() + timeout_ms, after = 0;

	while (awaiting->left > 0) {
		_cleanup_(json_putp) struct json_object *answer = NULL;
		int64_t left_s = (deadline - now_ms()) / 1000;
		char path[PATH_SIZE];

		if (left_s <= 0)
			return;
		snprintf(path, sizeof(path), "/v1/events?request=%s&after=%lld&wait=%lld",
			request_digest, (long long)after, (long long)left_s);
		if (api_get(laptop->api, path, left_s * 1000, &answer, NULL) < 0)
			return;
		check_page(laptop, answer, after, awaiting);
		after = json_number(answer, "next");
	}
}

/* --- what is told ------------------------------------------------------------------------- */

static void add_end(struct json_object *row, const struct awaited *awaited)
{
	json_add_switch(row, "confirmed", awaited->answered);
	json_add_number(row, "count", awaited->event.count);
	json_add_number(row, "ms", awaited->event.ms);
}

static void add_answer(struct json_object *row, const struct awaited *awaited)
{
	bool refused = is_kind(&awaited->event, REFUSED);

	json_add_switch(row, "confirmed", awaited->answered && !refused);
	json_add_text(row, "said", refused ? "refused" : awaited->event.kind);
	json_add_text(row, "text", awaited->event.text);
}

static struct json_object *tell(const struct awaiting *awaiting)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < awaiting->n; i++) {
		const struct awaited *awaited = &awaiting->hosts[i];
		struct json_object *row = json_object_new_object();

		json_add_text(row, "host", awaited->host->id);
		json_add_text(row, "name", awaited->host->name);
		if (awaited->decision)
			add_answer(row, awaited);
		else
			add_end(row, awaited);
		json_add_time(row, "at", awaited->event.time);
		json_object_object_add(row, "last_contact", json_object_get(awaited->last_contact));
		json_object_array_add(list, row);
	}
	return list;
}

static bool is_about(const struct decision *decision, const struct document_host *host)
{
	for (size_t i = 0; decision && i < decision->n_hosts; i++)
		if (strcmp(decision->hosts[i], host->id) == 0)
			return true;
	return !decision;
}

/* `decision`: NULL for the request's end. */
static int await(struct laptop *laptop, const char *request_digest, const struct decision *decision,
	int timeout_ms, struct json_object **ret, struct problem *problem)
{
	_cleanup_(awaiting_done) struct awaiting awaiting = { 0 };
	_cleanup_(json_putp) struct json_object *state = NULL, *rows = NULL;
	_cleanup_(document_freep) struct document *document = NULL;
	const struct request *request;
	int r;

	r = asked_fetch(laptop->api, request_digest, &state, &document, problem);
	if (r == 0)
		r = api_list(laptop->api, "/v1/hosts", "hosts", &rows, problem);
	if (r < 0)
		return r;
	request = &document->request;
	for (size_t i = 0; i < request->n_hosts; i++) {
		struct awaited *awaited = &awaiting.hosts[awaiting.n];

		if (!is_about(decision, &request->hosts[i]))
			continue;
		awaiting.n++;
		awaited->host = &request->hosts[i];
		awaited->request = request_digest;
		awaited->decision = decision;
		find_enrolment(rows, request->customer, awaited);
	}
	awaiting.left = awaiting.n;
	await_all(laptop, request_digest, timeout_ms, &awaiting);
	*ret = tell(&awaiting);
	return 0;
}

int laptop_confirmations(struct laptop *laptop, const char *request_digest, int timeout_ms,
	struct json_object **ret, struct problem *problem)
{
	return await(laptop, request_digest, NULL, timeout_ms, ret, problem);
}

int laptop_answers(struct laptop *laptop, const struct decision *decision, int timeout_ms,
	struct json_object **ret, struct problem *problem)
{
	return await(laptop, decision->request, decision, timeout_ms, ret, problem);
}
