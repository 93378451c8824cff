/* SPDX-License-Identifier: MIT */

/* supportaccess-central customer … */

#include "central/verbs.h"

#include "central/answer.h"
#include "lib/moment.h"

static int run_add(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(central_freep) struct central *central = NULL;
	const char *name = arguments->words[0], *title = argument(arguments, "title");
	int r;

	r = verb_check_name("a customer", name, DOCUMENT_CUSTOMER_MAX, problem);
	if (r == 0 && title)
		r = verb_check_text("a title", title, CENTRAL_TITLE_MAX, problem);
	if (r == 0)
		r = verb_open(arguments, true, &central, problem);
	if (r == 0)
		r = central_customer_add(central, name, title ? title : "", moment_now());
	if (r == CENTRAL_TAKEN)
		return problem_say(problem, -EPERM,
			"cannot add %s: a customer of that name was removed, and a name is never "
			"given "
			"twice",
			name);
	if (r < 0)
		return r;
	return verb_said(arguments, r == CENTRAL_DONE, "%s is a customer.", name);
}

static int run_remove(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(central_freep) struct central *central = NULL;
	const char *name = arguments->words[0];
	int r;

	r = verb_open(arguments, false, &central, problem);
	if (r == 0)
		r = central_customer_remove(central, name, moment_now());
	if (r == CENTRAL_NOT_FOUND)
		return problem_say(problem, -ENOENT, "no customer %s", name);
	if (r == CENTRAL_IN_USE)
		return problem_say(problem, -EPERM,
			"cannot remove %s: it has hosts (supportaccess-central host list "
			"--customer %s)",
			name, name);
	if (r < 0)
		return r;
	return verb_said(arguments, r == CENTRAL_DONE, "%s is no customer any more.", name);
}

static int append(void *context, const struct customer_row *row)
{
	struct json_object *json = json_object_new_object();
	char added[32];

	moment_rfc3339(row->added, added);
	if (json && answer_add_text(json, "name", row->name) == 0 &&
		answer_add_text(json, "title", row->title) == 0 &&
		answer_add_number(json, "hosts", row->hosts) == 0 &&
		answer_add_text(json, "added", added) == 0)
		return answer_append(context, json);
	(void)json_object_put(json);
	return -ENOMEM;
}

static int run_list(const struct arguments *arguments, struct problem *problem)
{
	static const struct output_column columns[] = {
		{ "name", "Name", NULL },
		{ "title", "Title", NULL },
		{ "hosts", "Hosts", NULL },
		{ "added", "Added", output_show_time },
		{ 0 },
	};
	_cleanup_(central_freep) struct central *central = NULL;
	_cleanup_(json_putp) struct json_object *rows = json_object_new_array();
	int r;

	r = verb_open(arguments, false, &central, problem);
	if (r == 0)
		r = central_customers(central, append, rows);
	if (r < 0)
		return r;
	output_list(output_asked(arguments), "customers", rows, columns, "no customer yet",
		moment_now());
	return EXIT_DONE;
}

static const struct option_spec add_options[] = {
	{ "title", 0, "TEXT", "its full name", false },
	OPTION_DATABASE,
	OPTION_JSON,
	{ 0 },
};

static const struct option_spec remove_options[] = { OPTION_DATABASE, OPTION_JSON, { 0 } };
static const struct option_spec list_options[] = { OPTION_DATABASE, OPTION_JSON, OPTION_PLAIN,
	{ 0 } };

const struct command customer_verbs[] = {
	{ "add", "NAME", "add a customer", add_options, 1, 1, run_add, NULL, NULL, false },
	{ "list", "", "list customers", list_options, 0, 0, run_list, NULL, NULL, false },
	{ "remove", "NAME", "remove one that has no hosts", remove_options, 1, 1, run_remove, NULL,
		NULL, false },
	{ 0 },
};
