/* SPDX-License-Identifier: MIT */

/* The one door. Every document takes the same way: parsed under the strict rule, known already or
 * not, checked against the store, verified, and then, in one transaction, checked again (another
 * program may have written meanwhile), stored with its event and the feed's cursor. What is
 * refused moves the cursor as well, or one bad document would hold up all that end access behind
 * it. */

#include "host/ingest.h"
#include "host/chain.h"
#include "host/documents.h"
#include "host/facts.h"
#include "host/finals.h"
#include "host/judging.h"
#include "host/query.h"
#include "host/signer.h"
#include "lib/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct judge *const judges[DOCUMENT_TYPES] = {
	[DOCUMENT_REQUEST] = &judge_of_requests,
	[DOCUMENT_DECISION] = &judge_of_decisions,
	[DOCUMENT_REVOCATION] = &judge_of_revocations,
	[DOCUMENT_CLOSING] = &judge_of_closings,
};

/* --- for judges --------------------------------------------------------------------------- */

/* 0, or INGEST_LATER when too much in this name was verified in vain. */
static int spend_try(struct judging *judging, const char *identity)
{
	const struct ingest *ingest = judging->ingest;
	enum document_type type = judging->document->type;
	int64_t wait;

	if (!ingest->budget)
		return 0;
	wait = budget_take(ingest->budget, type, identity, ingest->now);
	if (wait > 0)
		return problem_say(judging->problem, INGEST_LATER,
			"%d times within %d s a %s in the name of %s did not hold: the next one is "
			"looked at in %" PRId64 " s",
			BUDGET_TRIES, BUDGET_WINDOW_S, document_type_name(type), identity, wait);
	judging->tried = identity;
	return 0;
}

int judging_verify(struct judging *judging, const struct signers *signers, const char *identity)
{
	int r;

	if (judging->signature_size == 0)
		return problem_say(judging->problem, INGEST_REFUSED, "%s of %s has no signature",
			document_type_name(judging->document->type), identity);
	r = spend_try(judging, identity);
	if (r != 0)
		return r;
	r = signature_verify(signers, judging->document->type, identity, judging->ingest->now,
		judging->bytes, judging->size, judging->signature, judging->signature_size,
		&judging->signer, judging->problem);
	if (r == -EKEYREJECTED)
		return problem_say(judging->problem, INGEST_REFUSED,
			"the signature of %s does not hold", identity);
	if (r == -EBADMSG)
		return problem_say(judging->problem, INGEST_REFUSED,
			"ssh-keygen fails over the signature of %s", identity);
	if (r == -ETIMEDOUT && judging->ingest->budget &&
		budget_may_return(judging->ingest->budget, judging->digest))
		return r;
	if (r == -ETIMEDOUT)
		return problem_say(judging->problem, INGEST_LATER,
			"the signature of %s could not be verified in time", identity);
	if (r == 0)
		snprintf(judging->principal, sizeof(judging->principal), "%s", identity);
	return r;
}

int judging_unsigned(struct judging *judging)
{
	_cleanup_(document_freep) struct document *request = NULL;
	int64_t n = 0;
	int r;

	judging->signature_size = 0;
	judging->tried = NULL; /* it gets in, but its signature was looked at in vain */
	r = judging_find_request(judging->ingest->store, judging->request, &request);
	if (r != -ENOENT)
		return r;
	r = finals_count_unknown(judging->ingest->store, "", false, &n);
	if (r < 0)
		return r;
	if (n >= FINALS_UNKNOWN_MAX)
		return problem_say(judging->problem, INGEST_LATER,
			"central revoked %d requests already that this host never saw",
			FINALS_UNKNOWN_MAX);
	return 0;
}

int judging_check_name(struct judging *judging, const char *name)
{
	_cleanup_(freep) char *host = NULL;
	bool is_root = strncmp(name, "root@", 5) == 0;
	int r;

	if (judging->origin == INGEST_CENTRAL)
		return is_root ? problem_say(judging->problem, INGEST_REFUSED,
					 "%s decides on that host alone, never through central",
					 name)
			       : 0;
	r = store_get(judging->ingest->store, FACT_HOST_NAME, &host);
	if (r < 0)
		return r;
	if (!is_root || strcmp(name + 5, host) != 0 || judging->signature_size)
		return problem_say(judging->problem, INGEST_REFUSED,
			"root on this host decides as root@%s, without a signature", host);
	return 0;
}

void judging_say(struct judging *judging, const char *kind, const char *by, const char *text)
{
	struct event *event = &judging->event;
	const char *caller = judging->ingest->caller;

	snprintf(event->kind, sizeof(event->kind), "%s", kind);
	snprintf(event->by, sizeof(event->by), "%s", by);
	memcpy(event->request, judging->request, sizeof(event->request));
	if (judging->origin == INGEST_ROOT && caller && strcmp(caller, "root") != 0)
		snprintf(event->text, sizeof(event->text), "by %s, who had become root%s%s", caller,
			text[0] ? ": " : "", text);
	else
		snprintf(event->text, sizeof(event->text), "%s", text);
}

int judging_find_request(struct store *store, const char *digest, struct document **ret)
{
	_cleanup_(stored_document_done) struct stored_document stored = { 0 };
	_cleanup_(document_freep) struct document *document = NULL;
	int r = documents_find(store, digest, &stored);

	if (r < 0)
		return r;
	r = document_parse(stored.bytes, stored.size, &document, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : -EUCLEAN;
	if (document->type != DOCUMENT_REQUEST)
		return -ENOENT;
	*ret = TAKE_PTR(document);
	return 0;
}

/* --- the store ---------------------------------------------------------------------------- */

static int is_known(struct judging *judging)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(
		judging->ingest->store, "SELECT 1 FROM documents WHERE digest = ?", &query);

	if (r < 0)
		return r;
	query_text(&query, 1, judging->digest);
	r = query_step(&query);
	return r > 0 ? INGEST_KNOWN : r;
}

/* Another document of its type has this short id: people could not tell them apart. */
static int check_short_id(struct judging *judging)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	char id[SHORT_ID_LEN + 1];
	int r = query_open(judging->ingest->store,
		"SELECT 1 FROM documents WHERE type = ? AND short_id = ?", &query);

	if (r < 0)
		return r;
	digest_short_id(&judging->document->digest, id);
	query_int(&query, 1, judging->document->type);
	query_text(&query, 2, id);
	r = query_step(&query);
	if (r <= 0)
		return r;
	snprintf(judging->event.kind, sizeof(judging->event.kind), "alarm");
	return problem_say(judging->problem, INGEST_REFUSED,
		"two documents have the short id %s: somebody wants one to be taken for the other",
		id);
}

static int check(struct judging *judging)
{
	int r = is_known(judging);

	if (r == 0)
		r = check_short_id(judging);
	return r ? r : judges[judging->document->type]->check(judging);
}

static int store_document(struct judging *judging)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	char id[SHORT_ID_LEN + 1], signer[DIGEST_HEX_LEN + 1] = "";
	int r = 0;

	if (judging->principal[0])
		r = signer_of(judging->signature, judging->signature_size, signer);
	if (r == 0)
		r = query_open(judging->ingest->store,
			"INSERT INTO documents (digest, type, short_id, request, bytes, signature,"
			" received, principal, fingerprint, signer, root, waiting, backed)"
			" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
			&query);
	if (r < 0)
		return r;
	digest_short_id(&judging->document->digest, id);
	query_text(&query, 1, judging->digest);
	query_int(&query, 2, judging->document->type);
	query_text(&query, 3, id);
	query_text(&query, 4, judging->request);
	query_bytes(&query, 5, judging->bytes, judging->size);
	query_bytes(&query, 6, judging->signature, judging->signature_size);
	query_int(&query, 7, judging->ingest->now);
	query_text(&query, 8, judging->principal);
	query_text(&query, 9, judging->signer.fingerprint);
	query_text(&query, 10, signer);
	query_int(&query, 11, judging->origin == INGEST_ROOT);
	query_int(&query, 12, judging->waiting);
	return query_run(&query);
}

static int move_cursor(struct store *store, int64_t cursor, const char *epoch)
{
	int r;

	if (cursor < 0)
		return 0;
	r = store_set_int(store, FACT_FEED_CURSOR, cursor);
	return r < 0 ? r : store_set(store, FACT_FEED_EPOCH, epoch ? epoch : "");
}

/* --- the way in --------------------------------------------------------------------------- */

static int accept(struct judging *judging, int64_t cursor, const char *epoch)
{
	struct store *store = judging->ingest->store;
	int r = store_begin(store, judging->problem);

	if (r < 0)
		return r;
	r = check(judging);
	if (r == 0)
		r = store_document(judging);
	if (r == 0)
		r = judges[judging->document->type]->apply(judging);
	if (r == 0 && judging->event.kind[0])
		r = chain_append(store, &judging->event, judging->ingest->now, judging->problem);
	if (r == 0)
		r = move_cursor(store, cursor, epoch);
	if (r == 0)
		r = store_commit(store, judging->problem);
	store_rollback(store);
	return r;
}

/* What did not get in: an event, unless it is known, and the cursor. */
static int dismiss(struct judging *judging, int result, int64_t cursor, const char *epoch)
{
	struct store *store = judging->ingest->store;
	struct event event = { .kind = "refused-document" };
	int r;

	if (result == INGEST_KNOWN && cursor < 0)
		return result;
	if (judging->event.kind[0])
		memcpy(event.kind, judging->event.kind, sizeof(event.kind));
	memcpy(event.agent, judging->event.agent, sizeof(event.agent));
	memcpy(event.request, judging->request, sizeof(event.request));
	if (judging->document && judging->document->type == DOCUMENT_DECISION) {
		event.scope = judging->document->decision.scope;
		event.until = judging->document->decision.latest_end;
	}
	snprintf(event.by, sizeof(event.by), "%s",
		judging->origin == INGEST_CENTRAL ? "central" : "root");
	snprintf(event.text, sizeof(event.text), "%s", judging->problem->text);
	r = store_begin(store, judging->problem);
	if (r < 0)
		return r;
	if (result != INGEST_KNOWN)
		r = refusal_note(store, &event, judging->ingest->now, judging->problem);
	if (r == 0)
		r = move_cursor(store, cursor, epoch);
	if (r == 0)
		r = store_commit(store, judging->problem);
	store_rollback(store);
	return r < 0 ? r : result;
}

/* Which request it is about, and whose that is as far as this host knows. */
static int name_request(struct judging *judging)
{
	const struct document *document = judging->document;
	_cleanup_(document_freep) struct document *request = NULL;
	const char *const names[DOCUMENT_TYPES] = {
		[DOCUMENT_REQUEST] = judging->digest,
		[DOCUMENT_DECISION] = document->decision.request,
		[DOCUMENT_REVOCATION] = document->revocation.request,
		[DOCUMENT_CLOSING] = document->closing.request,
	};
	int r;

	memcpy(judging->request, names[document->type], sizeof(judging->request));
	if (document->type == DOCUMENT_REQUEST) {
		snprintf(judging->event.agent, sizeof(judging->event.agent), "%s",
			document->request.agent.login);
		return 0;
	}
	r = judging_find_request(judging->ingest->store, judging->request, &request);
	if (r == 0)
		snprintf(judging->event.agent, sizeof(judging->event.agent), "%s",
			request->request.agent.login);
	return r == -ENOENT ? 0 : r;
}

static int judge(struct judging *judging, int64_t cursor, const char *epoch)
{
	const struct document *document = judging->document;
	int r;

	digest_to_hex(&document->digest, judging->digest);
	if (!judges[document->type])
		return problem_say(judging->problem, INGEST_REFUSED, "a host takes in no %s",
			document_type_name(document->type));
	if (judging->signature_size > SIGNATURE_MAX)
		return problem_say(judging->problem, INGEST_REFUSED,
			"the signature is longer than %d bytes", SIGNATURE_MAX);
	r = name_request(judging);
	if (r == 0)
		r = check(judging);
	if (r == 0)
		r = judges[document->type]->verify(judging);
	if (r == 0)
		r = accept(judging, cursor, epoch);
	if (judging->tried && r != INGEST_REFUSED && r != INGEST_LATER)
		budget_give_back(judging->ingest->budget, document->type, judging->tried);
	return r;
}

int ingest_document(const struct ingest *ingest, enum ingest_origin origin, const char *bytes,
	size_t size, const char *signature, size_t signature_size, int64_t cursor,
	const char *epoch, struct problem *problem)
{
	_cleanup_(document_freep) struct document *document = NULL;
	struct problem said = PROBLEM_NONE;
	struct judging judging = { .ingest = ingest,
		.origin = origin,
		.bytes = bytes,
		.size = size,
		.signature = signature,
		.signature_size = signature_size,
		.problem = &said };
	int r;

	r = document_parse(bytes, size, &document, &said);
	if (r == 0) {
		judging.document = document;
		r = judge(&judging, cursor, epoch);
	} else if (r != -ENOMEM) {
		r = INGEST_REFUSED;
	}
	if (r > 0)
		r = dismiss(&judging, r, cursor, epoch);
	if (r != 0 && said.text[0])
		(void)problem_say(problem, r, "%s", said.text);
	return r;
}
