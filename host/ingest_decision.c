/* SPDX-License-Identifier: MIT */

/* A decision: the only thing that opens. What its bytes say alone is judged when it comes; what it
 * says of its request is judged when both are there, in whichever order they came. A denial is
 * final at once. */

#include "host/chain.h"
#include "host/documents.h"
#include "host/facts.h"
#include "host/finals.h"
#include "host/judging.h"
#include "host/query.h"
#include "lib/moment.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int refuse(struct problem *problem, const char *what)
{
	return problem_say(problem, INGEST_REFUSED, "the decision %s", what);
}

/* --- what it says alone ------------------------------------------------------------------- */

static int check_times(struct judging *judging)
{
	const struct decision *decision = &judging->document->decision;
	int64_t epoch, now = judging->ingest->now;
	int r = store_get_int(judging->ingest->store, FACT_EPOCH, &epoch);

	if (r == -ENOENT)
		return refuse(judging->problem, "does not count: no epoch was set for this host's "
						"store (supportaccess doctor)");
	if (r < 0)
		return r;
	if (decision->decided > now + GRANT_FUTURE_TOLERANCE)
		return refuse(judging->problem, "comes from the future: a clock is wrong");
	if (decision->decided < epoch)
		return refuse(judging->problem, "was made before the epoch of this host's store");
	if (decision->approve && decision->latest_end <= now)
		return refuse(judging->problem, "is over: its latest end has passed");
	return 0;
}

/* What closed a request that has not come may prove to be another agent's: then it holds nothing
 * up, and is judged when the request comes. */
static int check_final(struct judging *judging)
{
	static const char *const words[] = { "", "denied", "revoked", "closed", "over" };
	struct final_row final;
	int r = finals_find(judging->ingest->store, judging->request, &final);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (judging->waiting && final.agent[0])
		return 0;
	if (!judging->document->decision.approve)
		return INGEST_KNOWN;
	return problem_say(
		judging->problem, INGEST_REFUSED, "the request is %s for good", words[final.kind]);
}

/* --- what it says of its request ---------------------------------------------------------- */

static bool has_host(const struct decision *decision, const char *id)
{
	for (size_t i = 0; i < decision->n_hosts; i++)
		if (strcmp(decision->hosts[i], id) == 0)
			return true;
	return false;
}

static bool asks_for(const struct request *request, const char *id)
{
	for (size_t i = 0; i < request->n_hosts; i++)
		if (strcmp(request->hosts[i].id, id) == 0)
			return true;
	return false;
}

static int check_no_wider(
	const struct decision *decision, const struct request *request, struct problem *problem)
{
	for (size_t i = 0; i < decision->n_hosts; i++)
		if (!asks_for(request, decision->hosts[i]))
			return refuse(problem, "is for a host that was not asked for");
	if (decision->scope > request->scope)
		return refuse(problem, "is of a wider scope than was asked for");
	if (decision->length > request->length)
		return refuse(problem, "is for longer than was asked for");
	if (decision->start != 0 && decision->start < request->start)
		return refuse(problem, "starts earlier than was asked for");
	if (decision->decided > request->pending_until)
		return refuse(problem, "came after the time to decide");
	return 0;
}

/* Ceilings that no signature lifts, if it is about this host at all. */
static int check_ceilings(
	const struct ingest *ingest, const struct decision *decision, struct problem *problem)
{
	struct grant_host host = { .max_scope = ingest->config->max_scope,
		.max_length = ingest->config->max_length };
	_cleanup_(freep) char *id = NULL;
	char allowed[MOMENT_TEXT_MAX];
	int64_t max;
	int r = store_get(ingest->store, FACT_HOST_ID, &id);

	if (r < 0)
		return r;
	if (!has_host(decision, id))
		return 0;
	if (decision->scope > host.max_scope)
		return problem_say(problem, INGEST_REFUSED,
			"the decision is for %s, this host allows at most %s (max_scope in "
			"supportaccess.conf)",
			scope_name(decision->scope), scope_name(host.max_scope));
	max = grant_max_length(&host, decision->scope);
	length_show(max, allowed, sizeof(allowed));
	if (decision->length > max)
		return problem_say(problem, INGEST_REFUSED,
			"the decision is for longer than this host allows: at most %s of %s "
			"(max_length in supportaccess.conf)",
			allowed, scope_name(decision->scope));
	return 0;
}

/* The customer decides, not who asked. */
static int check_not_requester(const struct decision *decision, const struct request *request,
	const char *fingerprint, struct problem *problem)
{
	char key[FINGERPRINT_MAX + 1];

	if (strcmp(decision->approver, request->agent.login) == 0 ||
		(fingerprint[0] && key_fingerprint(request->agent.key, key) == 0 &&
			strcmp(key, fingerprint) == 0))
		return refuse(problem, "was made by who asked");
	return 0;
}

static int check_fits(const struct ingest *ingest, const struct decision *decision,
	const struct request *request, const char *fingerprint, struct problem *problem)
{
	int r = check_not_requester(decision, request, fingerprint, problem);

	if (r == 0 && decision->approve)
		r = check_no_wider(decision, request, problem);
	if (r == 0 && decision->approve)
		r = check_ceilings(ingest, decision, problem);
	return r;
}

/* --- the judge ---------------------------------------------------------------------------- */

static int count(struct store *store, const char *sql, const char *request, int64_t *ret)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store, sql, &query);

	if (r < 0)
		return r;
	query_int(&query, 1, DOCUMENT_DECISION);
	query_text(&query, 2, request);
	r = query_step(&query);
	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	*ret = query_get_int(&query, 0);
	return 0;
}

static int check_room(struct judging *judging)
{
	struct store *store = judging->ingest->store;
	int64_t n = 0, waiting = 0;
	int r = count(store, "SELECT count(*) FROM documents WHERE type = ? AND request = ?",
		judging->request, &n);

	if (r == 0)
		r = count(store,
			"SELECT count(*) FROM documents WHERE type = ? AND waiting AND request != "
			"?",
			"", &waiting);
	if (r < 0)
		return r;
	if (n >= DECISIONS_OF_REQUEST_MAX)
		return refuse(judging->problem, "is one of too many on one request");
	if (judging->waiting && waiting >= judging->ingest->config->max_pending)
		return problem_say(judging->problem, INGEST_LATER,
			"%" PRId64 " decisions wait for their requests already (max_pending in "
			"supportaccess.conf)",
			waiting);
	return 0;
}

/* Root decides for the host that it is root on. */
static int check_root(struct judging *judging)
{
	const struct decision *decision = &judging->document->decision;
	_cleanup_(freep) char *id = NULL;
	int r = judging_check_name(judging, decision->approver);

	if (r != 0 || judging->origin != INGEST_ROOT)
		return r;
	r = store_get(judging->ingest->store, FACT_HOST_ID, &id);
	if (r < 0)
		return r;
	if (decision->approve && (decision->n_hosts != 1 || !has_host(decision, id)))
		return refuse(judging->problem, "of root here can be for this host alone");
	return 0;
}

static int check(struct judging *judging)
{
	_cleanup_(document_freep) struct document *request = NULL;
	int r = check_root(judging);

	if (r == 0)
		r = check_times(judging);
	if (r != 0)
		return r;
	r = judging_find_request(judging->ingest->store, judging->request, &request);
	if (r < 0 && r != -ENOENT)
		return r;
	judging->waiting = r == -ENOENT;
	r = check_final(judging);
	if (r == 0 && request)
		r = check_fits(judging->ingest, &judging->document->decision, &request->request,
			judging->signer.fingerprint, judging->problem);
	return r ? r : check_room(judging);
}

/* A denial that cannot be looked at now would be an ending that is lost: the feed goes on. */
static int verify(struct judging *judging)
{
	const struct decision *decision = &judging->document->decision;
	struct problem said = PROBLEM_NONE, *problem = judging->problem;
	int r;

	if (judging->origin == INGEST_ROOT)
		return 0;
	judging->problem = &said;
	r = judging_verify(judging, judging->ingest->approvers, decision->approver);
	judging->problem = problem;
	if (r == INGEST_LATER && !decision->approve)
		return judging_unsigned(judging);
	return r == 0 ? 0 : problem_say(problem, r, "%s", said.text);
}

static int set_decided(struct store *store, const char *request)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store, "UPDATE requests SET decided = 1 WHERE digest = ?", &query);

	if (r < 0)
		return r;
	query_text(&query, 1, request);
	return query_run(&query);
}

static int deny(struct judging *judging)
{
	const struct decision *decision = &judging->document->decision;
	struct store *store = judging->ingest->store;
	bool is_signed = judging->origin == INGEST_ROOT || judging->principal[0];
	const char *by = is_signed ? decision->approver : "central";
	int r = finals_add(
		store, &(struct final){ .request = judging->request,
			       .kind = is_signed ? GRANT_FINAL_DENIED : GRANT_FINAL_REVOKED,
			       .at = judging->ingest->now,
			       .by = by,
			       .text = decision->comment,
			       .agent = "",
			       .is_signed = is_signed });

	judging_say(judging, is_signed ? "denied" : "revoked", by, decision->comment);
	return r < 0 ? r : store_ends_access(store);
}

static int apply(struct judging *judging)
{
	const struct decision *decision = &judging->document->decision;
	int r = decision->approve ? 0 : deny(judging);

	if (r == 0)
		r = set_decided(judging->ingest->store, judging->request);
	if (r < 0 || judging->waiting || !decision->approve)
		return r;
	judging_say(judging, "approved", decision->approver, decision->comment);
	judging->event.scope = decision->scope;
	judging->event.until = decision->latest_end;
	return 0;
}

const struct judge judge_of_decisions = { check, verify, apply };

/* --- decisions that came first ------------------------------------------------------------ */

static int settle_waiting(struct store *store, const char *digest, bool fits)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store,
		"UPDATE documents SET waiting = 0, backed = backed AND ? WHERE digest = ?", &query);

	if (r < 0)
		return r;
	query_int(&query, 1, fits);
	query_text(&query, 2, digest);
	return query_run(&query);
}

/* One that does not fit stays as a document that does not count. */
static int arrive(struct judging *judging, const struct stored_document *stored)
{
	_cleanup_(document_freep) struct document *document = NULL;
	struct problem problem = PROBLEM_NONE;
	struct event event = { .kind = "approved" };
	int fits, r = document_parse(stored->bytes, stored->size, &document, NULL);

	if (r < 0)
		return r == -ENOMEM ? r : -EUCLEAN;
	fits = check_fits(judging->ingest, &document->decision, &judging->document->request,
		stored->fingerprint, &problem);
	if (fits < 0)
		return fits;
	r = settle_waiting(judging->ingest->store, stored->digest, fits == 0);
	if (r < 0 || !document->decision.approve)
		return r < 0 ? r : set_decided(judging->ingest->store, judging->digest);
	memcpy(event.agent, judging->event.agent, sizeof(event.agent));
	memcpy(event.request, judging->digest, sizeof(event.request));
	event.scope = document->decision.scope;
	event.until = document->decision.latest_end;
	if (fits != 0) {
		snprintf(event.kind, sizeof(event.kind), "refused-document");
		snprintf(event.by, sizeof(event.by), "central");
		snprintf(event.text, sizeof(event.text), "%s", problem.text);
		return refusal_note(judging->ingest->store, &event, judging->ingest->now, NULL);
	}
	memcpy(event.by, document->decision.approver, sizeof(event.by));
	snprintf(event.text, sizeof(event.text), "%s", document->decision.comment);
	r = set_decided(judging->ingest->store, judging->digest);
	return r < 0 ? r : chain_append(judging->ingest->store, &event, judging->ingest->now, NULL);
}

static int arrive_each(void *context, const struct stored_document *document)
{
	return arrive(context, document);
}

int decisions_arrive(struct judging *judging)
{
	return documents_each(
		judging->ingest->store, DOCUMENT_DECISION, judging->digest, arrive_each, judging);
}
