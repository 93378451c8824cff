/* SPDX-License-Identifier: MIT */

/* supportaccess-central token … */

#include "central/verbs.h"

#include "central/answer.h"
#include "lib/moment.h"

#define TOKEN_LENGTH (90 * 24 * 3600)

static int run_add(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(central_freep) struct central *central = NULL;
	const char *name = arguments->words[0], *length = argument(arguments, "for");
	int64_t now = moment_now(), seconds = TOKEN_LENGTH;
	struct secret secret;
	int r;

	r = verb_check_principal("an operator", name, problem);
	if (r == 0 && length && length_parse(length, &seconds) < 0)
		r = problem_say(problem, -EINVAL, "--for %s is no length, as 4h or 3d", length);
	if (r == 0)
		r = verb_open(arguments, true, &central, problem);
	if (r == 0)
		r = secret_make_token(&secret);
	if (r == 0)
		r = central_token_add(central, secret.hash, name, now + seconds, now);
	if (r < 0)
		return r;
	return verb_show_secret(arguments, "token", &secret, now + seconds,
		"A token of the operator %s, who may look at all and revoke.", name);
}

static int append(void *context, const struct token_row *row)
{
	struct json_object *json = json_object_new_object();
	char created[32], ends[32] = "";

	moment_rfc3339(row->created, created);
	if (row->ends)
		moment_rfc3339(row->ends, ends);
	if (json && answer_add_text(json, "id", row->id) == 0 &&
		answer_add_text(json, "role", row->role) == 0 &&
		answer_add_text(json, "name", row->name) == 0 &&
		answer_add_text(json, "customer", row->customer) == 0 &&
		answer_add_text(json, "created", created) == 0 &&
		answer_add_text(json, "ends", ends) == 0)
		return answer_append(context, json);
	(void)json_object_put(json);
	return -ENOMEM;
}

static int run_list(const struct arguments *arguments, struct problem *problem)
{
	static const struct output_column columns[] = {
		{ "id", "Id", NULL },
		{ "role", "Role", NULL },
		{ "name", "Name", NULL },
		{ "customer", "Customer", NULL },
		{ "ends", "Ends", output_show_time },
		{ 0 },
	};
	_cleanup_(central_freep) struct central *central = NULL;
	_cleanup_(json_putp) struct json_object *rows = json_object_new_array();
	int r;

	r = verb_open(arguments, false, &central, problem);
	if (r == 0)
		r = central_tokens(central, append, rows);
	if (r < 0)
		return r;
	output_list(output_asked(arguments), "tokens", rows, columns, "no token yet", moment_now());
	return EXIT_DONE;
}

static int run_revoke(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(central_freep) struct central *central = NULL;
	const char *id = arguments->words[0];
	int r;

	r = verb_open(arguments, false, &central, problem);
	if (r == 0)
		r = central_token_revoke(central, id, moment_now());
	if (r == CENTRAL_NOT_FOUND)
		return problem_say(problem, -ENOENT,
			"no token %s; `supportaccess-central token list` has the ids", id);
	if (r < 0)
		return r;
	return verb_said(arguments, r == CENTRAL_DONE, "The token %s is revoked.", id);
}

static const struct option_spec add_options[] = {
	{ "for", 0, "LENGTH", "until it ends (90d)", false },
	OPTION_DATABASE,
	OPTION_JSON,
	{ 0 },
};
static const struct option_spec list_options[] = { OPTION_DATABASE, OPTION_JSON, OPTION_PLAIN,
	{ 0 } };
static const struct option_spec revoke_options[] = { OPTION_DATABASE, OPTION_JSON, { 0 } };

const struct command token_verbs[] = {
	{ "add", "OPERATOR", "make a token for an operator", add_options, 1, 1, run_add, NULL, NULL,
		false },
	{ "list", "", "list tokens that are not revoked", list_options, 0, 0, run_list, NULL, NULL,
		false },
	{ "revoke", "ID", "end a token now", revoke_options, 1, 1, run_revoke, NULL, NULL, false },
	{ 0 },
};
