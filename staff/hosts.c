/* SPDX-License-Identifier: MIT */

/* Central lists hosts; what is believed of one is what it signed itself. */

#include "staff/hosts.h"

#include "api/evidence.h"
#include "api/list.h"
#include "core/json.h"
#include "lib/moment.h"

#include <stdio.h>
#include <string.h>

int hosts_list(struct staff *staff, const char *customer, struct json_object **ret,
	struct problem *problem)
{
	_cleanup_(freep) char *escaped = api_escape(customer);
	char path[256];

	if (!escaped)
		return -ENOMEM;
	if ((size_t)snprintf(path, sizeof(path), "/v1/hosts?customer=%s", escaped) >= sizeof(path))
		return problem_say(problem, -EINVAL, "no customer has a name that long");
	return api_list(staff->api, path, "hosts", ret, problem);
}

int hosts_find_in(struct json_object *hosts, const char *customer, const char *name,
	struct document **ret, struct problem *problem)
{
	for (size_t i = 0; i < json_object_array_length(hosts); i++) {
		struct json_object *host = json_object_array_get_idx(hosts, i);
		_cleanup_(document_freep) struct document *enrolment = NULL;
		int r;

		if (strcmp(json_text(host, "name"), name) != 0)
			continue;
		r = evidence_enrolment(host, customer, NULL, &enrolment, problem);
		if (r < 0)
			return r;
		if (strcmp(enrolment->enrolment.host.name, name) != 0)
			return problem_say(problem, -EKEYREJECTED,
				"central calls %s what calls itself %s: do not use it", name,
				enrolment->enrolment.host.name);
		*ret = TAKE_PTR(enrolment);
		return 0;
	}
	return problem_say(problem, -ENOENT, "%s has no host %s; all: " STAFF_PROGRAM " hosts %s",
		customer, name, customer);
}

int hosts_find(struct staff *staff, const char *customer, const char *name, struct document **ret,
	struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *hosts = NULL;
	int r = hosts_list(staff, customer, &hosts, problem);

	return r < 0 ? r : hosts_find_in(hosts, customer, name, ret, problem);
}

/* One line of `hosts`. */
static struct json_object *host_row(struct json_object *host, const char *customer)
{
	_cleanup_(document_freep) struct document *enrolment = NULL;
	struct problem why = PROBLEM_NONE;
	struct json_object *row = json_object_new_object();

	json_add_text(row, "name", json_text(host, "name"));
	json_add_text(row, "id", json_text(host, "id"));
	json_add_time(row, "last_contact", json_number(host, "last_contact"));
	if (evidence_enrolment(host, customer, NULL, &enrolment, &why) < 0) {
		json_add_text(row, "address", "");
		json_add_text(row, "checked", why.text);
		return row;
	}
	json_add_text(row, "address", enrolment->enrolment.address);
	json_add_number(row, "port", enrolment->enrolment.port);
	json_add_text(row, "software", enrolment->enrolment.software);
	json_add_text(row, "checked", "yes");
	return row;
}

int staff_hosts(const struct arguments *arguments, struct problem *problem)
{
	static const struct output_column columns[] = {
		{ "name", "HOST", NULL },
		{ "address", "ADDRESS", NULL },
		{ "last_contact", "LAST CONTACT", output_show_time },
		{ "id", "ID", NULL },
		{ "checked", "SIGNATURE HOLDS", NULL },
		{ 0 },
	};
	_cleanup_(staff_done) struct staff staff = { 0 };
	_cleanup_(json_putp) struct json_object *hosts = NULL;
	_cleanup_(json_putp) struct json_object *rows = json_object_new_array();
	const char *customer = arguments->words[0];
	int r;

	r = staff_open(&staff, problem);
	if (r == 0)
		r = hosts_list(&staff, customer, &hosts, problem);
	if (r == 0 && json_object_array_length(hosts) == 0)
		r = problem_say(problem, -ENOENT,
			"%s has enrolled no host, or there is no such customer", customer);
	if (r < 0)
		return r;
	for (size_t i = 0; i < json_object_array_length(hosts); i++)
		json_object_array_add(
			rows, host_row(json_object_array_get_idx(hosts, i), customer));
	output_list(output_asked(arguments), "hosts", rows, columns, "", moment_now());
	return EXIT_DONE;
}
