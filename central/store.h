/* SPDX-License-Identifier: MIT */
#pragma once

/* What central keeps, in one SQLite file. Only central/store*.c know that it is SQL.
 *
 * Each function that writes is one transaction, durable when it returns 0. Rows are handed to a
 * callback whose texts live until it returns. Lists are read in pages: what comes after a cursor,
 * at most so many. Errors are negative errnos: -EBUSY (someone else writes for too long), -ENOSPC,
 * -EIO, -EROFS, -EBADMSG (not our file, or damaged). */

#include "core/document.h"
#include "core/problem.h"
#include "lib/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CENTRAL_EPOCH_LEN     26
#define CENTRAL_SECRET_ID_LEN 16 /* of a token or code: the first digits of its SHA-256 */
#define CENTRAL_PAGE_MAX      100
#define CENTRAL_TITLE_MAX     64
#define CENTRAL_VENDOR_MAX    64

/* What became of a write. Documented per function; negative is an errno. */
enum central_outcome {
	CENTRAL_DONE = 0,
	CENTRAL_UNCHANGED, /* it was so already */
	CENTRAL_NOT_FOUND, /* no such thing, or not for who asks */
	CENTRAL_TAKEN,     /* another has that name or short id, or had it: never given twice */
	CENTRAL_IN_USE,    /* something still depends on it */
	CENTRAL_USED,      /* the one-time code was used before */
	CENTRAL_ENDED,     /* the code or token has ended, or its owner is locked or removed */
	CENTRAL_GAP,       /* events: the chain does not continue what is known */
	CENTRAL_FORK,      /* events: another event has that number */
};

enum role {
	ROLE_NONE = 0,
	ROLE_AGENT = 1,
	ROLE_APPROVER = 2,
	ROLE_HOST = 4,
	ROLE_OPERATOR = 8,
};

const char *role_name(enum role role);

/* Who holds a token. */
struct identity {
	enum role role;
	char customer[DOCUMENT_CUSTOMER_MAX + 1]; /* empty but for approvers and hosts */
	char name[DOCUMENT_PRINCIPAL_MAX + 1];    /* login, principal, host id */
	char full_name[ACCOUNT_FULL_NAME_MAX + 1];
	char team[DOCUMENT_TEAM_MAX + 1];
	char token[CENTRAL_SECRET_ID_LEN + 1];
};

struct central;

/* Opens `path` and brings it to the newest schema; with `create`, makes it (mode 0600) if it is
 * not there, with a new epoch. -ENOENT without `create`; -EPROTO if a newer program wrote it. */
int central_open(const char *path, bool create, struct central **ret, struct problem *problem);
void central_free(struct central *central);
DEFINE_CLEANUP(struct central *, central_free)

/* A descriptor that becomes readable when somebody writes; and whether, since the last call, that
 * somebody was another connection than this one (another instance, an admin's verb). */
int central_watch(struct central *central);
bool central_changed_elsewhere(struct central *central);
/* Waits until another connection has written, at most `wait_ms`. True if one has. */
bool central_wait(struct central *central, int64_t wait_ms);

/* Copies the whole database to a new file, also while central runs. -EEXIST. The copy has no epoch:
 * it gets a new one when it is opened, so that hosts notice that central was put back. */
int central_backup(struct central *central, const char *path, struct problem *problem);

int central_epoch(struct central *central, char ret[static CENTRAL_EPOCH_LEN + 1]);
/* Hosts read the feed from its start and send the events that are missing: to be done after the
 * database was put back by other means than central_backup. */
int central_epoch_new(struct central *central);

/* Numbers for /metrics; also proves that the database answers. */
struct central_counts {
	int64_t hosts, requests, documents, events;
};
int central_count(struct central *central, struct central_counts *ret);

/* ---- customers and people (central_people.c) ---- */

struct customer_row {
	const char *name, *title;
	int64_t added, hosts;
};

/* CENTRAL_DONE, CENTRAL_UNCHANGED, CENTRAL_TAKEN (it was removed once). */
int central_customer_add(struct central *central, const char *name, const char *title, int64_t now);
/* CENTRAL_DONE, CENTRAL_UNCHANGED (removed already), CENTRAL_NOT_FOUND, CENTRAL_IN_USE (has hosts).
 */
int central_customer_remove(struct central *central, const char *name, int64_t now);
int central_customers(struct central *central,
	int (*each)(void *context, const struct customer_row *row), void *context);

struct person {
	enum role role;
	const char *customer, *name, *full_name, *team;
	int64_t added, locked, removed;
};

/* CENTRAL_DONE, CENTRAL_UNCHANGED, CENTRAL_TAKEN, CENTRAL_NOT_FOUND (no such customer). */
int central_person_add(struct central *central, const struct person *person, int64_t now);
/* Locks or removes: in either case tokens and codes end with it. CENTRAL_DONE, CENTRAL_UNCHANGED,
 * CENTRAL_NOT_FOUND. */
int central_person_end(
	struct central *central, const struct person *person, bool remove, int64_t now);
int central_people(struct central *central, enum role role,
	int (*each)(void *context, const struct person *row), void *context);

/* ---- codes and tokens (central_tokens.c); hashes are the SHA-256 of the secret, in hex ---- */

struct code_row {
	enum role role;
	char customer[DOCUMENT_CUSTOMER_MAX + 1];
	char name[DOCUMENT_PRINCIPAL_MAX + 1];
	char vendor[CENTRAL_VENDOR_MAX + 1];
	char authority[DOCUMENT_KEY_MAX + 1];
	int64_t ends;
};

/* CENTRAL_DONE, CENTRAL_NOT_FOUND (no such person or customer, or locked). */
int central_code_add(
	struct central *central, const char *hash, const struct code_row *code, int64_t now);
/* CENTRAL_DONE and the code, CENTRAL_NOT_FOUND, CENTRAL_USED, CENTRAL_ENDED. */
int central_code_find(struct central *central, const char *hash, int64_t now, struct code_row *ret);
/* Uses up a person's code and gives a token: as central_code_find. */
int central_code_login(struct central *central, const char *code, const char *token, int64_t ends,
	int64_t now, struct identity *ret);

struct token_row {
	const char *id, *role, *customer, *name;
	int64_t created, ends, revoked;
};

/* A token made without a code, for an operator: CENTRAL_DONE, CENTRAL_NOT_FOUND. */
int central_token_add(struct central *central, const char *hash, const char *operator_name,
	int64_t ends, int64_t now);
/* CENTRAL_DONE, CENTRAL_NOT_FOUND, CENTRAL_ENDED. */
int central_token_find(
	struct central *central, const char *hash, int64_t now, struct identity *ret);
/* CENTRAL_DONE, CENTRAL_UNCHANGED, CENTRAL_NOT_FOUND. */
int central_token_revoke(struct central *central, const char *id, int64_t now);
int central_tokens(struct central *central, int (*each)(void *context, const struct token_row *row),
	void *context);

/* ---- hosts (central_hosts.c) ---- */

struct host_row {
	const char *id, *customer, *name, *key, *documents;
	const char *bytes, *signature; /* of the enrolment document */
	int64_t enrolled, contact;
};

/* Uses up the code and gives the host its token. `document` is an enrolment. CENTRAL_DONE,
 * CENTRAL_USED, CENTRAL_ENDED, CENTRAL_NOT_FOUND (of the code), CENTRAL_TAKEN (another host of this
 * customer has the name). */
int central_host_enrol(struct central *central, const char *code, const char *token,
	const struct document *document, const char *bytes, const char *signature, int64_t now);
/* Marks it gone, with its tokens. CENTRAL_DONE, CENTRAL_UNCHANGED, CENTRAL_NOT_FOUND. */
int central_host_end(struct central *central, const char *id, int64_t now);
/* `documents` NULL: as they were. Writes at most once a minute for each host. */
int central_host_contact(
	struct central *central, const char *id, const char *documents, int64_t now);
/* One host by its id, gone or not: CENTRAL_DONE (each was called), CENTRAL_NOT_FOUND. */
int central_host(struct central *central, const char *id,
	int (*each)(void *context, const struct host_row *row), void *context);
/* Hosts of `customer` (NULL: all) with an id after `after`, in order of id, at most `max`. */
int central_hosts(struct central *central, const char *customer, const char *after, size_t max,
	int (*each)(void *context, const struct host_row *row), void *context);

/* ---- requests and what is about them (central_documents.c) ---- */

struct document_row {
	int64_t n;
	const char *digest, *short_id, *type, *customer, *agent, *request, *verdict;
	const char *bytes, *signature, *sender; /* "approver:carol" */
	int64_t received, pending_until;
};

/* Stores a request, decision, revocation or closing and puts it into the feed of every host of
 * its request. CENTRAL_DONE; CENTRAL_UNCHANGED (the very same document is there); CENTRAL_TAKEN
 * (another one with its short id); CENTRAL_NOT_FOUND (its request, or for a request a host: not
 * enrolled, of another customer or name). For each host whose feed grew `each_host` is called,
 * after commit. */
int central_document_add(struct central *central, const struct document *document,
	const char *bytes, const char *signature, const struct identity *sender, int64_t now,
	void (*each_host)(void *context, const char *host), void *context);
/* The request of that digest or short id. */
int central_request(struct central *central, const char *digest_or_id,
	int (*each)(void *context, const struct document_row *row), void *context);
/* Requests of `customer` and `agent` (NULL: any), newest first, with n below `before` (0: all). */
int central_requests(struct central *central, const char *customer, const char *agent,
	int64_t before, size_t max, int (*each)(void *context, const struct document_row *row),
	void *context);
/* What is about a request, but the request itself, in order of arrival. */
int central_about(struct central *central, const char *request,
	int (*each)(void *context, const struct document_row *row), void *context);

struct feed_row {
	int64_t cursor;
	const char *bytes, *signature;
};
int central_feed(struct central *central, const char *host, int64_t after, size_t max,
	int (*each)(void *context, const struct feed_row *row), void *context);

/* How far hosts are with a request, from what they signed. */
struct request_progress {
	size_t hosts;     /* of the request */
	size_t concerned; /* that accepted an approval; if none yet: all */
	size_t approved, denied, revoked, confirmed, approved_and_denied; /* that said so */
	size_t over; /* of the concerned: that confirmed that nothing is alive */
};
int central_progress(struct central *central, const char *request, struct request_progress *ret);
/* Hosts of a request that have not confirmed its end. */
int central_unconfirmed(struct central *central, const char *request,
	int (*each)(void *context, const struct host_row *row), void *context);

/* ---- events (central_events.c) ---- */

struct event_row {
	int64_t n, seq;
	const char *host, *bytes;
};

struct head_row {
	const char *host, *bytes, *signature;
};

/* The last number that is known of a host's chain, 0 for none, and that event's digest. */
int central_chain_last(struct central *central, const char *host, int64_t *ret_seq,
	char ret_digest[static DIGEST_HEX_LEN + 1]);
/* Checks that `events`, one after the other, continue what is known, or repeat it. CENTRAL_DONE,
 * CENTRAL_GAP, CENTRAL_FORK. */
int central_chain_check(struct central *central, const char *host, struct document *const *events,
	size_t n_events, const struct head *head);
/* Stores them with their head; the chain was checked and is checked again. */
int central_chain_add(struct central *central, const struct identity *host,
	struct document *const *events, const char *const *bytes, size_t n_events,
	const struct head *head, const char *head_bytes, const char *signature, int64_t now);

struct events_filter {
	const char *customer, *agent, *host, *request; /* NULL: any */
	int64_t after;
	size_t max;
};
int central_events(struct central *central, const struct events_filter *filter,
	int (*each)(void *context, const struct event_row *row), void *context);
/* The first head of `host` that covers event `seq`: none is no error. */
int central_head(struct central *central, const char *host, int64_t seq, int64_t *ret_seq,
	int (*each)(void *context, const struct head_row *row), void *context);
