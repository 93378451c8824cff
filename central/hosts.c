/* SPDX-License-Identifier: MIT */

/* The hosts that agents may ask for and approvers look after, each with the enrolment document
 * that it signed: address and sshd's keys are read from there, not from central. */

#include "central/handlers.h"

#include <string.h>

struct page {
	struct json_object *list;
	char last[HOST_ID_LEN + 1];
	size_t count;
};

static struct json_object *versions(const char *text)
{
	struct json_object *list = json_object_new_array();

	while (list && *text) {
		char *end;
		long long version = strtoll(text, &end, 10);

		if (answer_append(list, json_object_new_int64(version)) < 0 || end == text)
			break;
		text = end + (*end == ',');
	}
	return list;
}

static int append_host(void *context, const struct host_row *row)
{
	struct page *page = context;
	struct json_object *json = answer_envelope(row->bytes, row->signature);

	if (!json)
		return -ENOMEM;
	page->count++;
	strncpy(page->last, row->id, HOST_ID_LEN);
	if (answer_add_text(json, "id", row->id) < 0 ||
		answer_add_text(json, "name", row->name) < 0 ||
		answer_add_text(json, "customer", row->customer) < 0 ||
		answer_add_number(json, "last_contact", row->contact) < 0 ||
		answer_add(json, "documents", versions(row->documents)) < 0) {
		(void)json_object_put(json);
		return -ENOMEM;
	}
	return answer_append(page->list, json);
}

int hosts_get(struct exchange *x)
{
	_cleanup_(json_putp) struct json_object *json = json_object_new_object();
	const char *customer = exchange_parameter(x, "customer");
	const char *after = exchange_parameter(x, "after");
	struct page page = { .list = json_object_new_array() };
	int r;

	if (x->who.role == ROLE_APPROVER) {
		if (customer && strcmp(customer, x->who.customer) != 0) {
			(void)json_object_put(page.list);
			return answer_fault(
				x, FAULT_NOT_YOURS, "your customer is %s", x->who.customer);
		}
		customer = x->who.customer;
	}
	r = json ? answer_add(json, "hosts", page.list) : -ENOMEM;
	if (r == 0)
		r = central_hosts(x->server->central, customer, after ? after : "",
			CENTRAL_PAGE_MAX, append_host, &page);
	if (r == 0 && page.count == CENTRAL_PAGE_MAX)
		r = answer_add_text(json, "next", page.last);
	return r < 0 ? r : answer_json(x, MHD_HTTP_OK, TAKE_PTR(json));
}
