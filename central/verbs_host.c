/* SPDX-License-Identifier: MIT */

/* supportaccess-central host … */

#include "central/verbs.h"

#include "central/answer.h"
#include "core/key.h"
#include "core/signature.h"
#include "lib/moment.h"
#include "lib/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* The first line of a public key file, without its comment. */
static int read_key(const char *path, char ret[static DOCUMENT_KEY_MAX + 1],
	char fingerprint[static FINGERPRINT_MAX + 1], struct problem *problem)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, ret, DOCUMENT_KEY_MAX);
	char *space;

	if (size < 0)
		return problem_say(problem, -errno, "%s: cannot be read: %m", path);
	ret[size] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	space = strchr(ret, ' ');
	if (space)
		space[1 + strcspn(space + 1, " ")] = '\0';
	if (!space || key_fingerprint(ret, fingerprint) < 0)
		return problem_say(problem, -EINVAL,
			"%s: no ssh public key (of the agent authority, as ssh-keygen makes it)",
			path);
	return 0;
}

static int read_code(const struct arguments *arguments, struct code_row *ret,
	char fingerprint[static FINGERPRINT_MAX + 1], struct problem *problem)
{
	const char *customer, *authority, *vendor = argument(arguments, "vendor");
	int r;

	*ret = (struct code_row){ .role = ROLE_HOST };
	r = verb_option(arguments, "customer", &customer, problem);
	if (r == 0)
		r = verb_check_name("a customer", customer, DOCUMENT_CUSTOMER_MAX, problem);
	if (r == 0)
		r = verb_option(arguments, "authority", &authority, problem);
	if (r == 0 && vendor)
		r = verb_check_text("a vendor", vendor, CENTRAL_VENDOR_MAX, problem);
	if (r == 0)
		r = verb_code_ends(arguments, &ret->ends, problem);
	if (r != 0)
		return r;
	r = text_copy(ret->customer, sizeof(ret->customer), customer);
	if (r == 0)
		r = text_copy(ret->vendor, sizeof(ret->vendor), vendor ? vendor : "");
	if (r < 0)
		return r;
	return read_key(authority, ret->authority, fingerprint, problem);
}

static int run_code(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(central_freep) struct central *central = NULL;
	char fingerprint[FINGERPRINT_MAX + 1];
	struct code_row code;
	struct secret secret;
	int r;

	r = read_code(arguments, &code, fingerprint, problem);
	if (r == 0)
		r = verb_open(arguments, false, &central, problem);
	if (r == 0)
		r = verb_make_code(central, &code, &secret);
	if (r == CENTRAL_NOT_FOUND)
		return problem_say(problem, -ENOENT,
			"no customer %s; `supportaccess-central customer add %s` makes it one",
			code.customer, code.customer);
	if (r < 0)
		return r;
	return verb_show_secret(arguments, "code", &secret, code.ends,
		"A one-time code for one host of %s, which `supportaccess enroll URL -` reads from "
		"standard input.\nAgent authority %s: who enrols compares it.",
		code.customer, fingerprint);
}

static int append(void *context, const struct host_row *row)
{
	struct json_object *json = json_object_new_object();
	char enrolled[32], contact[32];

	moment_rfc3339(row->enrolled, enrolled);
	moment_rfc3339(row->contact, contact);
	if (json && answer_add_text(json, "name", row->name) == 0 &&
		answer_add_text(json, "customer", row->customer) == 0 &&
		answer_add_text(json, "id", row->id) == 0 &&
		answer_add_text(json, "enrolled", enrolled) == 0 &&
		answer_add_text(json, "last_contact", contact) == 0)
		return answer_append(context, json);
	(void)json_object_put(json);
	return -ENOMEM;
}

static int list(
	const struct arguments *arguments, struct json_object *rows, struct problem *problem)
{
	_cleanup_(central_freep) struct central *central = NULL;
	int r;

	r = verb_open(arguments, false, &central, problem);
	if (r == 0)
		r = central_hosts(
			central, argument(arguments, "customer"), "", INT32_MAX, append, rows);
	return r;
}

static int run_list(const struct arguments *arguments, struct problem *problem)
{
	static const struct output_column columns[] = {
		{ "name", "Name", NULL },
		{ "customer", "Customer", NULL },
		{ "last_contact", "Last contact", output_show_time },
		{ "id", "Id", NULL },
		{ 0 },
	};
	_cleanup_(json_putp) struct json_object *rows = json_object_new_array();
	int r = list(arguments, rows, problem);

	if (r < 0)
		return r;
	output_list(output_asked(arguments), "hosts", rows, columns, "no host yet", moment_now());
	return EXIT_DONE;
}

struct wanted {
	const char *name;
	char id[HOST_ID_LEN + 1];
};

static int match(void *context, const struct host_row *row)
{
	struct wanted *wanted = context;

	if (strcmp(row->name, wanted->name) == 0 || strcmp(row->id, wanted->name) == 0)
		memcpy(wanted->id, row->id, strlen(row->id) + 1);
	return 0;
}

static int run_remove(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(central_freep) struct central *central = NULL;
	struct wanted wanted = { .name = arguments->words[0] };
	const char *customer;
	int r;

	r = verb_option(arguments, "customer", &customer, problem);
	if (r == 0)
		r = verb_open(arguments, false, &central, problem);
	if (r == 0)
		r = central_hosts(central, customer, "", INT32_MAX, match, &wanted);
	if (r < 0)
		return r;
	if (!*wanted.id)
		return verb_said(arguments, false, "%s has no host %s.", customer, wanted.name);
	r = central_host_end(central, wanted.id, moment_now());
	if (r < 0)
		return r;
	return verb_said(arguments, r == CENTRAL_DONE,
		"%s of %s is not known here any more, and its token has ended. What is open there "
		"ends "
		"as it was approved; on the host, `supportaccess revoke --all` ends it now.",
		wanted.name, customer);
}

static const struct option_spec code_options[] = {
	OPTION_CUSTOMER,
	{ "authority", 0, "FILE", "public key of the vendor's agent authority (ssh CA)", false },
	{ "vendor", 0, "TEXT", "the vendor's name, as the customer reads it", false },
	OPTION_FOR,
	OPTION_DATABASE,
	OPTION_JSON,
	{ 0 },
};
static const struct option_spec list_options[] = { OPTION_CUSTOMER, OPTION_DATABASE, OPTION_JSON,
	OPTION_PLAIN, { 0 } };
static const struct option_spec remove_options[] = { OPTION_CUSTOMER, OPTION_DATABASE, OPTION_JSON,
	{ 0 } };

const struct command host_verbs[] = {
	{ "code", "", "make a one-time code that enrols one host", code_options, 0, 0, run_code,
		NULL, NULL, false },
	{ "list", "", "list hosts", list_options, 0, 0, run_list, NULL, NULL, false },
	{ "remove", "NAME", "forget a host; its name is free for another", remove_options, 1, 1,
		run_remove, NULL, NULL, false },
	{ 0 },
};
