/* SPDX-License-Identifier: MIT */

/* The host as a place: its own store, as root. Request states are made of the stored documents and
 * of the audit chain, so that `show` and `history` read the same here and at central. */

#include "admin/ask.h"
#include "admin/enrolling.h"
#include "admin/host_state.h"
#include "admin/place.h"
#include "admin/state.h"
#include "core/json.h"
#include "host/facts.h"
#include "host/grants.h"
#include "host/sessions.h"
#include "host/tombstones.h"
#include "lib/moment.h"
#include "lib/paths.h"
#include "lib/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define STATUS_TIMEOUT_MS 2000
#define CONFIRM_POLL_MS   20

/* --- the table's functions ---------------------------------------------------------------- */

struct collecting {
	struct host *host;
	struct json_object *list;
	const char *state;
	const char *agent;
	struct problem *problem;
};

static int collect(void *context, const struct stored_document *stored)
{
	struct collecting *all = context;
	_cleanup_(json_putp) struct json_object *state = NULL;
	_cleanup_(document_freep) struct document *document = NULL;
	int r = document_parse(stored->bytes, stored->size, &document, all->problem);

	if (r < 0 || (all->agent && strcmp(all->agent, document->request.agent.login) != 0))
		return r;
	r = host_state(all->host, stored, &state, all->problem);
	if (r < 0 || (all->state && strcmp(all->state, json_text(state, "state")) != 0))
		return r;
	return json_object_array_add(all->list, TAKE_PTR(state)) < 0 ? -ENOMEM : 0;
}

/* Documents come in the order of their arrival. */
static struct json_object *newest_first(struct json_object *list)
{
	struct json_object *turned = json_object_new_array();

	for (size_t i = json_object_array_length(list); i > 0; i--)
		json_object_array_add(
			turned, json_object_get(json_object_array_get_idx(list, i - 1)));
	return turned;
}

static int place_requests(struct place *place, const char *state, const char *agent,
	struct json_object **ret, struct problem *problem)
{
	struct collecting all = { place->context, json_object_new_array(), state, agent, problem };
	int r = documents_each(all.host->store, DOCUMENT_REQUEST, NULL, collect, &all);

	if (r < 0) {
		json_object_put(all.list);
		return problem_say(
			problem, r, "cannot read the requests in %s: %s", PATH_STORE, strerror(-r));
	}
	*ret = newest_first(all.list);
	json_object_put(all.list);
	return 0;
}

static int place_find(
	struct place *place, const char *id, struct json_object **ret, struct problem *problem)
{
	_cleanup_(stored_document_done) struct stored_document stored = { 0 };
	struct host *host = place->context;
	struct digest digest;
	int r;

	if (digest_from_hex(id, &digest) == 0)
		r = documents_find(host->store, id, &stored);
	else
		r = documents_find_request(host->store, id, &stored);
	if (r == -EINVAL)
		return problem_say(problem, r,
			"\"%s\" is no request: requests look like 7K2F9-QXM4T, and `supportaccess "
			"requests` lists them",
			id);
	if (r == -ENOENT)
		return problem_say(problem, r,
			"there is no request %s on %s; `supportaccess requests --all` lists those "
			"that are known",
			id, host->name);
	return r < 0 ? r : host_state(host, &stored, ret, problem);
}

/* The store cannot be written: a tombstone in /run makes the request revoked for whoever reads the
 * store, and what is open is ended all the same. */
static int revoke_without_store(struct host *host, const struct revocation *revocation)
{
	const struct ending_order order = {
		.request = revocation->request, .by = host->by, .cause = revocation->reason
	};
	struct tombstone tombstone = { .at = revocation->revoked };
	struct ending_report report;
	int r;

	snprintf(tombstone.by, sizeof(tombstone.by), "%s", host->by);
	snprintf(tombstone.text, sizeof(tombstone.text), "%s", revocation->reason);
	r = tombstone_write(PATH_SESSIONS, revocation->request, &tombstone);
	(void)ending_run(host->store, &host->config, &order, host->now, &report, NULL);
	return r;
}

static int after_submit(
	struct host *host, const struct document *document, int result, struct problem *problem)
{
	const char *cause = document->type == DOCUMENT_REVOCATION ? document->revocation.reason
								  : document->decision.comment;
	int r = host_changed(host, host->by, cause, NULL, problem);

	if (r < 0)
		return r;
	return result == INGEST_KNOWN ? PLACE_KNOWN : PLACE_CHANGED;
}

static int place_submit(
	struct place *place, const struct document *document, struct problem *problem)
{
	_cleanup_(freep) char *bytes = NULL;
	struct host *host = place->context;
	struct ingest ingest = host_ingest(host);
	size_t size = 0;
	int r = document_write(document, &bytes, &size, NULL, problem);

	if (r < 0)
		return r;
	r = ingest_document(&ingest, INGEST_ROOT, bytes, size, "", 0, -1, NULL, problem);
	if (r < 0 && document->type == DOCUMENT_REVOCATION &&
		revoke_without_store(host, &document->revocation) == 0) {
		fprintf(stderr,
			"supportaccess: %s cannot be written (%s); the revocation stands in %s "
			"until it can\n",
			PATH_STORE, strerror(-r), PATH_SESSIONS);
		return after_submit(host, document, INGEST_ACCEPTED, NULL) < 0 ? r : PLACE_CHANGED;
	}
	if (r < 0)
		return problem_say(problem, r, "cannot write %s: %s", PATH_STORE, strerror(-r));
	if (r == INGEST_REFUSED)
		return problem_say(problem, -EPERM, "refused");
	if (r == INGEST_LATER)
		return problem_say(problem, -EBUSY, "a cap is reached: try again later");
	return after_submit(host, document, r, problem);
}

static int add_end(void *context, const struct document *document)
{
	struct json_object *row = context;
	const struct event *event = &document->event;

	if (strcmp(event->kind, "ended") != 0)
		return 0;
	json_add_number(row, "count", json_number(row, "count") + event->count);
	if (event->ms > json_number(row, "ms"))
		json_add_number(row, "ms", event->ms);
	json_add_time(row, "at", event->time);
	return 0;
}

static int confirm_once(
	struct place *place, const char *digest, struct json_object **ret, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *state = NULL;
	struct json_object *row;
	int r = place_find(place, digest, &state, problem);

	if (r < 0)
		return r;
	row = json_object_new_object();
	json_add_text(row, "host", place->host_id);
	json_add_text(row, "name", place->where);
	json_add_switch(row, "confirmed", json_number(state, "open_sessions") == 0);
	json_add_number(row, "count", 0);
	json_add_number(row, "ms", 0);
	r = state_each(state, "events", DOCUMENT_EVENT, add_end, row);
	*ret = json_object_new_array();
	json_object_array_add(*ret, row);
	return r < 0 ? r : json_object_get_boolean(json_object_object_get(row, "confirmed"));
}

static int place_confirmations(struct place *place, const char *request_digest, int timeout_ms,
	struct json_object **ret, struct problem *problem)
{
	int r;

	for (int waited = 0;; waited += CONFIRM_POLL_MS) {
		r = confirm_once(place, request_digest, ret, problem);
		if (r != 0 || waited >= timeout_ms)
			return r < 0 ? r : 0;
		json_object_put(*ret);
		*ret = NULL;
		(void)poll(NULL, 0, CONFIRM_POLL_MS); /* the daemon may be the one that ends it */
	}
}

/* `submit` has put it into the store, or refused it: nothing is waited for. */
static int place_answers(struct place *place, const struct decision *decision, int timeout_ms,
	struct json_object **ret, struct problem *problem)
{
	struct json_object *row = json_object_new_object();

	(void)timeout_ms;
	(void)problem;
	json_add_text(row, "host", place->host_id);
	json_add_text(row, "name", place->where);
	json_add_switch(row, "confirmed", true);
	json_add_text(row, "said", decision->approve ? "approved" : "denied");
	json_add_text(row, "text", decision->comment);
	json_add_time(row, "at", decision->decided);
	json_add_time(row, "last_contact", 0);
	*ret = json_object_new_array();
	json_object_array_add(*ret, row);
	return 0;
}

/* --- status ------------------------------------------------------------------------------- */

static int count_session(void *context, const struct session *session)
{
	(void)session;
	++*(int64_t *)context;
	return 0;
}

struct counts {
	int64_t open, waiting;
};

static int count_grant(void *context, const struct grants_row *row)
{
	struct counts *counts = context;

	counts->open += row->grant.verdict == VERDICT_OK;
	counts->waiting += row->grant.verdict == VERDICT_PENDING;
	return 0;
}

static int add_counts(struct host *host, struct json_object *status, struct problem *problem)
{
	struct counts counts = { 0 };
	struct grant_host facts;
	int64_t sessions = 0;
	int r = grants_host(host->store, &host->config, host->now, &facts, problem);

	if (r < 0)
		return r;
	r = grants_each(host->store, &facts, NULL, host->now, count_grant, &counts);
	json_add_switch(status, "off", facts.off);
	json_add_text(status, "closed",
		!enrolling_is_done() ? "it has left central: supportaccess enroll URL"
		: facts.store_closed
			? "the store: supportaccess doctor, then supportaccess clock epoch"
		: facts.copied                 ? "this machine was copied: enrol it again"
		: host->now < facts.high_water ? "the clock is behind: supportaccess clock accept"
		: facts.clock_ahead            ? "the clock jumped: supportaccess clock accept"
					       : "");
	grants_host_done(&facts);
	if (r == 0)
		r = sessions_each(host->store, NULL, false, count_session, &sessions);
	json_add_number(status, "waiting", counts.waiting);
	json_add_number(status, "grants", counts.open);
	json_add_number(status, "sessions", sessions);
	return r;
}

static void add_daemon(struct json_object *status)
{
	struct wire_header request = wire_header(WIRE_STATUS);
	struct wire_status answer = { 0 };
	size_t size = 0;
	int r = wire_ask(PATH_CONTROL_SOCKET, STATUS_TIMEOUT_MS, &request, sizeof(request), &answer,
		sizeof(answer), &size, NULL, NULL);
	bool runs = r == 0 && size == sizeof(answer) &&
		    wire_text_is_clean(answer.contact_text, sizeof(answer.contact_text));

	json_add_text(status, "daemon", runs ? "running" : "not running");
	json_add_time(status, "started", runs ? answer.started : 0);
	json_add_time(status, "contact", runs ? answer.contact : 0);
	json_add_text(status, "contact_problem", runs ? answer.contact_text : "");
}

static int place_status(struct place *place, struct json_object **ret, struct problem *problem)
{
	struct host *host = place->context;
	_cleanup_(json_putp) struct json_object *status = json_object_new_object();
	int r;

	json_add_text(status, "host", host->name);
	json_add_text(status, "id", host->id);
	json_add_text(status, "customer", host->customer);
	json_add_text(status, "central", host->config.central);
	r = add_counts(host, status, problem);
	if (r < 0)
		return problem_say(problem, r, "cannot read %s: %s", PATH_STORE, strerror(-r));
	add_daemon(status);
	*ret = TAKE_PTR(status);
	return 0;
}

static void place_close(struct place *place)
{
	host_done(place->context);
	free(place->context);
}

int host_place_open(struct place *ret, struct problem *problem)
{
	_cleanup_(freep) struct host *host = calloc(1, sizeof(*host));
	int r = host ? host_open("this", HOST_LOOKS, host, problem) : -ENOMEM;

	if (r < 0)
		return r;
	*ret = (struct place){
		.local = true,
		.config = &host->config,
		.context = host,
		.requests = place_requests,
		.find = place_find,
		.submit = place_submit,
		.confirmations = place_confirmations,
		.answers = place_answers,
		.status = place_status,
		.close = place_close,
	};
	snprintf(ret->where, sizeof(ret->where), "%s", host->name);
	snprintf(ret->by, sizeof(ret->by), "%s", host->by);
	snprintf(ret->host_id, sizeof(ret->host_id), "%s", host->id);
	(void)TAKE_PTR(host);
	return 0;
}
