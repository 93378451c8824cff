/* SPDX-License-Identifier: MIT */

/* `supportaccess login`: an approver's laptop gets to know central. */

#include "admin/ask.h"
#include "admin/laptop.h"
#include "admin/verbs.h"
#include "api/login.h"
#include "core/json.h"

#include <stdio.h>
#include <string.h>

static void tell(const struct arguments *arguments, const struct settings *settings)
{
	_cleanup_(json_putp) struct json_object *row = json_object_new_object();

	json_add_text(row, "central", settings->url);
	json_add_text(row, "name", settings->name);
	json_add_text(row, "customer", settings->customer);
	output_result(output_asked(arguments), row, "Logged in to %s as %s, approver of %s.",
		settings->url, settings->name, settings->customer);
}

static int run(const struct arguments *arguments, struct problem *problem)
{
	struct settings settings = { 0 };
	int r = login_read(arguments, &settings, problem);

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
