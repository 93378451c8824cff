/* SPDX-License-Identifier: MIT */

/* `supportaccess revoke`: ends access, now.
 *
 * Ending needs nobody's permission and nothing that may be down: on a host the CLI publishes, kills
 * and signs by itself. What is told of a host is what that host confirmed. */

#include "admin/ask.h"
#include "admin/host.h"
#include "admin/place.h"
#include "admin/state.h"
#include "admin/verbs.h"
#include "core/json.h"
#include "host/ending.h"
#include "lib/moment.h"
#include "lib/paths.h"
#include "lib/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool may_be_open(const char *state)
{
	static const char *const words[] = { "waiting", "approved", "open" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], state) == 0)
			return true;
	return false;
}

/* The request states that the command line means. */
static int find_all(const struct arguments *arguments, struct place *place,
	struct json_object **ret, struct problem *problem)
{
	bool all = argument_given(arguments, "all");
	const char *agent = argument(arguments, "agent");
	_cleanup_(json_putp) struct json_object *states = NULL, *state = NULL;
	struct json_object *chosen;
	int r;

	if ((arguments->n_words > 0) + (agent != NULL) + all != 1)
		return problem_say(
			problem, -EINVAL, "say what to end: an ID, --agent LOGIN or --all");
	if (arguments->n_words)
		r = place->find(place, arguments->words[0], &state, problem);
	else
		r = place->requests(place, NULL, agent, &states, problem);
	if (r < 0)
		return r;
	chosen = json_object_new_array();
	if (state)
		json_object_array_add(chosen, json_object_get(state));
	for (size_t i = 0; states && i < json_object_array_length(states); i++) {
		struct json_object *item = json_object_array_get_idx(states, i);

		if (may_be_open(json_text(item, "state")))
			json_object_array_add(chosen, json_object_get(item));
	}
	*ret = chosen;
	return 0;
}

static int submit_one(const struct arguments *arguments, struct place *place,
	struct json_object *state, struct problem *problem)
{
	_cleanup_(freep) struct document *document = calloc(1, sizeof(*document));
	const char *reason = argument(arguments, "reason");
	struct revocation *revocation;
	int r;

	if (!document)
		return -ENOMEM;
	document->type = DOCUMENT_REVOCATION;
	document->version = 1;
	revocation = &document->revocation;
	r = text_copy(revocation->request, sizeof(revocation->request), json_text(state, "digest"));
	if (r == 0)
		r = text_copy(revocation->by, sizeof(revocation->by), place->by);
	if (r < 0)
		return r;
	if (text_copy(revocation->reason, sizeof(revocation->reason), reason ? reason : "") < 0)
		return problem_say(
			problem, -EINVAL, "--reason is longer than %d bytes", DOCUMENT_TEXT_MAX);
	revocation->revoked = moment_now();
	if (place->local) {
		revocation->n_hosts = 1;
		memcpy(revocation->hosts[0], place->host_id, sizeof(place->host_id));
	}
	return place->submit(place, document, problem);
}

static void tell_host(struct json_object *state, struct json_object *host, int64_t now)
{
	char contact[MOMENT_TEXT_MAX] = "never";

	if (json_object_get_boolean(json_object_object_get(host, "confirmed"))) {
		printf("  %s: ended, nothing is alive: %lld process%s in %lld ms\n",
			json_text(host, "name"), (long long)json_number(host, "count"),
			json_number(host, "count") == 1 ? "" : "es",
			(long long)json_number(host, "ms"));
		return;
	}
	if (json_object_object_get(host, "last_contact"))
		output_show_time(json_object_object_get(host, "last_contact"), now, contact,
			sizeof(contact));
	printf("  %s: not confirmed; last contact %s. It may still admit %s until the grant ends "
	       "or it connects\n",
		json_text(host, "name"), contact, json_text(state, "agent"));
}

/* Puts `confirmations` into the row. Returns how many hosts have not confirmed. */
static int add_confirmations(struct place *place, struct json_object *row, struct problem *problem)
{
	struct json_object *hosts = NULL;
	int missing = 0;
	int r = place->confirmations(
		place, json_text(row, "digest"), PLACE_CONFIRM_MS, &hosts, problem);

	if (r < 0)
		return r;
	json_object_object_add(row, "hosts", hosts);
	for (size_t i = 0; i < json_object_array_length(hosts); i++)
		missing += !json_object_get_boolean(
			json_object_object_get(json_object_array_get_idx(hosts, i), "confirmed"));
	return missing;
}

static void tell(const struct arguments *arguments, struct json_object *rows, int64_t now)
{
	static const struct output_column columns[] = { { "id", "Request", NULL },
		{ "agent", "Agent", NULL }, { "changed", "Changed", json_show_switch }, { 0 } };

	if (output_asked(arguments) != OUTPUT_TABLE) {
		output_list(
			output_asked(arguments), "revoked", rows, columns, "Nothing to end.", now);
		return;
	}
	if (json_object_array_length(rows) == 0)
		puts("Nothing to end.");
	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);
		struct json_object *hosts = json_list(row, "hosts");

		printf("%s: request %s of %s\n",
			json_object_get_boolean(json_object_object_get(row, "changed"))
				? "Revoked"
				: "Was over already",
			json_text(row, "id"), json_text(row, "agent"));
		for (size_t h = 0; hosts && h < json_object_array_length(hosts); h++)
			tell_host(row, json_object_array_get_idx(hosts, h), now);
	}
}

/* All are ended before any is waited for. */
static int revoke_all(const struct arguments *arguments, struct place *place,
	struct json_object *states, struct json_object *rows, struct problem *problem)
{
	int missing = 0, failed = 0, r;

	for (size_t i = 0; i < json_object_array_length(states); i++) {
		struct json_object *state = json_object_array_get_idx(states, i), *row = NULL;
		bool over = !may_be_open(json_text(state, "state"));

		r = state_row(state, &row, problem);
		if (r == 0)
			r = submit_one(arguments, place, state, problem);
		if (r < 0) {
			json_object_put(row);
			failed = failed ? failed : r;
			continue;
		}
		json_add_switch(row, "changed", r == PLACE_CHANGED && !over);
		json_object_array_add(rows, row);
	}
	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		r = add_confirmations(place, json_object_array_get_idx(rows, i), problem);
		if (r < 0)
			failed = failed ? failed : r;
		else
			missing += r;
	}
	return failed ? failed : missing ? EXIT_IN_PART : EXIT_DONE;
}

static void tell_blind(const struct arguments *arguments, const struct ending_report *report)
{
	_cleanup_(json_putp) struct json_object *row = json_object_new_object();

	json_object_object_add(row, "revoked", json_object_new_array());
	json_add_number(row, "sessions", report->sessions);
	json_add_number(row, "processes", report->processes);
	json_add_number(row, "ms", report->ms);
	if (output_asked(arguments) == OUTPUT_JSON) {
		output_object(OUTPUT_JSON, row, NULL, 0);
		return;
	}
	printf("%lld session%s ended, nothing is alive: %lld process%s in %lld ms. Nobody is let "
	       "in "
	       "until the store is mended and root says: supportaccess clock epoch\n",
		(long long)report->sessions, report->sessions == 1 ? "" : "s",
		(long long)report->processes, report->processes == 1 ? "" : "es",
		(long long)report->ms);
}

/* Who has which request is written in the store alone, but what is open can be ended without it. */
static int revoke_blind(const struct arguments *arguments, int why, const struct problem *said,
	struct problem *problem)
{
	const char *reason = argument(arguments, "reason");
	struct ending_report report;
	int r;

	if (!argument_given(arguments, "all"))
		return problem_say(problem, why,
			"%s. Whose session is whose is not known without it; to end all of them: "
			"supportaccess revoke --all",
			said->text[0] ? said->text : strerror(-why));
	r = ask(arguments, problem,
		"The store cannot be read. End every support session, and let nobody in until root "
		"begins a new epoch?");
	if (r < 0)
		return r;
	fprintf(stderr, "supportaccess: %s\n", said->text);
	r = host_end_blind(reason ? reason : "revoked by root", &report, problem);
	if (r < 0)
		return r;
	tell_blind(arguments, &report);
	return EXIT_DONE;
}

static int run(const struct arguments *arguments, struct problem *problem)
{
	struct problem said = PROBLEM_NONE;
	_cleanup_(place_done) struct place place = { 0 };
	_cleanup_(json_putp) struct json_object *states = NULL, *rows = json_object_new_array();
	int r = place_open(arguments, &place, &said);

	if (host_is_mute(r) && !argument_given(arguments, "api"))
		return revoke_blind(arguments, r, &said, problem);
	if (r < 0)
		return problem_say(problem, r, "%s", said.text[0] ? said.text : strerror(-r));
	r = find_all(arguments, &place, &states, problem);
	if (r == 0 && json_object_array_length(states) > 0)
		r = ask(arguments, problem,
			"End %zu request%s? That is final: the agent has to ask anew.",
			json_object_array_length(states),
			json_object_array_length(states) == 1 ? "" : "s");
	if (r < 0)
		return r;
	r = revoke_all(arguments, &place, states, rows, problem);
	tell(arguments, rows, moment_now());
	return r;
}

static const struct option_spec options[] = {
	{ "agent", 0, "LOGIN", "everything of this agent" },
	{ "all", 0, NULL, "everything" },
	{ "reason", 'r', "TEXT", "what the agent reads" },
	PLACE_SIGNING_OPTIONS,
	{ 0 },
};

const struct command verb_revoke = { "revoke", "ID | --agent LOGIN | --all",
	"end access at once and for good", options, 0, 1, run, NULL,
	"Every process of its sessions is ended. On a host it needs neither network nor daemon.\n"
	"Through central it waits up to 10 s for the hosts to confirm with their signature, and\n"
	"tells which have not (exit code 7). With a store that cannot be read --all still ends\n"
	"every session here." };
