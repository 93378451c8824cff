/* SPDX-License-Identifier: MIT */

#include "staff/staff.h"

#include "api/login.h"
#include "core/json.h"

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

int staff_login(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *row = NULL;
	struct settings settings = { 0 };
	int r = login_read(arguments, &settings, problem);

	if (r == 0)
		r = login_run(SETTINGS_STAFF, "agent", STAFF_AGENT, &settings, problem);
	if (r == 0) {
		row = json_object_new_object();
		json_add_text(row, "central", settings.url);
		json_add_text(row, "name", settings.name);
		output_result(output_asked(arguments), row, "Logged in to %s as %s.", settings.url,
			settings.name);
	}
	explicit_bzero(settings.token, sizeof(settings.token));
	return r;
}
