/* SPDX-License-Identifier: MIT */

#include "api/list.h"
#include "lib/moment.h"
#include "staff/asked.h"

#include <string.h>

static void add_text(struct json_object *row, const char *key, const char *text)
{
	json_object_object_add(row, key, json_object_new_string(text));
}

static void add_time(struct json_object *row, const char *key, int64_t moment)
{
	char text[32];

	moment_rfc3339(moment, text);
	add_text(row, key, text);
}

static struct json_object *request_row(struct json_object *state, const struct document *document)
{
	const struct request *request = &document->request;
	struct json_object *row = json_object_new_object();
	char id[SHORT_ID_LEN + 1], hosts[DOCUMENT_HOSTS_MAX * (DOCUMENT_NAME_MAX + 1) + 1];

	digest_short_id(&document->digest, id);
	asked_hosts(request, hosts, sizeof(hosts));
	add_text(row, "id", id);
	add_text(row, "state", api_text(state, "state"));
	add_text(row, "customer", request->customer);
	add_text(row, "hosts", hosts);
	add_text(row, "scope", scope_name(request->scope));
	json_object_object_add(row, "length", json_object_new_int64(request->length));
	add_time(row, "created", request->created);
	add_text(row, "reason", request->reason);
	add_text(row, "ticket", request->ticket);
	return row;
}

int staff_list(const struct arguments *arguments, struct problem *problem)
{
	static const struct output_column columns[] = {
		{ "id", "Request", NULL },
		{ "state", "State", NULL },
		{ "customer", "Customer", NULL },
		{ "hosts", "Hosts", NULL },
		{ "scope", "Scope", NULL },
		{ "length", "For", output_show_length },
		{ "reason", "Why", NULL },
		{ 0 },
	};
	_cleanup_(staff_done) struct staff staff = { 0 };
	_cleanup_(json_putp) struct json_object *list = NULL;
	_cleanup_(json_putp) struct json_object *rows = json_object_new_array();
	int r;

	r = staff_open(&staff, problem);
	if (r == 0)
		r = asked_list(&staff, argument(arguments, "customer"), &list, problem);
	for (size_t i = 0; r == 0 && i < json_object_array_length(list); i++) {
		struct json_object *state = json_object_array_get_idx(list, i);
		_cleanup_(document_freep) struct document *request = NULL;

		if (!argument_given(arguments, "all") && asked_is_over(api_text(state, "state")))
			continue;
		r = asked_request(state, &request, problem);
		if (r == 0)
			json_object_array_add(rows, request_row(state, request));
	}
	if (r < 0)
		return r;
	output_list(staff_format(arguments), "requests", rows, columns,
		"You ask for nothing now (--all shows what is over).", moment_now());
	return EXIT_DONE;
}
