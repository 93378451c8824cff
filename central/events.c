/* SPDX-License-Identifier: MIT */

/* What hosts report, and who may read it. Only a chain that continues what is known, under a head
 * that the host signed, is taken; what does not fit is refused with the last number that is known,
 * and said aloud: it means that something was lost, restored, copied or rewritten. */

#include "central/handlers.h"

#include "central/log.h"
#include "core/signature.h"
#include "lib/moment.h"

#include <string.h>

#define EVENTS_TOPIC "events"

struct chain {
	struct report report;
	struct document *events[BODY_EVENTS_MAX];
	struct document *head;
};

static void chain_done(struct chain *chain)
{
	report_done(&chain->report);
	for (size_t i = 0; i < chain->report.n_events; i++)
		if (chain->events[i])
			document_free(chain->events[i]);
	if (chain->head)
		document_free(chain->head);
}

static int parse_link(
	struct exchange *x, const char *text, enum document_type type, struct document **ret)
{
	struct problem problem = PROBLEM_NONE;
	const char *host;
	int r;

	r = document_parse(text, strlen(text), ret, &problem);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return answer_fault(x, FAULT_DOCUMENT, "%s: %s", document_type_name(type),
			*problem.text ? problem.text : "breaks the strict rule");
	if ((*ret)->type != type)
		return answer_fault(x, FAULT_DOCUMENT, "a %s stands where a %s belongs",
			document_type_name((*ret)->type), document_type_name(type));
	host = type == DOCUMENT_HEAD ? (*ret)->head.host : (*ret)->event.host;
	return received_refuse_other(x, "host", host);
}

static int parse_chain(struct exchange *x, struct chain *chain)
{
	struct problem problem = PROBLEM_NONE;
	int r;

	r = body_report(x->body, x->body_size, &chain->report, &problem);
	if (r == -EBADMSG)
		return answer_fault(x, FAULT_MALFORMED, "%s", problem.text);
	for (size_t i = 0; r == 0 && !x->status && i < chain->report.n_events; i++)
		r = parse_link(x, chain->report.events[i], DOCUMENT_EVENT, &chain->events[i]);
	if (r == 0 && !x->status)
		r = parse_link(x, chain->report.head, DOCUMENT_HEAD, &chain->head);
	return r;
}

static int refuse_chain(struct exchange *x, int outcome)
{
	const bool gap = outcome == CENTRAL_GAP;
	char digest[DIGEST_HEX_LEN + 1];
	int64_t last;
	int r;

	r = central_chain_last(x->server->central, x->who.name, &last, digest);
	if (r < 0)
		return r;
	log_line(LOG_LEVEL_ALARM,
		"supportaccess-central: alarm: events of host %s (%s) %s; known up to %lld",
		x->who.name, x->who.customer,
		gap ? "leave some out" : "contradict those that it sent before", (long long)last);
	return answer_fault_number(x, gap ? FAULT_CHAIN_GAP : FAULT_CHAIN_FORK, "last", last,
		gap ? "events are missing between the last one known and these; send them again "
		      "from "
		      "behind \"last\""
		    : "events with these numbers are known, and are others: this host was restored "
		      "or copied");
}

struct verified {
	struct exchange *x;
	const struct chain *chain;
};

static int verify_head(void *context, const struct host_row *host)
{
	const struct verified *verified = context;
	const struct report *report = &verified->chain->report;
	struct problem problem = PROBLEM_NONE;
	int r;

	r = signature_verify_key(host->key, DOCUMENT_HEAD, report->head, strlen(report->head),
		report->signature, strlen(report->signature), &problem);
	if (r == -EKEYREJECTED)
		return answer_fault(verified->x, FAULT_DOCUMENT,
			"the signature of the head does not hold: %s", problem.text);
	return r;
}

static int check_head(struct exchange *x, const struct chain *chain)
{
	struct verified verified = { x, chain };
	const char *signature = chain->report.signature;

	if (!body_is_armour(signature, strlen(signature)))
		return answer_fault(x, FAULT_DOCUMENT,
			"the signature is no armoured SSH signature (ssh-keygen -Y sign)");
	return central_host(x->server->central, x->who.name, verify_head, &verified);
}

static int answer_last(struct exchange *x)
{
	struct json_object *json = json_object_new_object();
	char digest[DIGEST_HEX_LEN + 1];
	int64_t last;
	int r;

	r = central_chain_last(x->server->central, x->who.name, &last, digest);
	if (r == 0 && json)
		r = answer_add_number(json, "last", last);
	if (r < 0) {
		(void)json_object_put(json);
		return r;
	}
	return answer_json(x, MHD_HTTP_OK, json);
}

static int take_chain(struct exchange *x, const struct chain *chain)
{
	const struct report *report = &chain->report;
	int r;

	r = central_chain_check(x->server->central, x->who.name, chain->events, report->n_events,
		&chain->head->head);
	if (r != CENTRAL_DONE)
		return r < 0 ? r : refuse_chain(x, r);
	r = check_head(x, chain);
	if (r < 0 || x->status)
		return r;
	r = central_chain_add(x->server->central, &x->who, chain->events, report->events,
		report->n_events, &chain->head->head, report->head, report->signature,
		moment_now());
	if (r != CENTRAL_DONE)
		return r < 0 ? r : refuse_chain(x, r);
	x->server->counters.events += (int64_t)report->n_events;
	exchange_wake(x->server, EVENTS_TOPIC);
	return answer_last(x);
}

int events_post(struct exchange *x)
{
	_cleanup_(chain_done) struct chain chain = { 0 };
	int r;

	r = parse_chain(x, &chain);
	return r < 0 || x->status ? r : take_chain(x, &chain);
}

struct page {
	struct central *central;
	struct json_object *events, *heads;
	char host[HOST_ID_LEN + 1];
	int64_t head_seq, next;
	size_t count;
};

static int append_head(void *context, const struct head_row *row)
{
	struct page *page = context;
	struct json_object *head = json_object_new_object();

	if (head && answer_add_text(head, "head", row->bytes) == 0 &&
		answer_add_text(head, "signature", row->signature) == 0)
		return answer_append(page->heads, head);
	(void)json_object_put(head);
	return -ENOMEM;
}

static int append_event(void *context, const struct event_row *row)
{
	struct page *page = context;
	int r;

	page->next = row->n;
	page->count++;
	r = answer_append(page->events, json_object_new_string(row->bytes));
	if (r < 0 || (strcmp(page->host, row->host) == 0 && row->seq <= page->head_seq))
		return r;
	strncpy(page->host, row->host, HOST_ID_LEN);
	page->head_seq = 0;
	return central_head(page->central, row->host, row->seq, &page->head_seq, append_head, page);
}

int events_get(struct exchange *x)
{
	_cleanup_(json_putp) struct json_object *json = json_object_new_object();
	struct page page = { .central = x->server->central,
		.events = json_object_new_array(),
		.heads = json_object_new_array() };
	struct events_filter filter = {
		.customer = x->who.role == ROLE_APPROVER ? x->who.customer : NULL,
		.agent = x->who.role == ROLE_AGENT ? x->who.name : NULL,
		.host = exchange_parameter(x, "host"),
		.request = exchange_parameter(x, "request"),
		.max = CENTRAL_PAGE_MAX,
	};
	int64_t wait = 0;
	int r;

	r = json ? answer_add(json, "events", page.events) : -ENOMEM;
	if (r == 0)
		r = answer_add(json, "heads", page.heads);
	if (r < 0)
		return r;
	if (exchange_number(x, "after", INT64_MAX, 0, &filter.after) < 0 ||
		exchange_number(x, "wait", 3600, 0, &wait) < 0)
		return answer_fault(x, FAULT_MALFORMED, "\"after\" or \"wait\" is no number");
	page.next = filter.after;
	r = central_events(x->server->central, &filter, append_event, &page);
	if (r < 0)
		return r;
	if (page.count == 0 && exchange_may_wait(x, wait))
		return exchange_wait(x, EVENTS_TOPIC);
	r = answer_add_number(json, "next", page.next);
	return r < 0 ? r : answer_json(x, MHD_HTTP_OK, TAKE_PTR(json));
}
