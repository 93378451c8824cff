/* SPDX-License-Identifier: MIT */
#pragma once

/* A grant: the right of one agent to log in to this host, derived from documents that the
 * customer signed.
 *
 * A grant is a value. It is computed from facts and the clock and never edited: narrowing,
 * revoking and expiring are facts, and computing again gives the new grant. No function here
 * reads a clock, a file or the store. */

#include "core/document.h"
#include "lib/verdict.h"

/* How far clocks may disagree: two hosts, or one host before and after its clock was set. */
#define GRANT_FUTURE_TOLERANCE (5 * 60)
#define GRANT_CLOCK_TOLERANCE  60

/* A decision that was judged when it came in. */
struct grant_decision {
	const struct decision *decision;
	bool backed; /* its signer is still in `approvers`, its key not revoked; or root here */
	bool local;  /* made by root on this host */
};

enum grant_final {
	GRANT_FINAL_NONE,
	GRANT_FINAL_DENIED,
	GRANT_FINAL_REVOKED,
	GRANT_FINAL_CLOSED,
	GRANT_FINAL_EXPIRED, /* came to its end here: no clock brings it back */
};

/* All that is known of one request on this host. */
struct grant_facts {
	const struct request *request;
	struct digest digest;                   /* of the request */
	bool agent_backed;                      /* `agents` still vouches for who signed it */
	const struct grant_decision *decisions; /* in the order of their arrival */
	size_t n_decisions;
	enum grant_final final;
	int64_t final_at;
	const char *final_by, *final_text; /* "" if unknown */
	int64_t used; /* seconds that the grant has been open by the boot clock */
};

/* What holds on the whole host. */
struct grant_host {
	const char *host_id, *host_name, *customer;
	enum scope max_scope;
	int64_t max_length; /* seconds; 0: the scope's own default */
	bool off;           /* `supportaccess off` */
	int64_t high_water; /* no clock reading may be below this */
	bool clock_ahead;   /* a great jump forward that root has not accepted */
	bool copied;        /* machine-id is not the one that was enrolled */
	bool store_closed;
	bool show_approvers; /* agents may read who decided */
	char boot_id[37];    /* this boot and its clock, for whoever computes grant_facts.used */
	int64_t boot;
};

struct grant {
	enum verdict verdict;
	struct digest request;
	enum scope scope;
	int64_t from, until; /* 0 unless approved */
	int64_t since; /* asked, denied, revoked or ended: what the verdict's sentence tells */
	char by[DOCUMENT_PRINCIPAL_MAX + 1];
	char text[DOCUMENT_TEXT_MAX + 1]; /* the approver's comment or reason */
};

/* The longest that this host allows for a scope: its `max_length`, or 3 d, 8 h and 4 h for
 * read-only, read-write and admin. 0 for a scope that it does not allow at all. */
int64_t grant_max_length(const struct grant_host *host, enum scope scope);

/* Derives the grant of one request at `now`. Of several approvals that name this host the
 * narrowest of all holds: another approval never widens or prolongs one. Ceilings are applied
 * here as well as at ingest, because they can be lowered while a grant is open. */
void grant_derive(const struct grant_host *host, const struct grant_facts *facts, int64_t now,
	struct grant *ret);

/* Of several requests' grants, the one that a login gets: the widest that is VERDICT_OK, of
 * those the latest `until`; else the one that tells most (what is wrong with the host, then what
 * may still open, then the newest of what is over). VERDICT_NONE if there is none. */
void grant_choose(const struct grant *grants, size_t n_grants, struct grant *ret);

/* True while some grant of at least `scope` is open. */
bool grant_covers(
	const struct grant *grants, size_t n_grants, enum scope scope, int64_t *ret_until);

/* What the agent reads in ssh: at most 5 lines of ASCII, times in UTC. `request` may be NULL when
 * there is none. For VERDICT_OK it is the banner. */
void grant_sentence(const struct grant_host *host, const struct request *request,
	const struct grant *grant, int64_t now, char *ret, size_t ret_size);
