/* SPDX-License-Identifier: MIT */

/* `audit verify`: walks the events and the signed heads side by side, in the order of their
 * numbers. What is wrong first is said, because all after it follows from it. */

#include "core/signature.h"
#include "host/chain.h"
#include "host/query.h"

#include <inttypes.h>
#include <string.h>

struct walk {
	const char *public_key;
	char host[HOST_ID_LEN + 1], previous[DIGEST_HEX_LEN + 1];
	int64_t events, heads, time;
	struct problem *problem;
};

static int wrong(struct walk *walk, int64_t seq, const char *what)
{
	return problem_say(walk->problem, -EBADMSG, "event %" PRId64 ": %s", seq, what);
}

static int check_event(struct walk *walk, const char *bytes, size_t size, const char *kept_digest)
{
	_cleanup_(document_freep) struct document *document = NULL;
	char digest[DIGEST_HEX_LEN + 1];
	int64_t seq = walk->events + 1;
	int r = document_parse(bytes, size, &document, NULL);

	if (r == -ENOMEM)
		return r;
	if (r < 0 || document->type != DOCUMENT_EVENT)
		return wrong(walk, seq, "is no event");
	digest_to_hex(&document->digest, digest);
	if (document->event.seq != seq)
		return wrong(walk, seq, "is missing");
	if (strcmp(document->event.previous, walk->previous) != 0)
		return wrong(walk, seq, "does not follow the one before it");
	if (strcmp(document->event.host, walk->host) != 0)
		return wrong(walk, seq, "is another host's");
	if (strcmp(digest, kept_digest) != 0)
		return wrong(walk, seq, "was changed");
	if (document->event.time < walk->time)
		return wrong(walk, seq, "is older than the one before it");
	walk->time = document->event.time;
	memcpy(walk->previous, digest, sizeof(digest));
	walk->events = seq;
	return 0;
}

static int check_head(struct walk *walk, struct query *query)
{
	_cleanup_(document_freep) struct document *document = NULL;
	_cleanup_(freep) char *bytes = NULL, *signature = NULL;
	size_t size, signature_size;
	int r = query_get_bytes(query, 3, &bytes, &size);

	if (r == 0)
		r = query_get_bytes(query, 4, &signature, &signature_size);
	if (r != 0)
		return r;
	r = document_parse(bytes, size, &document, NULL);
	if (r == -ENOMEM)
		return r;
	if (r < 0 || document->type != DOCUMENT_HEAD || document->head.seq != walk->events ||
		strcmp(document->head.host, walk->host) != 0 ||
		strcmp(document->head.event, walk->previous) != 0)
		return wrong(walk, walk->events, "is not the one that its signed head names");
	r = signature_verify_key(
		walk->public_key, DOCUMENT_HEAD, bytes, size, signature, signature_size, NULL);
	if (r == -EKEYREJECTED)
		return wrong(walk, walk->events, "has a head that this host did not sign");
	if (r < 0)
		return r;
	walk->heads++;
	return 0;
}

static int check_row(struct walk *walk, struct query *query)
{
	_cleanup_(freep) char *bytes = NULL;
	char digest[DIGEST_HEX_LEN + 1];
	size_t size;
	int r = query_get_text(query, 1, digest, sizeof(digest));

	if (r == 0)
		r = query_get_bytes(query, 2, &bytes, &size);
	if (r == 0)
		r = check_event(walk, bytes, size, digest);
	if (r == 0 && query_get_int(query, 5))
		r = check_head(walk, query);
	return r;
}

static int last_head(struct store *store, int64_t *ret)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store, "SELECT ifnull(max(seq), 0) FROM heads", &query);

	if (r == 0)
		r = query_step(&query);
	if (r > 0)
		*ret = query_get_int(&query, 0);
	return r < 0 ? r : 0;
}

int chain_verify(struct store *store, const char *host_public_key, int64_t *ret_events,
	int64_t *ret_heads, struct problem *problem)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	struct walk walk = { .public_key = host_public_key, .problem = problem };
	int64_t head = 0;
	int r = key_host_id(host_public_key, walk.host);

	if (r < 0)
		return problem_say(problem, r, "the host's public key is none");
	/* First, because the chain goes on growing while it is read. */
	r = last_head(store, &head);
	if (r < 0)
		return r;
	memset(walk.previous, '0', DIGEST_HEX_LEN);
	r = query_open(store,
		"SELECT e.seq, e.digest, e.bytes, ifnull(h.bytes, ''), ifnull(h.signature, ''),"
		" h.seq IS NOT NULL FROM events e LEFT JOIN heads h ON h.seq = e.seq ORDER BY "
		"e.seq",
		&query);
	if (r < 0)
		return r;
	while ((r = query_step(&query)) > 0) {
		r = check_row(&walk, &query);
		if (r < 0)
			return r;
	}
	if (r == 0 && head > walk.events) /* the chain was cut at its end */
		r = wrong(&walk, walk.events + 1, "is missing: a signed head names a later one");
	if (r < 0)
		return r;
	*ret_events = walk.events;
	*ret_heads = walk.heads;
	return 0;
}
