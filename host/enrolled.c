/* SPDX-License-Identifier: MIT */

#include "host/enrolled.h"
#include "host/chain.h"
#include "host/facts.h"

#include <stdio.h>
#include <string.h>

/* A store belongs to one host for good: its chain is that host's. */
static int check_same_host(struct store *store, const char *host_id, struct problem *problem)
{
	_cleanup_(freep) char *id = NULL;
	int r = store_get(store, FACT_HOST_ID, &id);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (strcmp(id, host_id) == 0)
		return 0;
	return problem_say(problem, -EEXIST,
		"this store is the one of host %s: move it away to enrol as another", id);
}

static int set_facts(
	struct store *store, const struct enrolment *enrolment, const char *machine_id, int64_t now)
{
	const struct {
		const char *name, *value;
	} facts[] = {
		{ FACT_HOST_ID, enrolment->host.id },
		{ FACT_HOST_NAME, enrolment->host.name },
		{ FACT_CUSTOMER, enrolment->customer },
		{ FACT_PUBLIC_KEY, enrolment->key },
		{ FACT_MACHINE_ID, machine_id },
		{ FACT_AUTHORITY, enrolment->authority },
		{ FACT_FEED_CURSOR, "0" },
		{ FACT_FEED_EPOCH, "" },
		{ FACT_SENT, "0" },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(facts) / sizeof(facts[0]); i++)
		r = store_set(store, facts[i].name, facts[i].value);
	if (r == 0)
		r = store_set_int(store, FACT_ENROLLED, now);
	if (r == 0)
		r = store_set_epoch(store, now);
	return r;
}

int host_enrolled(struct store *store, const struct enrolment *enrolment, const char *machine_id,
	int64_t now, const char *by, struct problem *problem)
{
	struct event event = { .kind = "enrolled" };
	int r = store_begin(store, problem);

	if (r < 0)
		return r;
	snprintf(event.by, sizeof(event.by), "%s", by);
	snprintf(event.text, sizeof(event.text), "%s of %s, agent authority %s",
		enrolment->host.name, enrolment->customer,
		enrolment->authority[0] ? enrolment->authority : "not compared");
	r = check_same_host(store, enrolment->host.id, problem);
	if (r == 0)
		r = set_facts(store, enrolment, machine_id, now);
	if (r == 0)
		r = chain_append(store, &event, now, problem);
	if (r == 0)
		return store_commit(store, problem);
	store_rollback(store);
	return r;
}

int host_switch(struct store *store, bool off, int64_t now, const char *by, const char *reason,
	struct problem *problem)
{
	struct event event = { 0 };
	int64_t is_off = 0;
	int r = store_begin(store, problem);

	if (r < 0)
		return r;
	r = store_get_int(store, FACT_OFF, &is_off);
	if ((r == 0 || r == -ENOENT) && (is_off != 0) == off) {
		store_rollback(store);
		return 1;
	}
	snprintf(event.kind, sizeof(event.kind), "%s", off ? "switched-off" : "switched-on");
	snprintf(event.by, sizeof(event.by), "%s", by);
	snprintf(event.text, sizeof(event.text), "%s", reason);
	r = store_set_int(store, FACT_OFF, off);
	if (r == 0 && off)
		r = store_ends_access(store);
	if (r == 0)
		r = chain_append(store, &event, now, problem);
	if (r == 0)
		return store_commit(store, problem);
	store_rollback(store);
	return r;
}

int host_epoch(struct store *store, int64_t now, const char *by, struct problem *problem)
{
	struct event event = { .kind = "epoch" };
	const char *closed = store_closed(store);
	int r = store_begin(store, problem);

	if (r < 0)
		return r;
	snprintf(event.by, sizeof(event.by), "%s", by);
	snprintf(event.text, sizeof(event.text),
		"nothing that was decided before counts; the store was %s%s",
		closed ? "closed: " : "open", closed ? closed : "");
	r = store_set_epoch(store, now);
	if (r == 0)
		r = chain_append(store, &event, now, problem);
	if (r == 0)
		return store_commit(store, problem);
	store_rollback(store);
	return r;
}
