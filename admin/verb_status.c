/* SPDX-License-Identifier: MIT */

/* `supportaccess status`: how it stands, in a few lines. */

#include "admin/ask.h"
#include "admin/place.h"
#include "admin/verbs.h"
#include "core/json.h"
#include "lib/moment.h"

static const struct output_column host_columns[] = {
	{ "host", "Host", NULL },
	{ "customer", "Customer", NULL },
	{ "off", "Switched off", json_show_switch },
	{ "closed", "Closed because", NULL },
	{ "waiting", "Requests waiting", NULL },
	{ "grants", "Grants open", NULL },
	{ "sessions", "Sessions open", NULL },
	{ "daemon", "supportaccessd", NULL },
	{ "central", "Central", NULL },
	{ "contact", "Last contact", output_show_time },
	{ "contact_problem", "Contact trouble", NULL },
	{ 0 },
};

static const struct output_column laptop_columns[] = {
	{ "central", "Central", NULL },
	{ "role", "You are", NULL },
	{ "name", "Name", NULL },
	{ "customer", "Customer", NULL },
	{ "waiting", "Requests waiting", NULL },
	{ "open", "Requests open", NULL },
	{ 0 },
};

static int run(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(place_done) struct place place = { 0 };
	_cleanup_(json_putp) struct json_object *status = NULL;
	int r = place_open(arguments, &place, problem);

	if (r == 0)
		r = place.status(&place, &status, problem);
	if (r < 0)
		return r;
	output_object(output_asked(arguments), status, place.local ? host_columns : laptop_columns,
		moment_now());
	return EXIT_DONE;
}

static const struct option_spec options[] = { PLACE_OPTIONS, { 0 } };

const struct command verb_status = { "status", "", "tell how support access stands here", options,
	0, 0, run };
