/* SPDX-License-Identifier: MIT */

/* `supportaccess off` and `on`: the switch of one host, above every grant. */

#include "admin/ask.h"
#include "admin/host.h"
#include "admin/verbs.h"
#include "core/json.h"
#include "host/enrolled.h"

#include <stdio.h>

static int tell(const struct arguments *arguments, const struct host *host, bool off, bool changed,
	const struct ending_report *report)
{
	_cleanup_(json_putp) struct json_object *row = json_object_new_object();

	json_add_text(row, "host", host->name);
	json_add_switch(row, "off", off);
	json_add_switch(row, "changed", changed);
	json_add_number(row, "sessions", report->sessions);
	json_add_number(row, "processes", report->processes);
	json_add_number(row, "ms", report->ms);
	json_add_switch(row, "clean", report->clean);
	if (argument_given(arguments, "json"))
		output_object(OUTPUT_JSON, row, NULL, host->now);
	else if (off)
		printf("Support access to %s is %soff. %lld sessions ended, %lld processes.\n",
			host->name, changed ? "" : "already ", (long long)report->sessions,
			(long long)report->processes);
	else
		printf("Support access to %s is %son: what is approved may log in.\n", host->name,
			changed ? "" : "already ");
	return report->clean ? EXIT_DONE : EXIT_IN_PART;
}

static int run(const struct arguments *arguments, bool off, struct problem *problem)
{
	_cleanup_(host_done) struct host host = { 0 };
	struct ending_report report = { .clean = true };
	const char *reason = argument(arguments, "reason");
	int switched, r;

	r = host_open(off ? "off" : "on", off ? HOST_LOOKS : HOST_OPENS, &host, problem);
	if (r < 0)
		return r;
	switched = host_switch(host.store, off, host.now, host.by, reason ? reason : "", problem);
	if (switched < 0)
		return switched;
	r = host_changed(&host, host.by, off ? "switched off" : "switched on", &report, problem);
	if (r < 0)
		return r;
	return tell(arguments, &host, off, switched == 0, &report);
}

static int run_off(const struct arguments *arguments, struct problem *problem)
{
	return run(arguments, true, problem);
}

static int run_on(const struct arguments *arguments, struct problem *problem)
{
	return run(arguments, false, problem);
}

static const struct option_spec options[] = {
	{ "reason", 'r', "TEXT", "why, for the audit chain" },
	{ "json", 0, NULL, "print JSON" },
	{ 0 },
};

const struct command verb_off = { "off", "", "let nobody in on this host, whatever is approved",
	options, 0, 0, run_off, NULL,
	"Every support session ends at once. Grants stay and count again after `on`." };
const struct command verb_on = { "on", "", "undo `off`", options, 0, 0, run_on };
