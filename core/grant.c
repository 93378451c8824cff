/* SPDX-License-Identifier: MIT */

/* The rules by which documents become a right to log in.
 *
 * First what the request itself came to: ended by somebody, never vouched for, approved or not,
 * too early, over. Then what holds on the whole host has the last word, but an ending keeps its
 * own sentence, because it is true whatever else is wrong. Everything narrows: there is no path
 * on which a further fact makes a grant wider or longer. */

#include "core/grant.h"

#include <stdio.h>
#include <string.h>

#define HOUR ((int64_t)3600)
#define DAY  (24 * HOUR)

static int64_t min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t max(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t grant_max_length(const struct grant_host *host, enum scope scope)
{
	static const struct {
		enum scope scope;
		int64_t length;
	} defaults[] = {
		{ SCOPE_READ_ONLY, 3 * DAY },
		{ SCOPE_READ_WRITE, 8 * HOUR },
		{ SCOPE_ADMIN, 4 * HOUR },
	};

	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (defaults[i].scope == scope && scope <= host->max_scope)
			return host->max_length ? host->max_length : defaults[i].length;
	return 0;
}

static bool names_host(const struct decision *decision, const char *host_id)
{
	for (size_t i = 0; i < decision->n_hosts; i++)
		if (strcmp(decision->hosts[i], host_id) == 0)
			return true;
	return false;
}

static void say(
	struct grant *grant, enum verdict verdict, int64_t since, const char *by, const char *text)
{
	grant->verdict = verdict;
	grant->since = since;
	snprintf(grant->by, sizeof(grant->by), "%s", by);
	snprintf(grant->text, sizeof(grant->text), "%s", text);
}

/* What the approvals give together: the narrowest of all that name this host. */
struct approved {
	bool elsewhere, unbacked; /* there is one for other hosts, one that no longer counts */
	const struct decision *decision; /* the first that counts; NULL: none */
	enum scope scope;
	int64_t from, until;
};

static void narrow(const struct grant_host *host, const struct request *request,
	const struct decision *decision, struct approved *approved)
{
	enum scope scope = decision->scope < request->scope ? decision->scope : request->scope;
	int64_t from = max(decision->decided, max(decision->start, request->start));
	int64_t length = min(decision->length, request->length);
	int64_t until;

	if (scope > host->max_scope)
		scope = host->max_scope;
	length = min(length, grant_max_length(host, scope));
	until = min(from + length, decision->latest_end);
	if (!approved->decision) {
		approved->decision = decision;
		approved->scope = scope;
		approved->from = from;
		approved->until = until;
		return;
	}
	if (scope < approved->scope)
		approved->scope = scope;
	approved->from = max(approved->from, from);
	approved->until = min(approved->until, until);
}

static struct approved approve(const struct grant_host *host, const struct grant_facts *facts)
{
	struct approved approved = { 0 };

	for (size_t i = 0; i < facts->n_decisions; i++) {
		const struct grant_decision *d = &facts->decisions[i];

		if (!d->decision->approve)
			continue;
		if (!names_host(d->decision, host->host_id))
			approved.elsewhere = true;
		else if (!d->backed)
			approved.unbacked = true;
		else
			narrow(host, facts->request, d->decision, &approved);
	}
	return approved;
}

/* The end by the boot clock, on the wall clock of now. The two round differently, so a difference
 * within the tolerance is none: else every look at a grant would move its end by a second. */
static int64_t limit_by_used(const struct approved *approved, int64_t used, int64_t now)
{
	int64_t until = max(now, approved->from) + (approved->until - approved->from) - used;

	return until < approved->until - GRANT_CLOCK_TOLERANCE ? until : approved->until;
}

static void judge_approved(const struct grant_facts *facts, const struct approved *approved,
	int64_t now, struct grant *grant)
{
	const struct decision *decision = approved->decision;

	grant->scope = approved->scope;
	grant->from = approved->from;
	grant->until = limit_by_used(approved, facts->used, now);
	if (facts->final == GRANT_FINAL_EXPIRED || now >= grant->until) {
		grant->until = min(grant->until, facts->final ? facts->final_at : now);
		say(grant, VERDICT_EXPIRED, grant->until, decision->approver, decision->comment);
	} else if (now < grant->from) {
		say(grant, VERDICT_EARLY, grant->from, decision->approver, decision->comment);
	} else {
		say(grant, VERDICT_OK, decision->decided, decision->approver, decision->comment);
	}
}

static void judge_request(const struct grant_host *host, const struct grant_facts *facts,
	int64_t now, struct grant *grant)
{
	const struct request *request = facts->request;
	struct approved approved = approve(host, facts);

	if (!facts->agent_backed)
		say(grant, VERDICT_UNBACKED, request->created, "", "");
	else if (approved.decision)
		judge_approved(facts, &approved, now, grant);
	else if (approved.unbacked)
		say(grant, VERDICT_UNBACKED, request->created, "", "");
	else if (approved.elsewhere)
		say(grant, VERDICT_NOT_HERE, request->created, "", "");
	else if (facts->final == GRANT_FINAL_EXPIRED || now >= request->pending_until)
		say(grant, VERDICT_UNANSWERED, request->pending_until, "", "");
	else
		say(grant, VERDICT_PENDING, request->created, "", "");
}

/* What holds on the whole host; VERDICT_OK when nothing is in the way. */
static enum verdict judge_host(const struct grant_host *host, int64_t now)
{
	const struct {
		bool holds;
		enum verdict verdict;
	} rules[] = {
		{ host->store_closed, VERDICT_STORE_CLOSED },
		{ host->copied, VERDICT_COPIED },
		{ now < host->high_water - GRANT_CLOCK_TOLERANCE, VERDICT_CLOCK_BEHIND },
		{ host->clock_ahead, VERDICT_CLOCK_AHEAD },
		{ host->off, VERDICT_OFF },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].holds)
			return rules[i].verdict;
	return VERDICT_OK;
}

static bool judge_final(const struct grant_facts *facts, struct grant *grant)
{
	static const enum verdict verdicts[] = {
		[GRANT_FINAL_DENIED] = VERDICT_DENIED,
		[GRANT_FINAL_REVOKED] = VERDICT_REVOKED,
		[GRANT_FINAL_CLOSED] = VERDICT_CLOSED,
	};

	if (facts->final == GRANT_FINAL_NONE || facts->final == GRANT_FINAL_EXPIRED)
		return false;
	say(grant, verdicts[facts->final], facts->final_at, facts->final_by, facts->final_text);
	return true;
}

void grant_derive(const struct grant_host *host, const struct grant_facts *facts, int64_t now,
	struct grant *ret)
{
	struct grant grant = { .request = facts->digest };
	enum verdict on_host;

	if (!judge_final(facts, &grant)) {
		judge_request(host, facts, now, &grant);
		on_host = judge_host(host, now);
		if (on_host != VERDICT_OK && grant.verdict != VERDICT_EXPIRED)
			grant.verdict = on_host;
	}
	*ret = grant;
}

/* What a login is told first: what is open, then what is wrong with the host and would hide the
 * rest, then what may still open; everything that is over is alike, and the newest is told. */
static int rank(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_OK:
		return 5;
	case VERDICT_STORE_CLOSED:
	case VERDICT_COPIED:
	case VERDICT_CLOCK_BEHIND:
	case VERDICT_CLOCK_AHEAD:
	case VERDICT_OFF:
		return 4;
	case VERDICT_EARLY:
		return 3;
	case VERDICT_PENDING:
		return 2;
	default:
		return 1;
	}
}

static bool better(const struct grant *a, const struct grant *b)
{
	if (rank(a->verdict) != rank(b->verdict))
		return rank(a->verdict) > rank(b->verdict);
	if (a->verdict != VERDICT_OK)
		return a->since > b->since;
	if (a->scope != b->scope)
		return a->scope > b->scope;
	return a->until > b->until;
}

void grant_choose(const struct grant *grants, size_t n_grants, struct grant *ret)
{
	const struct grant *best = NULL;

	for (size_t i = 0; i < n_grants; i++)
		if (!best || better(&grants[i], best))
			best = &grants[i];
	*ret = best ? *best : (struct grant){ .verdict = VERDICT_NONE };
}

bool grant_covers(const struct grant *grants, size_t n_grants, enum scope scope, int64_t *ret_until)
{
	int64_t until = 0;

	for (size_t i = 0; i < n_grants; i++)
		if (grants[i].verdict == VERDICT_OK && grants[i].scope >= scope)
			until = max(until, grants[i].until);
	if (until == 0)
		return false;
	*ret_until = until;
	return true;
}
