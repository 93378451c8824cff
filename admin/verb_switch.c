/* SPDX-License-Identifier: MIT */

/* `supportaccess off` and `on`: the switch of one host, above every grant. */

#include "admin/ask.h"
#include "admin/host.h"
#include "admin/verbs.h"
#include "core/json.h"
#include "host/enrolled.h"

#include <stdio.h>
#include <string.h>

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

/* The switch lies in the store, which cannot be read: closed until root says otherwise is more than
 * was asked, but what is less would leave somebody in. */
static int off_blind(const struct arguments *arguments, const char *why, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *row = json_object_new_object();
	struct ending_report report;
	int r = host_end_blind("switched off by root", &report, problem);

	fprintf(stderr, "supportaccess: %s\n", why);
	if (r < 0)
		return r;
	json_add_switch(row, "off", false);
	json_add_number(row, "sessions", report.sessions);
	json_add_number(row, "processes", report.processes);
	json_add_number(row, "ms", report.ms);
	json_add_switch(row, "clean", report.clean);
	output_result(output_asked(arguments), row,
		"%lld sessions ended, %lld processes. The switch cannot be set; nobody is let in "
		"until "
		"the store is mended and root says: supportaccess clock epoch",
		(long long)report.sessions, (long long)report.processes);
	return EXIT_IN_PART;
}

/* Grants stand, so whoever was ended may come back as soon as the store can be written. */
static int off_unwritten(
	struct host *host, int why, const struct problem *said, struct problem *problem)
{
	const struct ending_order order = { .by = host->by, .cause = "switched off by root" };
	struct ending_report report = { .clean = false };

	(void)ending_run(host->store, &host->config, &order, host->now, &report, NULL);
	return problem_say(problem, why,
		"%s. %s, but support access is not off: say it again when the store can be written",
		said->text[0] ? said->text : strerror(-why),
		report.clean ? "Every session is ended" : "Not every session could be ended");
}

static int run(const struct arguments *arguments, bool off, struct problem *problem)
{
	_cleanup_(host_done) struct host host = { 0 };
	struct ending_report report = { .clean = true };
	const char *reason = argument(arguments, "reason");
	struct problem said = PROBLEM_NONE;
	int switched, r;

	r = host_open(off ? "off" : "on", off ? HOST_LOOKS : HOST_OPENS, &host, &said);
	if (off && r != -ENOENT && host_is_mute(r))
		return off_blind(arguments, said.text, problem);
	if (r < 0)
		return problem_say(problem, r, "%s", said.text);
	switched = host_switch(host.store, off, host.now, host.by, reason ? reason : "", &said);
	if (switched < 0 && off)
		return off_unwritten(&host, switched, &said, problem);
	if (switched < 0)
		return problem_say(problem, switched, "%s", said.text);
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
