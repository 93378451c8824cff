/* SPDX-License-Identifier: MIT */

/* `supportaccess history`: the account of what happened. */

#include "admin/ask.h"
#include "admin/place.h"
#include "admin/state.h"
#include "admin/verbs.h"
#include "core/json.h"
#include "lib/moment.h"

#include <errno.h>
#include <string.h>

static const struct output_column columns[] = {
	{ "id", "REQUEST", NULL },
	{ "agent", "WHO", NULL },
	{ "reason", "WHY", NULL },
	{ "created", "ASKED", output_show_time },
	{ "scope", "SCOPE", NULL },
	{ "hosts", "HOSTS", json_show_list },
	{ "deciders", "DECIDED BY", json_show_list },
	{ "sessions_count", "SESSIONS", NULL },
	{ "outcome", "OUTCOME", NULL },
	{ "ended_by", "ENDED BY", NULL },
	{ "ended", "ENDED", output_show_time },
	{ "processes", "PROCESSES", NULL },
	{ "cause", "CAUSE", NULL },
	{ 0 },
};

struct filter {
	const char *host;
	int64_t since;
};

static bool names_host(struct json_object *row, const char *host)
{
	struct json_object *hosts = json_list(row, "hosts");

	for (size_t i = 0; i < json_object_array_length(hosts); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(hosts, i)), host) == 0)
			return true;
	return false;
}

static bool is_wanted(struct json_object *row, const struct filter *filter, int64_t now)
{
	int64_t created = 0;

	if (moment_parse(json_text(row, "created"), now, &created) < 0)
		return false;
	return created >= filter->since && (!filter->host || names_host(row, filter->host));
}

static int read_since(const char *text, int64_t now, int64_t *ret, struct problem *problem)
{
	*ret = 0;
	if (text && moment_parse_past(text, now, ret) < 0)
		return problem_say(problem, -EINVAL,
			"--since %s: neither a time behind us (08:00, 2026-11-24 08:00) nor a "
			"length (3d)",
			text);
	return 0;
}

static int make_rows(struct json_object *states, const struct filter *filter, int64_t now,
	struct json_object *rows, struct problem *problem)
{
	for (size_t i = 0; i < json_object_array_length(states); i++) {
		_cleanup_(json_putp) struct json_object *row = NULL;
		int r = state_history(json_object_array_get_idx(states, i), &row, problem);

		if (r < 0)
			return r;
		if (is_wanted(row, filter, now))
			json_object_array_add(rows, TAKE_PTR(row));
	}
	return 0;
}

static int run(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(place_done) struct place place = { 0 };
	_cleanup_(json_putp) struct json_object *states = NULL, *rows = json_object_new_array();
	struct filter filter = { .host = argument(arguments, "host") };
	int64_t now = moment_now();
	int r = read_since(argument(arguments, "since"), now, &filter.since, problem);

	if (r == 0)
		r = place_open(arguments, &place, problem);
	if (r == 0)
		r = place.requests(&place, NULL, argument(arguments, "agent"), &states, problem);
	if (r == 0)
		r = make_rows(states, &filter, now, rows, problem);
	if (r < 0)
		return r;
	output_list(output_asked(arguments), "history", rows, columns,
		"Nothing was ever asked here.", now);
	return EXIT_DONE;
}

static const struct option_spec options[] = {
	{ "agent", 0, "LOGIN", "only this agent's" },
	{ "host", 0, "NAME", "only what asked for this host" },
	{ "since", 0, "TIME", "only what was asked since then: 2026-11-24 08:00, or 3d ago" },
	PLACE_OPTIONS,
	{ 0 },
};

const struct command verb_history = { "history", "",
	"tell who asked, why, who approved, and how it ended", options, 0, 0, run, NULL,
	"Each request once, newest first, with its decisions, sessions and end. --json has every\n"
	"session with its own times and processes." };
