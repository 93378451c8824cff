/* SPDX-License-Identifier: MIT */

/* One request. What central believes is in capitals on the first line; what a host is said to
 * have done is shown only if that host signed it. */

#include "api/evidence.h"
#include "api/list.h"
#include "core/json.h"
#include "lib/moment.h"
#include "lib/text.h"
#include "staff/asked.h"
#include "staff/hosts.h"

#include <stdio.h>
#include <string.h>

#define WAIT_MS   25000
#define LINE_SIZE (DOCUMENT_SUMMARY_MAX * 4 + 1)

/* What one host signed last about the request. */
struct word {
	const char *digest; /* of the request */
	struct event last;  /* of kind "": nothing yet */
};

static void note_event(void *context, const struct event *event)
{
	struct word *word = context;

	if (strcmp(event->request, word->digest) == 0)
		word->last = *event;
}

static void escape(const char *text, char ret[static LINE_SIZE])
{
	(void)text_escape(text, strlen(text), ret, LINE_SIZE);
}

/* An object for each host of the request: what it said, or that it said nothing that we can
 * check. */
static int hosts_words(struct staff *staff, struct json_object *state,
	const struct document *request, struct json_object **ret, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *hosts = NULL, *words = json_object_new_array();
	struct json_object *events = NULL, *heads = NULL;
	int r = hosts_list(staff, request->request.customer, &hosts, problem);

	if (r < 0)
		return r;
	json_object_object_get_ex(state, "events", &events);
	json_object_object_get_ex(state, "heads", &heads);
	for (size_t i = 0; i < request->request.n_hosts; i++) {
		const struct document_host *host = &request->request.hosts[i];
		_cleanup_(document_freep) struct document *enrolment = NULL;
		struct json_object *row = json_object_new_object();
		struct word word = { .digest = json_text(state, "digest") };

		json_add_text(row, "host", host->id);
		json_add_text(row, "name", host->name);
		if (hosts_find_in(hosts, request->request.customer, host->name, &enrolment, NULL) ==
				0 &&
			strcmp(enrolment->enrolment.host.id, host->id) == 0 &&
			json_object_is_type(events, json_type_array))
			(void)evidence_events(
				&enrolment->enrolment, events, heads, note_event, &word, NULL);
		json_add_text(row, "said", word.last.kind);
		json_add_time(row, "time", word.last.time);
		json_add_time(row, "until", word.last.until);
		json_add_number(row, "count", word.last.count);
		json_add_number(row, "ms", word.last.ms);
		json_add_text(row, "text", word.last.text);
		json_object_array_add(words, row);
	}
	*ret = TAKE_PTR(words);
	return 0;
}

/* --- for people --------------------------------------------------------------------------- */

static void print_documents(struct json_object *state, const char *key, int64_t now)
{
	struct json_object *list = NULL;
	size_t n;

	json_object_object_get_ex(state, key, &list);
	n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
	for (size_t i = 0; i < n; i++) {
		const char *bytes = json_text(json_object_array_get_idx(list, i), "document");
		_cleanup_(document_freep) struct document *d = NULL;
		char when[MOMENT_TEXT_MAX], length[MOMENT_TEXT_MAX], text[LINE_SIZE];
		bool decision;

		if (document_parse(bytes, strlen(bytes), &d, NULL) < 0)
			continue;
		decision = d->type == DOCUMENT_DECISION;
		if (!decision && d->type != DOCUMENT_REVOCATION)
			continue;
		moment_show(decision ? d->decision.decided : d->revocation.revoked, now, false,
			false, when, sizeof(when));
		escape(decision ? d->decision.comment : d->revocation.reason, text);
		length_show(decision ? d->decision.length : 0, length, sizeof(length));
		printf("  %-9s  %s",
			!decision             ? "Revoked"
			: d->decision.approve ? "Approved"
					      : "Denied",
			when);
		if (decision && d->decision.approve)
			printf("  %s, %s, on %zu host%s", scope_name(d->decision.scope), length,
				d->decision.n_hosts, d->decision.n_hosts == 1 ? "" : "s");
		printf("%s%s%s\n", text[0] ? "  \"" : "", text, text[0] ? "\"" : "");
	}
}

static void print_words(struct json_object *words, int64_t now)
{
	for (size_t i = 0; i < json_object_array_length(words); i++) {
		struct json_object *word = json_object_array_get_idx(words, i);
		const char *said = json_text(word, "said");
		char when[MOMENT_TEXT_MAX], until[MOMENT_TEXT_MAX], text[LINE_SIZE];

		printf("  %-9s  %-12s  ", i ? "" : "Hosts", json_text(word, "name"));
		if (!said[0]) {
			puts("has confirmed nothing yet");
			continue;
		}
		output_show_time(json_object_object_get(word, "time"), now, when, sizeof(when));
		output_show_time(json_object_object_get(word, "until"), now, until, sizeof(until));
		if (strcmp(said, "requested") == 0) {
			printf("knows of it, %s\n", when);
			continue;
		}
		escape(json_text(word, "text"), text);
		printf("%s %s", said, when);
		if (json_object_object_get(word, "until") && strcmp(said, "refused-document") != 0)
			printf(", until %s", until);
		if (strcmp(said, "confirmed") == 0 || strcmp(said, "ended") == 0)
			printf(", nothing alive (%lld processes, %lld ms)",
				(long long)json_number(word, "count"),
				(long long)json_number(word, "ms"));
		printf("%s%s\n", text[0] ? ": " : "", text);
	}
}

static void print_next(const struct document *request, const char *state)
{
	char id[SHORT_ID_LEN + 1];

	digest_short_id(&request->digest, id);
	if (strcmp(state, "waiting") == 0)
		printf("\n  " STAFF_PROGRAM " show %s --wait\n", id);
	else if (asked_is_over(state))
		printf("\n  " STAFF_PROGRAM " request --again %s\n", id);
	else
		printf("\n  " STAFF_PROGRAM " ssh %s/%s\n  " STAFF_PROGRAM
		       " close %s --summary \"...\"\n",
			request->request.customer, request->request.hosts[0].name, id);
}

static void print_people(const struct document *document, struct json_object *state,
	struct json_object *words, int64_t now)
{
	const struct request *request = &document->request;
	const char *name = json_text(state, "state");
	char id[SHORT_ID_LEN + 1], hosts[DOCUMENT_HOSTS_MAX * (DOCUMENT_NAME_MAX + 1) + 1];
	char length[MOMENT_TEXT_MAX], until[MOMENT_TEXT_MAX], text[LINE_SIZE];

	digest_short_id(&document->digest, id);
	asked_hosts(request, hosts, sizeof(hosts));
	length_show(request->length, length, sizeof(length));
	moment_show(request->pending_until, now, false, true, until, sizeof(until));
	printf("Request %s             ", id);
	output_state(name);
	puts("\n");
	escape(request->reason, text);
	printf("  Why        \"%s\"%s%s\n", text, request->ticket[0] ? "   ticket " : "",
		request->ticket);
	printf("  What       %s on %s of %s, for %s\n", scope_name(request->scope), hosts,
		request->customer, length);
	if (strcmp(name, "waiting") == 0)
		printf("  Decide by  %s, then nothing is opened\n", until);
	print_documents(state, "decisions", now);
	print_documents(state, "revocations", now);
	print_words(words, now);
	print_next(document, name);
}

static void print_plain(
	const struct document *document, struct json_object *state, struct json_object *words)
{
	char id[SHORT_ID_LEN + 1], text[LINE_SIZE], name[LINE_SIZE];

	digest_short_id(&document->digest, id);
	escape(document->request.reason, text);
	escape(json_text(state, "state"), name);
	printf("Request: %s\nState: %s\nCustomer: %s\nScope: %s\nWhy: %s\n", id, name,
		document->request.customer, scope_name(document->request.scope), text);
	for (size_t i = 0; i < json_object_array_length(words); i++) {
		struct json_object *word = json_object_array_get_idx(words, i);
		const char *said = json_text(word, "said");

		printf("Host %s: %s\n", json_text(word, "name"),
			said[0] ? said : "has confirmed nothing yet");
	}
}

/* --- the verb ----------------------------------------------------------------------------- */

/* Waits until the request is no longer waiting. Central holds each question while the request's
 * events have no news; a decision that no host has heard of yet shows at the next one. */
static int wait_decided(struct staff *staff, const char *id, struct json_object **state,
	struct document **request, struct problem *problem)
{
	char path[192];
	int64_t after = 0;

	while (strcmp(json_text(*state, "state"), "waiting") == 0) {
		_cleanup_(json_putp) struct json_object *answer = NULL;
		int r;

		snprintf(path, sizeof(path), "/v1/events?request=%s&after=%lld&wait=%d",
			json_text(*state, "digest"), (long long)after, WAIT_MS / 1000);
		r = api_get(staff->api, path, WAIT_MS, &answer, problem);
		if (r < 0)
			return r;
		after = json_number(answer, "next") > after ? json_number(answer, "next") : after;
		json_object_put(TAKE_PTR(*state));
		document_free(TAKE_PTR(*request));
		r = asked_fetch(staff->api, id, state, request, problem);
		if (r < 0)
			return r;
	}
	return 0;
}

int staff_show(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(staff_done) struct staff staff = { 0 };
	_cleanup_(json_putp) struct json_object *state = NULL, *words = NULL;
	_cleanup_(document_freep) struct document *request = NULL;
	enum output_format format = output_asked(arguments);
	const char *id = arguments->words[0];
	int r;

	r = staff_open(&staff, problem);
	if (r == 0)
		r = asked_fetch(staff.api, id, &state, &request, problem);
	if (r == 0 && argument_given(arguments, "wait"))
		r = wait_decided(&staff, id, &state, &request, problem);
	if (r == 0)
		r = hosts_words(&staff, state, request, &words, problem);
	if (r != 0)
		return r;
	if (format == OUTPUT_JSON) {
		json_object_object_add(state, "hosts", json_object_get(words));
		output_object(format, state, NULL, moment_now());
	} else if (format == OUTPUT_PLAIN) {
		print_plain(request, state, words);
	} else {
		print_people(request, state, words, moment_now());
	}
	return EXIT_DONE;
}
