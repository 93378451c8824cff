/* SPDX-License-Identifier: MIT */

/* `supportaccess requests`: what waits for a decision; with --all, what ever was asked. */

#include "admin/ask.h"
#include "admin/place.h"
#include "admin/state.h"
#include "admin/verbs.h"
#include "core/json.h"
#include "lib/moment.h"

#include <stdio.h>

static const struct output_column columns[] = {
	{ "id", "REQUEST", NULL },
	{ "state", "STATE", NULL },
	{ "agent", "AGENT", NULL },
	{ "scope", "SCOPE", NULL },
	{ "length", "FOR", output_show_length },
	{ "hosts", "HOSTS", json_show_list },
	{ "pending_until", "DECIDE BY", output_show_time },
	{ "reason", "WHY", NULL },
	{ 0 },
};

/* A request that does not read as one is told of and left out: one bad apple from central must not
 * hide the others. */
static struct json_object *make_rows(struct json_object *states)
{
	struct json_object *rows = json_object_new_array();

	for (size_t i = 0; i < json_object_array_length(states); i++) {
		struct problem problem = PROBLEM_NONE;
		struct json_object *row = NULL;

		if (state_row(json_object_array_get_idx(states, i), &row, &problem) == 0)
			json_object_array_add(rows, row);
		else
			fprintf(stderr, "supportaccess: left out: %s\n", problem.text);
	}
	return rows;
}

static int run(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(place_done) struct place place = { 0 };
	_cleanup_(json_putp) struct json_object *states = NULL, *rows = NULL;
	const char *state = argument(arguments, "state");
	int r;

	if (!state && !argument_given(arguments, "all"))
		state = "waiting";
	r = place_open(arguments, &place, problem);
	if (r == 0)
		r = place.requests(&place, state, argument(arguments, "agent"), &states, problem);
	if (r < 0)
		return r;
	rows = make_rows(states);
	output_list(output_asked(arguments), "requests", rows, columns,
		"No request waits for a decision. --all lists those that are over, too.",
		moment_now());
	return EXIT_DONE;
}

static const struct option_spec options[] = {
	{ "all", 'a', NULL, "also those that are decided or over" },
	{ "state", 0, "STATE", "waiting, approved, open, denied, unanswered, revoked or ended" },
	{ "agent", 0, "LOGIN", "only this agent's" },
	PLACE_OPTIONS,
	{ 0 },
};

const struct command verb_requests = { "requests", "", "list the requests that wait for a decision",
	options, 0, 0, run };
