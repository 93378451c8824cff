/* SPDX-License-Identifier: MIT */

/* supportaccess-central agent … and approver …: one row each, since what differs is little. An
 * approver here is who may send decisions; whose decisions open anything, each host's own
 * approvers file says. */

#include "central/verbs.h"

#include "central/answer.h"
#include "lib/moment.h"

#include <string.h>

static const struct kind {
	enum role role;
	const char *title, *noun, *program;
} agent = { ROLE_AGENT, "an agent", "agent", "supportaccess-staff" },
  approver = { ROLE_APPROVER, "an approver", "approver", "supportaccess" };

static int read_person(const struct kind *kind, const struct arguments *arguments,
	struct person *ret, struct problem *problem)
{
	int r;

	*ret = (struct person){ .role = kind->role,
		.customer = "",
		.name = arguments->words[0],
		.full_name = "",
		.team = "" };
	if (kind->role == ROLE_APPROVER) {
		r = verb_option(arguments, "customer", &ret->customer, problem);
		return r < 0 ? r : verb_check_principal(kind->title, ret->name, problem);
	}
	if (!account_login_is_valid(ret->name))
		return problem_say(problem, -EINVAL,
			"\"%s\" cannot be an agent's login: a lower-case letter, then at most %zu "
			"of a-z "
			"0-9 _ -",
			ret->name, ACCOUNT_LOGIN_MAX - 1);
	return 0;
}

static int read_agent(
	const struct arguments *arguments, struct person *person, struct problem *problem)
{
	const char *team = argument(arguments, "team");
	int r;

	r = verb_option(arguments, "name", &person->full_name, problem);
	if (r == 0)
		r = verb_check_text(
			"a full name", person->full_name, ACCOUNT_FULL_NAME_MAX, problem);
	if (r == 0 && team && *team)
		r = verb_check_name("a team", team, DOCUMENT_TEAM_MAX, problem);
	person->team = team ? team : "";
	return r;
}

static int give_code(const struct kind *kind, const struct arguments *arguments,
	struct central *central, const struct person *person, bool added, struct problem *problem)
{
	struct code_row code = { .role = person->role };
	struct secret secret;
	int r;

	strncpy(code.customer, person->customer, sizeof(code.customer) - 1);
	strncpy(code.name, person->name, sizeof(code.name) - 1);
	r = verb_code_ends(arguments, &code.ends, problem);
	if (r == 0)
		r = verb_make_code(central, &code, &secret);
	if (r == CENTRAL_NOT_FOUND)
		return problem_say(problem, -ENOENT,
			"no code for %s: there is no such %s, or it is locked", person->name,
			kind->noun);
	if (r < 0)
		return r;
	return verb_show_secret(arguments, "code", &secret, code.ends,
		"%s%s%s%s\nA one-time code, which `%s login URL` reads from standard input.",
		person->name, added ? " is now " : " is ", kind->title, added ? "." : " already.",
		kind->program);
}

static int add(const struct kind *kind, const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(central_freep) struct central *central = NULL;
	struct person person;
	int r;

	r = read_person(kind, arguments, &person, problem);
	if (r == 0 && kind->role == ROLE_AGENT)
		r = read_agent(arguments, &person, problem);
	if (r == 0)
		r = verb_open(arguments, false, &central, problem);
	if (r == 0)
		r = central_person_add(central, &person, moment_now());
	if (r == CENTRAL_TAKEN)
		return problem_say(problem, -EPERM,
			"cannot add %s: %s of that name was locked or removed, and a name is never "
			"given "
			"twice",
			person.name, kind->title);
	if (r == CENTRAL_NOT_FOUND)
		return problem_say(problem, -ENOENT,
			"no customer %s; `supportaccess-central customer add %s` makes it one",
			person.customer, person.customer);
	if (r < 0)
		return r;
	if (r == CENTRAL_UNCHANGED)
		return verb_said(arguments, false,
			"%s is %s already; `supportaccess-central %s code %s%s%s` makes a new "
			"code.",
			person.name, kind->title, kind->noun, person.name,
			*person.customer ? " --customer " : "", person.customer);
	return give_code(kind, arguments, central, &person, true, problem);
}

static int make_code(
	const struct kind *kind, const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(central_freep) struct central *central = NULL;
	struct person person;
	int r;

	r = read_person(kind, arguments, &person, problem);
	if (r == 0)
		r = verb_open(arguments, false, &central, problem);
	return r < 0 ? r : give_code(kind, arguments, central, &person, false, problem);
}

static int end(const struct kind *kind, const struct arguments *arguments, bool remove,
	struct problem *problem)
{
	_cleanup_(central_freep) struct central *central = NULL;
	struct person person;
	int r;

	r = read_person(kind, arguments, &person, problem);
	if (r == 0)
		r = verb_open(arguments, false, &central, problem);
	if (r == 0)
		r = central_person_end(central, &person, remove, moment_now());
	if (r == CENTRAL_NOT_FOUND)
		return problem_say(problem, -ENOENT, "no %s %s", kind->noun, person.name);
	if (r < 0)
		return r;
	if (kind->role == ROLE_AGENT)
		return verb_end_requests(
			arguments, central, person.name, r == CENTRAL_DONE, problem);
	return verb_said(arguments, r == CENTRAL_DONE,
		"%s can send no decisions for %s any more. What %s decided stands until each "
		"host's "
		"root says `supportaccess approvers remove %s`.",
		person.name, person.customer, person.name, person.name);
}

static int append(void *context, const struct person *row)
{
	struct json_object *json = json_object_new_object();
	char added[32];

	moment_rfc3339(row->added, added);
	if (json && answer_add_text(json, "name", row->name) == 0 &&
		answer_add_text(json, "customer", row->customer) == 0 &&
		answer_add_text(json, "full_name", row->full_name) == 0 &&
		answer_add_text(json, "team", row->team) == 0 &&
		answer_add_text(json, "state", row->locked ? "locked" : "active") == 0 &&
		answer_add_text(json, "added", added) == 0)
		return answer_append(context, json);
	(void)json_object_put(json);
	return -ENOMEM;
}

static int list(const struct kind *kind, const struct arguments *arguments, struct problem *problem)
{
	static const struct output_column agents[] = {
		{ "name", "Login", NULL },
		{ "full_name", "Name", NULL },
		{ "team", "Team", NULL },
		{ "state", "State", NULL },
		{ "added", "Added", output_show_time },
		{ 0 },
	};
	static const struct output_column approvers[] = {
		{ "name", "Name", NULL },
		{ "customer", "Customer", NULL },
		{ "added", "Added", output_show_time },
		{ 0 },
	};
	_cleanup_(central_freep) struct central *central = NULL;
	_cleanup_(json_putp) struct json_object *rows = json_object_new_array();
	const bool of_agents = kind->role == ROLE_AGENT;
	int r;

	r = verb_open(arguments, false, &central, problem);
	if (r == 0)
		r = central_people(central, kind->role, append, rows);
	if (r < 0)
		return r;
	output_list(output_asked(arguments), of_agents ? "agents" : "approvers", rows,
		of_agents ? agents : approvers, of_agents ? "no agent yet" : "no approver yet",
		moment_now());
	return EXIT_DONE;
}

static int run_agent_add(const struct arguments *arguments, struct problem *problem)
{
	return add(&agent, arguments, problem);
}

static int run_agent_code(const struct arguments *arguments, struct problem *problem)
{
	return make_code(&agent, arguments, problem);
}

static int run_agent_list(const struct arguments *arguments, struct problem *problem)
{
	return list(&agent, arguments, problem);
}

static int run_agent_lock(const struct arguments *arguments, struct problem *problem)
{
	return end(&agent, arguments, false, problem);
}

static int run_agent_remove(const struct arguments *arguments, struct problem *problem)
{
	return end(&agent, arguments, true, problem);
}

static int run_approver_add(const struct arguments *arguments, struct problem *problem)
{
	return add(&approver, arguments, problem);
}

static int run_approver_code(const struct arguments *arguments, struct problem *problem)
{
	return make_code(&approver, arguments, problem);
}

static int run_approver_list(const struct arguments *arguments, struct problem *problem)
{
	return list(&approver, arguments, problem);
}

static int run_approver_remove(const struct arguments *arguments, struct problem *problem)
{
	return end(&approver, arguments, true, problem);
}

static const struct option_spec agent_add_options[] = {
	{ "name", 0, "TEXT", "full name, as customers read it", false },
	{ "team", 0, "NAME", "team, a principal of the agent's certificate", false },
	OPTION_FOR,
	OPTION_DATABASE,
	OPTION_JSON,
	{ 0 },
};
static const struct option_spec agent_code_options[] = { OPTION_FOR, OPTION_DATABASE, OPTION_JSON,
	{ 0 } };
static const struct option_spec agent_end_options[] = {
	{ "wait", 0, "LENGTH", "for hosts to confirm (10s)", false },
	OPTION_DATABASE,
	OPTION_JSON,
	OPTION_PLAIN,
	{ 0 },
};
static const struct option_spec approver_options[] = { OPTION_CUSTOMER, OPTION_FOR, OPTION_DATABASE,
	OPTION_JSON, { 0 } };
static const struct option_spec approver_end_options[] = { OPTION_CUSTOMER, OPTION_DATABASE,
	OPTION_JSON, { 0 } };
static const struct option_spec list_options[] = { OPTION_DATABASE, OPTION_JSON, OPTION_PLAIN,
	{ 0 } };

static const char lock_more[] = "All tokens and codes of the agent end, and all requests that are "
				"not over are revoked. Hosts "
				"end what is open as soon as they hear of it; those that have not "
				"confirmed are listed, and "
				"the exit code is then 7.";

const struct command agent_verbs[] = {
	{ "add", "LOGIN", "add an agent, with a one-time code", agent_add_options, 1, 1,
		run_agent_add, NULL, NULL, false },
	{ "code", "LOGIN", "make a new one-time code", agent_code_options, 1, 1, run_agent_code,
		NULL, NULL, false },
	{ "list", "", "list agents", list_options, 0, 0, run_agent_list, NULL, NULL, false },
	{ "lock", "LOGIN", "end all access of an agent, for good", agent_end_options, 1, 1,
		run_agent_lock, NULL, lock_more, false },
	{ "remove", "LOGIN", "lock, and leave out of lists", agent_end_options, 1, 1,
		run_agent_remove, NULL, lock_more, false },
	{ 0 },
};

const struct command approver_verbs[] = {
	{ "add", "NAME", "add an approver, with a one-time code", approver_options, 1, 1,
		run_approver_add, NULL, NULL, false },
	{ "code", "NAME", "make a new one-time code", approver_options, 1, 1, run_approver_code,
		NULL, NULL, false },
	{ "list", "", "list approvers", list_options, 0, 0, run_approver_list, NULL, NULL, false },
	{ "remove", "NAME", "end an approver's tokens", approver_end_options, 1, 1,
		run_approver_remove, NULL, NULL, false },
	{ 0 },
};
