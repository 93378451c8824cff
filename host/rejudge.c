/* SPDX-License-Identifier: MIT */

/* Of all that one signer signed, the first and the last received are verified, each as of its own
 * receipt: when both still hold, so does all between them (a line of ALLOWED SIGNERS is valid for
 * one stretch of time). When they disagree, each document is judged. What lost its signer stays
 * lost: over means over, also when the signer comes back. */

#include "host/rejudge.h"
#include "host/chain.h"
#include "host/query.h"

#include <stdio.h>
#include <string.h>

struct suspect {
	enum document_type type;
	char principal[DOCUMENT_PRINCIPAL_MAX + 1], signer[DIGEST_HEX_LEN + 1];
	int64_t first, last; /* seq of its documents */
};

struct suspects {
	struct suspect *list;
	size_t n;
};

/* What may still open something: requests, and approvals of requests, that are not final. */
#define STILL_COUNTS                                                                               \
	"backed AND NOT root AND principal != '' AND type IN (?1, ?2)"                             \
	" AND NOT EXISTS (SELECT 1 FROM finals f WHERE f.request = documents.request)"

static int find_suspects(struct store *store, struct suspects *ret)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store,
		"SELECT type, principal, signer, min(seq), max(seq) FROM documents "
		"WHERE " STILL_COUNTS " GROUP BY type, principal, signer",
		&query);

	if (r < 0)
		return r;
	query_int(&query, 1, DOCUMENT_REQUEST);
	query_int(&query, 2, DOCUMENT_DECISION);
	while ((r = query_step(&query)) > 0) {
		struct suspect *suspect = reallocarray(ret->list, ret->n + 1, sizeof(*suspect));

		if (!suspect)
			return -ENOMEM;
		ret->list = suspect;
		suspect += ret->n++;
		*suspect = (struct suspect){ .type = (enum document_type)query_get_int(&query, 0),
			.first = query_get_int(&query, 3),
			.last = query_get_int(&query, 4) };
		r = query_get_text(&query, 1, suspect->principal, sizeof(suspect->principal));
		if (r == 0)
			r = query_get_text(&query, 2, suspect->signer, sizeof(suspect->signer));
		if (r < 0)
			return r;
	}
	return r;
}

/* 0: it holds; -EKEYREJECTED; another negative errno: it cannot be said. */
static int verify(const struct ingest *ingest, const struct suspect *suspect, int64_t seq,
	struct problem *problem)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	_cleanup_(freep) char *bytes = NULL, *signature = NULL;
	size_t size, signature_size;
	struct signed_by by;
	int r = query_open(ingest->store,
		"SELECT bytes, signature, received FROM documents WHERE seq = ?", &query);

	if (r < 0)
		return r;
	query_int(&query, 1, seq);
	r = query_step(&query);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = query_get_bytes(&query, 0, &bytes, &size);
	if (r == 0)
		r = query_get_bytes(&query, 1, &signature, &signature_size);
	if (r != 0)
		return r;
	return signature_verify(
		suspect->type == DOCUMENT_REQUEST ? ingest->agents : ingest->approvers,
		suspect->type, suspect->principal, query_get_int(&query, 2), bytes, size, signature,
		signature_size, &by, problem);
}

/* --- what is lost ------------------------------------------------------------------------- */

struct lost {
	int64_t seq, received;
	enum document_type type;
	char request[DIGEST_HEX_LEN + 1], login[ACCOUNT_LOGIN_MAX + 1];
	char principal[DOCUMENT_PRINCIPAL_MAX + 1];
};

static int mark(struct store *store, int64_t seq)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store, "UPDATE documents SET backed = 0 WHERE seq = ?", &query);

	if (r < 0)
		return r;
	query_int(&query, 1, seq);
	return query_run(&query);
}

static int lose(const struct ingest *ingest, const struct lost *lost, const char *why,
	struct problem *problem)
{
	struct event event = { .kind = "unbacked" };
	int r = mark(ingest->store, lost->seq);

	if (r < 0)
		return r;
	memcpy(event.agent, lost->login, sizeof(event.agent));
	memcpy(event.request, lost->request, sizeof(event.request));
	memcpy(event.by, lost->principal, sizeof(event.by));
	snprintf(event.text, sizeof(event.text), "the %s of %s no longer counts: %s",
		document_type_name(lost->type), lost->principal, why);
	return chain_append(ingest->store, &event, ingest->now, problem);
}

#define LOST_COLUMNS                                                                               \
	"SELECT seq, received, type, request, principal,"                                          \
	" ifnull((SELECT login FROM requests r WHERE r.digest = documents.request), '')"           \
	" FROM documents WHERE " STILL_COUNTS

static int read_lost(struct query *query, struct lost *ret)
{
	int r = query_get_text(query, 3, ret->request, sizeof(ret->request));

	if (r == 0)
		r = query_get_text(query, 4, ret->principal, sizeof(ret->principal));
	if (r == 0)
		r = query_get_text(query, 5, ret->login, sizeof(ret->login));
	ret->seq = query_get_int(query, 0);
	ret->received = query_get_int(query, 1);
	ret->type = (enum document_type)query_get_int(query, 2);
	return r;
}

/* All rows of a bound query, collected before anything is changed. */
static int collect(struct query *query, struct lost **ret, size_t *ret_n)
{
	struct lost *list = NULL;
	size_t n = 0;
	int r;

	while ((r = query_step(query)) > 0) {
		struct lost *more = reallocarray(list, n + 1, sizeof(*more));

		r = more ? 0 : -ENOMEM;
		if (r < 0)
			break;
		list = more;
		r = read_lost(query, &list[n++]);
		if (r < 0)
			break;
	}
	if (r < 0) {
		free(list);
		return r;
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

static int lose_all(const struct ingest *ingest, const struct lost *list, size_t n, const char *why,
	struct rejudged *ret, struct problem *problem)
{
	int r;

	if (n == 0)
		return 0;
	r = store_begin(ingest->store, problem);
	if (r == 0)
		r = store_ends_access(ingest->store);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = lose(ingest, &list[i], why, problem);
	if (r == 0)
		r = store_commit(ingest->store, problem);
	store_rollback(ingest->store);
	if (r == 0)
		ret->documents += (int64_t)n;
	return r;
}

/* --- one signer --------------------------------------------------------------------------- */

/* Keeps those of the list that do not hold. */
static int keep_rejected(
	const struct ingest *ingest, const struct suspect *suspect, struct lost *list, size_t *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		int r = verify(ingest, suspect, list[i].seq, NULL);

		if (r < 0 && r != -EKEYREJECTED)
			return r;
		if (r == -EKEYREJECTED)
			list[kept++] = list[i];
	}
	*n = kept;
	return 0;
}

static int judge_suspect(const struct ingest *ingest, const struct suspect *suspect,
	struct rejudged *ret, struct problem *problem)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	_cleanup_(freep) struct lost *list = NULL;
	struct problem why = PROBLEM_NONE;
	size_t n = 0;
	int first, last, r;

	ret->signers++;
	first = verify(ingest, suspect, suspect->first, &why);
	last = suspect->last == suspect->first ? first
					       : verify(ingest, suspect, suspect->last, &why);
	if (first == 0 && last == 0)
		return 0;
	if ((first < 0 && first != -EKEYREJECTED) || (last < 0 && last != -EKEYREJECTED))
		return problem_say(problem, first != -EKEYREJECTED && first < 0 ? first : last,
			"cannot judge %s again: %s", suspect->principal, why.text);
	r = query_open(ingest->store, LOST_COLUMNS " AND principal = ?3 AND signer = ?4", &query);
	if (r < 0)
		return r;
	query_int(&query, 1, suspect->type);
	query_int(&query, 2, suspect->type);
	query_text(&query, 3, suspect->principal);
	query_text(&query, 4, suspect->signer);
	r = collect(&query, &list, &n);
	query_done(&query);
	if (r == 0 && first != last)
		r = keep_rejected(ingest, suspect, list, &n);
	return r < 0 ? r : lose_all(ingest, list, n, why.text, ret, problem);
}

int rejudge(const struct ingest *ingest, struct rejudged *ret, struct problem *problem)
{
	struct rejudged judged = { 0 };
	struct suspects suspects = { 0 };
	int r = find_suspects(ingest->store, &suspects);

	for (size_t i = 0; i < suspects.n; i++) {
		int one = judge_suspect(ingest, &suspects.list[i], &judged, problem);

		r = r < 0 ? r : one;
	}
	free(suspects.list);
	*ret = judged;
	return r;
}

/* Of two faults the one that says no comes first. */
int rejudge_request(
	const struct ingest *ingest, const struct digest *request, struct problem *problem)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	char digest[DIGEST_HEX_LEN + 1];
	int result = 0, r;

	digest_to_hex(request, digest);
	r = query_open(ingest->store,
		"SELECT seq, type, principal FROM documents WHERE " STILL_COUNTS
		" AND request = ?3",
		&query);
	if (r < 0)
		return r;
	query_int(&query, 1, DOCUMENT_REQUEST);
	query_int(&query, 2, DOCUMENT_DECISION);
	query_text(&query, 3, digest);
	while ((r = query_step(&query)) > 0) {
		struct suspect suspect = { .type = (enum document_type)query_get_int(&query, 1) };

		r = query_get_text(&query, 2, suspect.principal, sizeof(suspect.principal));
		if (r == 0)
			r = verify(ingest, &suspect, query_get_int(&query, 0), problem);
		if (r < 0 && result != -EKEYREJECTED)
			result = r;
	}
	return r < 0 ? r : result;
}

int rejudge_lost_since(const struct ingest *ingest, const char *principal, int64_t since,
	struct rejudged *ret, struct problem *problem)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	_cleanup_(freep) struct lost *list = NULL;
	struct rejudged judged = { .signers = 1 };
	size_t n = 0;
	int r = query_open(
		ingest->store, LOST_COLUMNS " AND principal = ?3 AND received >= ?4", &query);

	if (r < 0)
		return r;
	query_int(&query, 1, DOCUMENT_DECISION);
	query_int(&query, 2, DOCUMENT_DECISION);
	query_text(&query, 3, principal);
	query_int(&query, 4, since);
	r = collect(&query, &list, &n);
	query_done(&query);
	if (r == 0)
		r = lose_all(ingest, list, n, "the key was lost since then", &judged, problem);
	if (r == 0)
		*ret = judged;
	return r;
}
