/* SPDX-License-Identifier: MIT */

/* `supportaccess show`: everything that somebody who decides should know, on one screen. What is
 * shown comes from the signed request, whose digest `approve` then binds. */

#include "admin/ask.h"
#include "admin/show.h"
#include "admin/state.h"
#include "admin/verbs.h"
#include "core/grant.h"
#include "core/json.h"
#include "core/signature.h"
#include "lib/moment.h"
#include "lib/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES 2048

/* One line of the screen; the text may be the other company's. */
static void line(const char *title, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void line(const char *title, const char *format, ...)
{
	char text[LINE_MAX_BYTES], safe[LINE_MAX_BYTES];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	text_escape(text, strlen(text), safe, sizeof(safe));
	printf("  %-9s %s\n", title, safe);
}

const char *show_scope_words(enum scope scope)
{
	switch (scope) {
	case SCOPE_READ_ONLY:
		return "may look, can change nothing";
	case SCOPE_READ_WRITE:
		return "an ordinary user, who may change what such a user may";
	case SCOPE_ADMIN:
		return "may become root and change everything";
	case SCOPE_NONE:
		break;
	}
	return "unknown";
}

static void show_who(struct json_object *state, const struct request *request)
{
	char fingerprint[FINGERPRINT_MAX + 1];

	line("Who", "%s (%s)%s%s", request->agent.name, request->agent.login,
		*request->agent.team ? ", team " : "", request->agent.team);
	if (key_fingerprint(request->agent.key, fingerprint) == 0)
		line("", "key %s", fingerprint);
	line("Why", "\"%s\"%s%s", request->reason, *request->ticket ? "   ticket " : "",
		request->ticket);
	if (*request->tried)
		line("Tried", "%s", request->tried);
	(void)state;
}

static void show_where(const struct place *place, const struct request *request)
{
	char names[LINE_MAX_BYTES] = "";
	size_t used = 0;

	for (size_t i = 0; i < request->n_hosts && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? "  " : "",
			request->hosts[i].name);
	line("Where", "%s", names);
	if (place->local && request->n_hosts > 1)
		line("", "what you decide here holds on %s alone", place->where);
}

static void show_how_long(const struct place *place, const struct request *request, int64_t now)
{
	char asked[MOMENT_TEXT_MAX], most[MOMENT_TEXT_MAX], moment[MOMENT_TEXT_MAX];
	int64_t max = place->config
			      ? grant_max_length(
					&(struct grant_host){ .max_scope = place->config->max_scope,
						.max_length = place->config->max_length },
					request->scope)
			      : 0;

	length_show(request->length, asked, sizeof(asked));
	length_show(max, most, sizeof(most));
	if (max && max < request->length)
		line("How long", "asked %s; this host allows at most %s", asked, most);
	else
		line("How long", "%s", asked);
	if (place->config && request->scope > place->config->max_scope)
		line("", "this host allows at most %s (max_scope in supportaccess.conf)",
			scope_name(place->config->max_scope));
	if (request->start) {
		moment_show(request->start, now, false, true, moment, sizeof(moment));
		line("From", "%s", moment);
	}
}

static int show_decision(void *context, const struct document *document)
{
	const struct decision *decision = &document->decision;
	char when[MOMENT_TEXT_MAX], length[MOMENT_TEXT_MAX];
	bool *first = context;

	moment_show(decision->decided, moment_now(), false, false, when, sizeof(when));
	length_show(decision->length, length, sizeof(length));
	if (decision->approve)
		line(*first ? "Decided" : "", "%s approved %s: %s, at most %s%s%s",
			decision->approver, when, scope_name(decision->scope), length,
			*decision->comment ? ", " : "", decision->comment);
	else
		line(*first ? "Decided" : "", "%s denied %s%s%s", decision->approver, when,
			*decision->comment ? ": " : "", decision->comment);
	*first = false;
	return 0;
}

static int show_revocation(void *context, const struct document *document)
{
	const struct revocation *revocation = &document->revocation;
	char when[MOMENT_TEXT_MAX];

	(void)context;
	moment_show(revocation->revoked, moment_now(), false, false, when, sizeof(when));
	line("Revoked", "%s %s%s%s", revocation->by, when, *revocation->reason ? ": " : "",
		revocation->reason);
	return 0;
}

static void show_next_steps(struct json_object *state, const struct request *request, int64_t now)
{
	const char *id = json_text(state, "id"), *word = json_text(state, "state");
	char moment[MOMENT_TEXT_MAX];

	if (strcmp(word, "waiting") == 0) {
		moment_show(request->pending_until, now, false, true, moment, sizeof(moment));
		line("Decide by", "%s, then nothing is opened", moment);
		printf("\n  Only approve if you expect this. Not sure? Call the vendor, on a "
		       "number "
		       "that you have.\n\n"
		       "  supportaccess approve %s --for 4h      supportaccess deny %s\n",
			id, id);
	} else if (strcmp(word, "approved") == 0 || strcmp(word, "open") == 0) {
		printf("\n  supportaccess revoke %s\n", id);
	}
}

int show_request(
	const struct place *place, struct json_object *state, int64_t now, struct problem *problem)
{
	_cleanup_(document_freep) struct document *document = NULL;
	bool first = true;
	int r = state_request(state, &document, problem);

	if (r < 0)
		return r;
	printf("Request %s             ", json_text(state, "id"));
	output_state(json_text(state, "state"));
	puts("\n");
	show_who(state, &document->request);
	line("What", "%s: %s; recorded in the audit chain", scope_name(document->request.scope),
		show_scope_words(document->request.scope));
	show_where(place, &document->request);
	show_how_long(place, &document->request, now);
	r = state_each(state, "decisions", DOCUMENT_DECISION, show_decision, &first);
	if (r == 0)
		r = state_each(state, "revocations", DOCUMENT_REVOCATION, show_revocation, NULL);
	if (r == 0)
		show_next_steps(state, &document->request, now);
	return r;
}

static int run(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(place_done) struct place place = { 0 };
	_cleanup_(json_putp) struct json_object *state = NULL, *row = NULL;
	int r = place_open(arguments, &place, problem);

	if (r == 0)
		r = place.find(&place, arguments->words[0], &state, problem);
	if (r == 0 && output_asked(arguments) == OUTPUT_TABLE)
		return show_request(&place, state, moment_now(), problem);
	if (r == 0)
		r = state_history(state, &row, problem);
	if (r < 0)
		return r;
	static const struct output_column columns[] = {
		{ "id", "Request", NULL },
		{ "state", "State", NULL },
		{ "name", "Name", NULL },
		{ "agent", "Login", NULL },
		{ "team", "Team", NULL },
		{ "reason", "Why", NULL },
		{ "ticket", "Ticket", NULL },
		{ "scope", "What", NULL },
		{ "hosts", "Where", json_show_list },
		{ "length", "How long", output_show_length },
		{ "pending_until", "Decide by", output_show_time },
		{ "deciders", "Decided by", json_show_list },
		{ 0 },
	};
	output_object(output_asked(arguments), row, columns, moment_now());
	return EXIT_DONE;
}

static const struct option_spec options[] = { PLACE_OPTIONS, { 0 } };

const struct command verb_show = { "show", "ID",
	"tell who asks, why, how far, until when and what became of it", options, 1, 1, run };
