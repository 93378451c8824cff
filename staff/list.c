/* SPDX-License-Identifier: MIT */

#include "api/list.h"
#include "core/json.h"
#include "lib/moment.h"
#include "staff/asked.h"

#include <string.h>

static struct json_object *request_row(struct json_object *state, const struct document *document)
{
	const struct request *request = &document->request;
	struct json_object *row = json_object_new_object();
	char id[SHORT_ID_LEN + 1], hosts[DOCUMENT_HOSTS_MAX * (DOCUMENT_NAME_MAX + 1) + 1];

	digest_short_id(&document->digest, id);
	asked_hosts(request, hosts, sizeof(hosts));
	json_add_text(row, "id", id);
	json_add_text(row, "state", json_text(state, "state"));
	json_add_text(row, "customer", request->customer);
	json_add_text(row, "hosts", hosts);
	json_add_text(row, "scope", scope_name(request->scope));
	json_add_number(row, "length", request->length);
	json_add_time(row, "created", request->created);
	json_add_text(row, "reason", request->reason);
	json_add_text(row, "ticket", request->ticket);
	return row;
}

int staff_list(const struct arguments *arguments, struct problem *problem)
{
	static const struct output_column columns[] = {
		{ "id", "REQUEST", NULL },
		{ "state", "STATE", NULL },
		{ "customer", "CUSTOMER", NULL },
		{ "hosts", "HOSTS", NULL },
		{ "scope", "SCOPE", NULL },
		{ "length", "FOR", output_show_length },
		{ "reason", "WHY", NULL },
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

		if (!argument_given(arguments, "all") && asked_is_over(json_text(state, "state")))
			continue;
		r = asked_request(state, &request, problem);
		if (r == 0)
			json_object_array_add(rows, request_row(state, request));
	}
	if (r < 0)
		return r;
	output_list(output_asked(arguments), "requests", rows, columns,
		"You ask for nothing now (--all shows what is over).", moment_now());
	return EXIT_DONE;
}
