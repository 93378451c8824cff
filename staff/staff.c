/* SPDX-License-Identifier: MIT */

#include "staff/staff.h"

#include "api/login.h"

#include <stdio.h>
#include <string.h>

int staff_open(struct staff *ret, struct problem *problem)
{
	int r = settings_load(SETTINGS_STAFF, STAFF_LOGIN, &ret->settings, problem);

	if (r < 0)
		return r;
	return settings_open(&ret->settings, STAFF_AGENT, &ret->api, problem);
}

void staff_done(struct staff *staff)
{
	api_free(staff->api);
	explicit_bzero(staff->settings.token, sizeof(staff->settings.token));
}

enum output_format staff_format(const struct arguments *arguments)
{
	if (argument_given(arguments, "json"))
		return OUTPUT_JSON;
	return argument_given(arguments, "plain") ? OUTPUT_PLAIN : OUTPUT_TABLE;
}

/* A path that still holds in another working directory. */
static int keep_path(const char *given, char ret[static PATH_MAX], struct problem *problem)
{
	if (given && !realpath(given, ret))
		return problem_say(problem, -errno, "%s: %s", given, strerror(errno));
	return 0;
}

int staff_login(const struct arguments *arguments, struct problem *problem)
{
	struct settings settings = { 0 };
	int r;

	if (strlen(arguments->words[0]) >= sizeof(settings.url))
		return problem_say(
			problem, -EINVAL, "the URL is longer than %d bytes", API_URL_MAX);
	memcpy(settings.url, arguments->words[0], strlen(arguments->words[0]));
	r = keep_path(argument(arguments, "key"), settings.key, problem);
	if (r == 0)
		r = keep_path(argument(arguments, "ca-file"), settings.ca_file, problem);
	if (r == 0)
		r = login_run(SETTINGS_STAFF, "agent", STAFF_AGENT, &settings, problem);
	if (r == 0)
		printf("Logged in to %s as %s.\n", settings.url, settings.name);
	explicit_bzero(settings.token, sizeof(settings.token));
	return r;
}
