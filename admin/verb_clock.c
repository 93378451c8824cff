/* SPDX-License-Identifier: MIT */

/* `supportaccess clock`: what root says of time, which no signature can say.
 *
 * Two verbs, because they answer two questions and nobody should answer one by the other: `accept`
 * believes the clock and voids nothing; `epoch` believes the store, whatever it may have forgotten,
 * by voiding all that was decided until now. It takes no moment: with an earlier one, what was
 * ended in between would be open again. */

#include "admin/ask.h"
#include "admin/host.h"
#include "admin/verbs.h"
#include "core/json.h"
#include "host/clock.h"
#include "host/enrolled.h"
#include "lib/moment.h"

#include <stdio.h>
#include <string.h>

/* A row for programs, else the sentence of `before`, the moment and `after`. */
static int tell(const struct arguments *arguments, const struct host *host, bool changed,
	const char *before, const char *after)
{
	_cleanup_(json_putp) struct json_object *row = json_object_new_object();
	char now[MOMENT_TEXT_MAX];

	json_add_text(row, "host", host->name);
	json_add_switch(row, "changed", changed);
	json_add_time(row, "clock", host->now);
	moment_show(host->now, host->now, false, false, now, sizeof(now));
	output_result(output_asked(arguments), row, "%s%s%s", before, now, after);
	return EXIT_DONE;
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
	if (r != 0)
		return problem_say(problem, r, "cannot judge the clock: %s", strerror(-r));
	moment_show(host.now, host.now, false, false, now, sizeof(now));
	if (!state.ahead && host.now >= state.high_water)
		return tell(arguments, &host, false, "The clock (",
			") is believed already; nothing was changed.");
	r = ask(arguments, problem,
		"Is it really %s? Grants that ended by the clock as it was may be open again.",
		now);
	if (r == 0)
		r = clock_accept(host.store, &machine, host.now, host.by, problem);
	if (r == 0)
		r = host_changed(&host, host.by, "the clock was accepted", NULL, problem);
	return r < 0 ? r
		     : tell(arguments, &host, true, "The clock (", ") is believed from here on.");
}

static int run_epoch(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(host_done) struct host host = { 0 };
	struct ending_report report;
	char now[MOMENT_TEXT_MAX];
	const char *closed;
	int r = host_open("clock", HOST_OPENS, &host, problem);

	if (r < 0)
		return r;
	moment_show(host.now, host.now, false, false, now, sizeof(now));
	closed = store_closed(host.store);
	if (closed && !argument_given(arguments, "json"))
		printf("The store is closed: %s.\n", closed);
	r = ask(arguments, problem,
		"Begin anew at %s? No approval until now counts any more, and every support "
		"session "
		"ends. What may have been ended since the store was as it is stays ended.",
		now);
	if (r == 0)
		r = host_epoch(host.store, host.now, host.by, problem);
	if (r == 0)
		r = host_changed(&host, host.by, "root began anew", &report, problem);
	return r < 0 ? r
		     : tell(arguments, &host, true, "Only what is decided after ",
			       " counts. Agents have to ask anew.");
}

static const struct option_spec options[] = {
	{ "yes", 'y', NULL, "do not ask" },
	{ "json", 0, NULL, "print JSON" },
	{ 0 },
};

static const struct command verbs[] = {
	{ "accept", "", "believe the clock as it is now", options, 0, 0, run_accept, NULL,
		"For when the clock is right and the host does not believe it: it is behind what "
		"it\n"
		"was before, or jumped ahead by more than a day. Until then nobody is let in." },
	{ "epoch", "", "begin anew: believe the store, void all that was decided until now",
		options, 0, 0, run_epoch, NULL,
		"For when the store is closed because it was put back from an older copy, or "
		"because\n"
		"everything was ended while it could not be read: nobody knows what it has "
		"forgotten.\n"
		"Every approval until now is void and every session ends; agents ask anew. The "
		"audit\n"
		"chain goes on and says so." },
	{ 0 },
};

const struct command verb_clock = { "clock", NULL,
	"what to do after the clock was set or the store put back", .verbs = verbs };
