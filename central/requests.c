/* SPDX-License-Identifier: MIT */

/* What agents ask. An agent sees its own requests, an approver those to its customer. */

#include "central/handlers.h"

#include "lib/moment.h"

#include <string.h>

#define PAGE_BYTES_MAX (1024 * 1024) /* of an answer: then a page ends early */

/* What customers read of who asks is what the vendor entered, not what an agent calls itself. */
static int check_agent(struct exchange *x, const struct document_agent *agent)
{
	int r = received_refuse_other(x, "agent.login", agent->login);

	if (r < 0 || x->status)
		return r;
	if (strcmp(agent->name, x->who.full_name) == 0 && strcmp(agent->team, x->who.team) == 0)
		return 0;
	return answer_fault(x, FAULT_NOT_YOURS,
		"agent.name and agent.team are \"%s\" and \"%s\", central knows %s as \"%s\" of "
		"\"%s\"; "
		"log in again to learn them",
		agent->name, agent->team, agent->login, x->who.full_name, x->who.team);
}

int requests_post(struct exchange *x)
{
	_cleanup_(received_done) struct received received = { 0 };
	int r;

	r = received_read(x, DOCUMENT_REQUEST, false, &received);
	if (r != RECEIVED)
		return r < 0 ? r : 0;
	r = check_agent(x, &received.document->request.agent);
	return r < 0 || x->status ? r : received_keep(x, &received);
}

static bool may_see(const struct exchange *x, const struct document_row *row)
{
	if (x->who.role == ROLE_AGENT)
		return strcmp(row->agent, x->who.name) == 0;
	if (x->who.role == ROLE_APPROVER)
		return strcmp(row->customer, x->who.customer) == 0;
	return x->who.role == ROLE_OPERATOR;
}

static int answer_request(void *context, const struct document_row *row)
{
	struct exchange *x = context;
	struct json_object *json;
	int r;

	if (!may_see(x, row))
		return CENTRAL_NOT_FOUND;
	r = request_state(x->server->central, row, moment_now(), &json);
	return r < 0 ? r : answer_json(x, MHD_HTTP_OK, json);
}

int request_get(struct exchange *x)
{
	const char *argument = exchange_argument(x);
	char id[SHORT_ID_LEN + 1];
	struct digest digest;
	int r;

	if (digest_from_hex(argument, &digest) == 0)
		r = central_request(x->server->central, argument, answer_request, x);
	else if (short_id_normalise(argument, id) == 0)
		r = central_request(x->server->central, id, answer_request, x);
	else
		return answer_fault(x, FAULT_MALFORMED, "this is no digest and no short id");
	if (r == CENTRAL_NOT_FOUND)
		return answer_fault(x, FAULT_NOT_FOUND, "there is no such request");
	return r;
}

struct page {
	struct central *central;
	struct json_object *list;
	const char *state;
	int64_t now, next;
	size_t bytes;
};

static int append_request(void *context, const struct document_row *row)
{
	struct page *page = context;
	struct json_object *json;
	const char *state;
	int r;

	if (page->bytes > PAGE_BYTES_MAX)
		return 0;
	page->next = row->n;
	r = request_state_name(page->central, row, page->now, &state);
	if (r < 0 || (page->state && strcmp(state, page->state) != 0))
		return r;
	r = request_state(page->central, row, page->now, &json);
	if (r < 0)
		return r;
	page->bytes += strlen(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
	return answer_append(page->list, json);
}

/* Is there anything behind this page? */
static int note_more(void *context, const struct document_row *row)
{
	(void)row;
	*(bool *)context = true;
	return 0;
}

static int answer_page(
	struct exchange *x, struct page *page, const char *customer, const char *agent)
{
	_cleanup_(json_putp) struct json_object *json = json_object_new_object();
	bool more = false;
	int r = 0;

	if (!json)
		return -ENOMEM;
	if (page->next)
		r = central_requests(
			page->central, customer, agent, page->next, 1, note_more, &more);
	if (r == 0)
		r = answer_add(json, "requests", TAKE_PTR(page->list));
	if (r == 0 && more)
		r = answer_add_number(json, "next", page->next);
	return r < 0 ? r : answer_json(x, MHD_HTTP_OK, TAKE_PTR(json));
}

int requests_get(struct exchange *x)
{
	const char *customer = exchange_parameter(x, "customer");
	const char *agent = exchange_parameter(x, "agent");
	struct page page = {
		.central = x->server->central,
		.state = exchange_parameter(x, "state"),
		.now = moment_now(),
	};
	_cleanup_(json_putp) struct json_object *list = NULL;
	int64_t before;
	int r;

	if (exchange_number(x, "after", INT64_MAX, 0, &before) < 0)
		return answer_fault(x, FAULT_MALFORMED, "\"after\" is no number");
	if (x->who.role == ROLE_APPROVER) {
		if (customer && strcmp(customer, x->who.customer) != 0)
			return answer_fault(
				x, FAULT_NOT_YOURS, "your customer is %s", x->who.customer);
		customer = x->who.customer;
	}
	if (x->who.role == ROLE_AGENT) {
		if (agent && strcmp(agent, x->who.name) != 0)
			return answer_fault(x, FAULT_NOT_YOURS, "you are %s", x->who.name);
		agent = x->who.name;
	}
	page.list = list = json_object_new_array();
	if (!list)
		return -ENOMEM;
	r = central_requests(
		page.central, customer, agent, before, CENTRAL_PAGE_MAX, append_request, &page);
	if (r < 0)
		return r;
	page.list = TAKE_PTR(list);
	return answer_page(x, &page, customer, agent);
}
