/* SPDX-License-Identifier: MIT */

/* `supportaccess login`: an approver's laptop gets to know central. */

#include "admin/ask.h"
#include "admin/json.h"
#include "admin/laptop.h"
#include "admin/verbs.h"
#include "api/client.h"
#include "api/login.h"
#include "lib/text.h"

#include <stdio.h>
#include <string.h>

/* A path that still holds in another working directory. */
static int keep_path(const char *given, char ret[static PATH_MAX], struct problem *problem)
{
	if (given && !realpath(given, ret))
		return problem_say(problem, -errno, "%s: %s", given, strerror(errno));
	return 0;
}

static void tell(const struct arguments *arguments, const struct settings *settings)
{
	_cleanup_(json_putp) struct json_object *row = json_object_new_object();

	json_add_text(row, "central", settings->url);
	json_add_text(row, "name", settings->name);
	json_add_text(row, "customer", settings->customer);
	output_result(ask_format(arguments), row, "Logged in to %s as %s, approver of %s.",
		settings->url, settings->name, settings->customer);
}

static int run(const struct arguments *arguments, struct problem *problem)
{
	struct settings settings = { 0 };
	int r;

	if (text_copy(settings.url, sizeof(settings.url), arguments->words[0]) < 0)
		return problem_say(
			problem, -EINVAL, "the URL is longer than %d bytes", API_URL_MAX);
	r = keep_path(argument(arguments, "key"), settings.key, problem);
	if (r == 0)
		r = keep_path(argument(arguments, "ca-file"), settings.ca_file, problem);
	if (r == 0)
		r = login_run(SETTINGS_APPROVER, "approver", LAPTOP_AGENT, &settings, problem);
	if (r == 0)
		tell(arguments, &settings);
	explicit_bzero(settings.token, sizeof(settings.token));
	return r;
}

static const struct option_spec options[] = {
	{ "key", 'k', "FILE", "sign with this ssh key from now on" },
	{ "ca-file", 0, "FILE", "trust these certificates for central" },
	{ "json", 0, NULL, "print JSON" },
	{ 0 },
};

const struct command verb_login = { "login", "URL",
	"let this laptop approve: reads a one-time code from standard input", options, 1, 1, run,
	NULL,
	"The vendor gives the code. The token that it is exchanged for lies in\n"
	"~/.config/supportaccess/approver.json. Your key stays yours: central never sees it,\n"
	"and each host has its own list of whose signature counts." };
