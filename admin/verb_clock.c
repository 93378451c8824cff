/* SPDX-License-Identifier: MIT */

/* `supportaccess clock accept`: root says that the clock is right. */

#include "admin/ask.h"
#include "admin/host.h"
#include "admin/verbs.h"
#include "core/json.h"
#include "host/clock.h"
#include "lib/moment.h"

#include <stdio.h>
#include <string.h>

static void tell(
	const struct arguments *arguments, const struct host *host, bool changed, const char *now)
{
	_cleanup_(json_putp) struct json_object *row = json_object_new_object();

	json_add_text(row, "host", host->name);
	json_add_time(row, "clock", host->now);
	json_add_switch(row, "changed", changed);
	output_result(ask_format(arguments), row,
		changed ? "The clock (%s) is believed from here on."
			: "The clock (%s) is believed already; nothing was changed.",
		now);
}

static int run_accept(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(host_done) struct host host = { 0 };
	struct clock_state state;
	struct machine machine;
	char now[MOMENT_TEXT_MAX];
	int r = host_open("clock", HOST_OPENS, &host, problem);

	if (r == 0)
		r = machine_read(&machine);
	if (r == 0)
		r = clock_judge(host.store, &machine, host.now, &state);
	if (r < 0)
		return problem_say(problem, r, "cannot judge the clock: %s", strerror(-r));
	moment_show(host.now, host.now, false, false, now, sizeof(now));
	if (!state.ahead && host.now >= state.high_water) {
		tell(arguments, &host, false, now);
		return EXIT_DONE;
	}
	r = ask(arguments, problem,
		"Is it really %s? Grants that ended by the clock as it was may be open again.",
		now);
	if (r == 0)
		r = clock_accept(host.store, &machine, host.now, host.by, problem);
	if (r == 0)
		r = host_changed(&host, host.by, "the clock was accepted", NULL, problem);
	if (r < 0)
		return r;
	tell(arguments, &host, true, now);
	return EXIT_DONE;
}

static const struct option_spec options[] = {
	{ "json", 0, NULL, "print JSON" },
	{ "yes", 'y', NULL, "do not ask" },
	{ 0 },
};

static const struct command verbs[] = {
	{ "accept", "", "believe the clock as it is now", options, 0, 0, run_accept },
	{ 0 },
};

const struct command verb_clock = { "clock", NULL, "what to do after the clock was set",
	.verbs = verbs };
