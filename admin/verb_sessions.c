/* SPDX-License-Identifier: MIT */

/* `supportaccess sessions` and `kill`. */

#include "admin/ask.h"
#include "admin/host.h"
#include "admin/verbs.h"
#include "core/digest.h"
#include "core/json.h"
#include "host/sessions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct output_column columns[] = {
	{ "session", "SESSION", NULL },
	{ "agent", "AGENT", NULL },
	{ "scope", "SCOPE", NULL },
	{ "request", "REQUEST", NULL },
	{ "remote_host", "FROM", NULL },
	{ "opened", "SINCE", output_show_time },
	{ "until", "UNTIL", output_show_time },
	{ 0 },
};

static int add_row(void *context, const struct session *session)
{
	struct json_object *row = json_object_new_object();
	char id[SHORT_ID_LEN + 1] = "";
	struct digest digest;

	if (digest_from_hex(session->request, &digest) == 0)
		digest_short_id(&digest, id);
	json_add_text(row, "session", session->id);
	json_add_text(row, "agent", session->login);
	json_add_text(row, "scope", scope_name(session->scope));
	json_add_text(row, "request", id);
	json_add_text(row, "remote_host", session->remote_host);
	json_add_time(row, "opened", session->opened);
	json_add_time(row, "until", session->until);
	json_add_time(row, "ended", session->ended);
	json_object_array_add(context, row);
	return 0;
}

static int run_sessions(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(host_done) struct host host = { 0 };
	_cleanup_(json_putp) struct json_object *rows = json_object_new_array();
	int r = host_open("sessions", HOST_LOOKS, &host, problem);

	if (r == 0)
		r = sessions_each(host.store, argument(arguments, "agent"),
			argument_given(arguments, "all"), add_row, rows);
	if (r < 0)
		return problem_say(problem, r, "cannot read the sessions: %s", strerror(-r));
	output_list(output_asked(arguments), "sessions", rows, columns,
		"No support session is open.", host.now);
	return EXIT_DONE;
}

static void tell_killed(const struct arguments *arguments, const struct session *session,
	const struct ending_report *report, bool changed)
{
	_cleanup_(json_putp) struct json_object *row = json_object_new_object();
	enum output_format format = output_asked(arguments);

	json_add_text(row, "session", session->id);
	json_add_text(row, "agent", session->login);
	json_add_switch(row, "changed", changed);
	json_add_number(row, "processes", report->processes);
	json_add_number(row, "ms", report->ms);
	json_add_switch(row, "clean", report->clean);
	if (!changed)
		output_result(format, row, "Session %s of %s was over already.", session->id,
			session->login);
	else
		output_result(format, row,
			"Session %s of %s: %lld process%s ended in %lld ms%s.\nThe grant stands: "
			"to "
			"end that, supportaccess revoke --agent %s",
			session->id, session->login, (long long)report->processes,
			report->processes == 1 ? "" : "es", (long long)report->ms,
			report->clean ? ", nothing is alive"
				      : "; SOMETHING IS STILL ALIVE, see `supportaccess doctor`",
			session->login);
}

static int run_kill(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(host_done) struct host host = { 0 };
	const char *reason = argument(arguments, "reason");
	struct ending_order order = { .session = arguments->words[0] };
	struct ending_report report = { .clean = true };
	struct session session;
	struct problem said = PROBLEM_NONE;
	int r = host_open("kill", HOST_LOOKS, &host, &said);

	if (r < 0)
		return problem_say(problem, r, "%s%s", said.text,
			r != -ENOENT && host_is_mute(r)
				? ". To end every session without it: supportaccess revoke --all"
				: "");
	r = sessions_find(host.store, arguments->words[0], &session);
	if (r == -ENOENT)
		return problem_say(problem, r,
			"there is no session %s; `supportaccess sessions` lists those that are "
			"open",
			arguments->words[0]);
	if (r == 0 && session.ended) {
		tell_killed(arguments, &session, &report, false);
		return EXIT_DONE;
	}
	order.by = host.by;
	order.cause = reason ? reason : "killed by root";
	if (r == 0)
		r = ending_run(host.store, &host.config, &order, host.now, &report, problem);
	if (r == 0)
		r = host_changed(&host, host.by, order.cause, NULL, problem);
	if (r < 0)
		return r;
	tell_killed(arguments, &session, &report, true);
	return report.clean ? EXIT_DONE : EXIT_IN_PART;
}

static const struct option_spec sessions_options[] = {
	{ "agent", 0, "LOGIN", "only this agent's" },
	{ "all", 'a', NULL, "also those that are over" },
	{ "json", 0, NULL, "print JSON" },
	{ "plain", 0, NULL, "print one \"NAME: value\" a line" },
	{ 0 },
};
static const struct option_spec kill_options[] = {
	{ "reason", 'r', "TEXT", "why, for the audit chain" },
	{ "json", 0, NULL, "print JSON" },
	{ 0 },
};

const struct command verb_sessions = { "sessions", "", "list the support sessions that are open",
	sessions_options, 0, 0, run_sessions };
const struct command verb_kill = { "kill", "SESSION", "end one session; its grant stands",
	kill_options, 1, 1, run_kill };
