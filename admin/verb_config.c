/* SPDX-License-Identifier: MIT */

/* `supportaccess config check|show`. Needs neither root nor an enrolled host. */

#include "admin/ask.h"
#include "admin/verbs.h"
#include "core/config.h"
#include "core/json.h"
#include "lib/paths.h"

#include <stdio.h>
#include <string.h>

static const struct output_column columns[] = {
	{ "key", "KEY", NULL },
	{ "value", "VALUE", NULL },
	{ "origin", "FROM", NULL },
	{ 0 },
};

static void add_row(void *context, const char *key, const char *value, const char *origin)
{
	struct json_object *row = json_object_new_object();

	json_add_text(row, "key", key);
	json_add_text(row, "value", value);
	json_add_text(row, "origin", origin);
	json_object_array_add(context, row);
}

static int run_show(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(config_done) struct config config = { 0 };
	_cleanup_(json_putp) struct json_object *rows = json_object_new_array();
	int r = config_load(PATH_CONFIG_VENDOR, PATH_CONFIG, &config, problem);

	if (r < 0)
		return EXIT_FAILED;
	config_each(&config, add_row, rows);
	output_list(output_asked(arguments), "settings", rows, columns, "", 0);
	return EXIT_DONE;
}

static int run_check(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(config_done) struct config config = { 0 };
	_cleanup_(json_putp) struct json_object *row = json_object_new_object();
	bool right = config_load(PATH_CONFIG_VENDOR, PATH_CONFIG, &config, problem) == 0;

	json_add_switch(row, "right", right);
	json_add_text(row, "problem", problem->text);
	if (right || output_asked(arguments) == OUTPUT_JSON)
		output_result(output_asked(arguments), row, "The configuration is right.");
	return right ? EXIT_DONE : EXIT_FAILED;
}

static const struct option_spec options[] = {
	{ "json", 0, NULL, "print JSON" },
	{ "plain", 0, NULL, "print one \"NAME: value\" a line" },
	{ 0 },
};

static const struct command verbs[] = {
	{ "check", "", "tell what is wrong with the settings, file and line", options, 0, 0,
		run_check },
	{ "show", "", "print every setting and where its value comes from", options, 0, 0,
		run_show },
	{ 0 },
};

const struct command verb_config = { "config", NULL, "the settings of this host", .verbs = verbs };
