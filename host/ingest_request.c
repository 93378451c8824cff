/* SPDX-License-Identifier: MIT */

/* A request: somebody whom `agents` vouches for asks. It opens nothing, but it makes an account,
 * so it is checked first whether it is for this host and whether there is room. Only a customer's
 * decision, or time, frees the room that a request takes: what an agent closes still counts. */

#include "host/chain.h"
#include "host/facts.h"
#include "host/finals.h"
#include "host/judging.h"
#include "host/query.h"

#include <inttypes.h>
#include <string.h>

#define AGENT_SHARE 8              /* one agent may take an eighth of max_pending */
#define ROOM_AFTER  (24 * 60 * 60) /* a request takes room so long after its time to decide */

static int refuse(struct judging *judging, const char *what)
{
	return problem_say(judging->problem, INGEST_REFUSED, "the request %s", what);
}

static int check_customer(struct judging *judging)
{
	_cleanup_(freep) char *customer = NULL;
	int r = store_get(judging->ingest->store, FACT_CUSTOMER, &customer);

	if (r == -ENOENT)
		return problem_say(judging->problem, -ENOKEY, "this host is not enrolled");
	if (r < 0)
		return r;
	if (strcmp(judging->document->request.customer, customer) != 0)
		return refuse(judging, "is for another customer");
	return 0;
}

/* The name is what people see and the id is what counts: they must belong together. */
static int check_host(struct judging *judging)
{
	const struct request *request = &judging->document->request;
	_cleanup_(freep) char *id = NULL, *name = NULL;
	int r = store_get(judging->ingest->store, FACT_HOST_ID, &id);

	if (r == 0)
		r = store_get(judging->ingest->store, FACT_HOST_NAME, &name);
	if (r != 0)
		return r;
	for (size_t i = 0; i < request->n_hosts; i++) {
		if (strcmp(request->hosts[i].id, id) != 0)
			continue;
		if (strcmp(request->hosts[i].name, name) == 0)
			return 0;
		return problem_say(judging->problem, INGEST_REFUSED,
			"the request calls this host %s, its name is %s", request->hosts[i].name,
			name);
	}
	return refuse(judging, "is for other hosts");
}

static int check_times(struct judging *judging)
{
	const struct request *request = &judging->document->request;
	int64_t now = judging->ingest->now;
	int64_t last_start =
		request->pending_until > request->start ? request->pending_until : request->start;

	if (request->created > now + GRANT_FUTURE_TOLERANCE)
		return refuse(judging, "comes from the future: a clock is wrong");
	if (request->pending_until <= request->created)
		return refuse(judging, "leaves no time to decide");
	if (last_start + request->length <= now)
		return refuse(judging, "is over: nothing can come of it any more");
	return 0;
}

/* How many requests take room, of one agent or of all (""). */
static int count_room(struct judging *judging, const char *login, int64_t *ret)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(judging->ingest->store,
		"SELECT count(*) FROM requests WHERE decided = 0"
		" AND max(pending_until, received) > ?1 AND (?2 = '' OR login = ?2)",
		&query);

	if (r < 0)
		return r;
	query_int(&query, 1, judging->ingest->now - ROOM_AFTER);
	query_text(&query, 2, login);
	r = query_step(&query);
	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	*ret = query_get_int(&query, 0);
	return 0;
}

static int check_room(struct judging *judging)
{
	const char *login = judging->document->request.agent.login;
	int64_t max = judging->ingest->config->max_pending;
	int64_t share = max / AGENT_SHARE > 0 ? max / AGENT_SHARE : 1;
	int64_t all = 0, own = 0;
	int r = count_room(judging, "", &all);

	if (r == 0)
		r = count_room(judging, login, &own);
	if (r < 0)
		return r;
	if (own >= share)
		return problem_say(judging->problem, INGEST_LATER,
			"%" PRId64 " requests of %s wait already, that is one agent's share "
			"(max_pending in supportaccess.conf)",
			own, login);
	if (all >= max)
		return problem_say(judging->problem, INGEST_LATER,
			"%" PRId64 " requests wait already (max_pending in supportaccess.conf)",
			all);
	return 0;
}

/* Names that the audit chain uses for others. */
static int check_login(struct judging *judging)
{
	static const char *const reserved[] = { "root", "central", "supportaccessd" };

	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(judging->document->request.agent.login, reserved[i]) == 0)
			return problem_say(judging->problem, INGEST_REFUSED,
				"an agent cannot be called %s: the record could not tell them "
				"apart",
				reserved[i]);
	return 0;
}

static int check(struct judging *judging)
{
	int r;

	if (judging->origin != INGEST_CENTRAL)
		return refuse(judging, "is not root's to make");
	r = check_customer(judging);
	if (r == 0)
		r = check_host(judging);
	if (r == 0)
		r = check_login(judging);
	if (r == 0)
		r = check_times(judging);
	return r ? r : check_room(judging);
}

static int verify(struct judging *judging)
{
	const struct document_agent *agent = &judging->document->request.agent;
	const struct ingest *ingest = judging->ingest;
	char fingerprint[FINGERPRINT_MAX + 1];
	int r = judging_verify(judging, ingest->agents, agent->login);

	if (r != 0)
		return r;
	if (key_fingerprint(agent->key, fingerprint) < 0 ||
		strcmp(fingerprint, judging->signer.fingerprint) != 0)
		return refuse(judging, "was signed by another key than it names");
	r = accounts_place(
		ingest->store, agent->login, ingest->probe, &judging->uid, judging->problem);
	if (r == -EEXIST)
		return INGEST_REFUSED;
	/* A name service that does not answer must not hold up the endings behind this. */
	return r == -ENOSPC || r == -ETIMEDOUT || r == -EIO ? INGEST_LATER : r;
}

static int insert(struct judging *judging)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	const struct request *request = &judging->document->request;
	int r = query_open(judging->ingest->store,
		"INSERT INTO requests (digest, seq, login, over, received, pending_until, decided,"
		" used, used_boot_id, used_boot) SELECT ?1, seq, ?2,"
		" EXISTS (SELECT 1 FROM finals WHERE request = ?1), ?3, ?4, 0, 0, '', 0"
		" FROM documents WHERE digest = ?1",
		&query);

	if (r < 0)
		return r;
	query_text(&query, 1, judging->digest);
	query_text(&query, 2, request->agent.login);
	query_int(&query, 3, judging->ingest->now);
	query_int(&query, 4, request->pending_until);
	return query_run(&query);
}

static int apply(struct judging *judging)
{
	const struct request *request = &judging->document->request;
	const struct ingest *ingest = judging->ingest;
	int r = accounts_make(ingest->store, ingest->config, &request->agent, judging->uid,
		ingest->now, judging->problem);

	if (r == -ENOSPC)
		return INGEST_LATER;
	if (r == 0)
		r = finals_drop_foreign(ingest->store, judging->digest, request->agent.login);
	if (r == 0)
		r = insert(judging);
	if (r < 0)
		return r;
	judging_say(judging, "requested", request->agent.login, request->reason);
	judging->event.scope = request->scope;
	judging->event.until = request->pending_until;
	r = chain_append(ingest->store, &judging->event, ingest->now, judging->problem);
	judging->event.kind[0] = '\0'; /* written: what waited for it comes behind it */
	return r < 0 ? r : decisions_arrive(judging);
}

const struct judge judge_of_requests = { check, verify, apply };
