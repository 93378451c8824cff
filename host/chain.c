/* SPDX-License-Identifier: MIT */

/* Each event holds the digest of the one before it, so a head that left the host binds all events
 * up to it. Signing costs a process, so heads are signed and events are not. */

#include "host/chain.h"
#include "core/signature.h"
#include "host/facts.h"
#include "host/query.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct link {
	int64_t seq, time;
	char digest[DIGEST_HEX_LEN + 1];
};

static int read_link(struct query *query, struct link *ret)
{
	_cleanup_(document_freep) struct document *document = NULL;
	_cleanup_(freep) char *bytes = NULL;
	size_t size;
	int r;

	r = query_get_text(query, 1, ret->digest, sizeof(ret->digest));
	if (r == 0)
		r = query_get_bytes(query, 2, &bytes, &size);
	if (r == 0)
		r = document_parse(bytes, size, &document, NULL);
	if (r != 0)
		return r;
	if (document->type != DOCUMENT_EVENT)
		return -EUCLEAN;
	ret->seq = query_get_int(query, 0);
	ret->time = document->event.time;
	return 0;
}

/* The last link, or the imaginary one before the first. */
static int last_link(struct store *store, struct link *ret)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(
		store, "SELECT seq, digest, bytes FROM events ORDER BY seq DESC LIMIT 1", &query);

	if (r < 0)
		return r;
	r = query_step(&query);
	if (r > 0)
		return read_link(&query, ret);
	*ret = (struct link){ 0 };
	memset(ret->digest, '0', DIGEST_HEX_LEN);
	return r;
}

static int host_id(struct store *store, char ret[static HOST_ID_LEN + 1], struct problem *problem)
{
	_cleanup_(freep) char *id = NULL;
	int r = store_get(store, FACT_HOST_ID, &id);

	if (r == -ENOENT)
		return problem_say(
			problem, -ENOKEY, "this host is not enrolled: supportaccess enroll URL");
	if (r < 0)
		return r;
	if (strlen(id) != HOST_ID_LEN)
		return -EUCLEAN;
	memcpy(ret, id, HOST_ID_LEN + 1);
	return 0;
}

static int insert(struct store *store, int64_t seq, const struct digest *digest, const char *bytes,
	size_t size)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	char hex[DIGEST_HEX_LEN + 1];
	int r = query_open(
		store, "INSERT INTO events (seq, digest, bytes) VALUES (?, ?, ?)", &query);

	if (r < 0)
		return r;
	digest_to_hex(digest, hex);
	query_int(&query, 1, seq);
	query_text(&query, 2, hex);
	query_bytes(&query, 3, bytes, size);
	return query_run(&query);
}

int chain_append(
	struct store *store, const struct event *event, int64_t now, struct problem *problem)
{
	struct document document = { .type = DOCUMENT_EVENT, .version = 1, .event = *event };
	_cleanup_(freep) char *bytes = NULL;
	struct digest digest;
	struct link last;
	size_t size;
	int r;

	if (!store_in_transaction(store))
		return -EINVAL;
	r = host_id(store, document.event.host, problem);
	if (r == 0)
		r = last_link(store, &last);
	if (r != 0)
		return r;
	document.event.seq = last.seq + 1;
	document.event.time = now > last.time ? now : last.time;
	memcpy(document.event.previous, last.digest, sizeof(last.digest));
	r = document_write(&document, &bytes, &size, &digest, problem);
	if (r < 0)
		return r;
	return insert(store, document.event.seq, &digest, bytes, size);
}

int chain_last(struct store *store, int64_t *ret)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store, "SELECT ifnull(max(seq), 0) FROM events", &query);

	if (r < 0)
		return r;
	r = query_step(&query);
	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	*ret = query_get_int(&query, 0);
	return 0;
}

int chain_head(struct store *store, char **ret_bytes, char **ret_signature, int64_t *ret_seq)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	_cleanup_(freep) char *bytes = NULL;
	size_t size;
	int r = query_open(
		store, "SELECT seq, bytes, signature FROM heads ORDER BY seq DESC LIMIT 1", &query);

	if (r < 0)
		return r;
	r = query_step(&query);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = query_get_bytes(&query, 1, &bytes, &size);
	if (r == 0)
		r = query_get_bytes(&query, 2, ret_signature, &size);
	if (r < 0)
		return r;
	*ret_bytes = TAKE_PTR(bytes);
	*ret_seq = query_get_int(&query, 0);
	return 0;
}

static int insert_head(struct store *store, int64_t seq, const char *bytes, size_t size,
	const char *signature, size_t signature_size)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store,
		"INSERT INTO heads (seq, bytes, signature) VALUES (?, ?, ?)"
		" ON CONFLICT (seq) DO NOTHING",
		&query);

	if (r < 0)
		return r;
	query_int(&query, 1, seq);
	query_bytes(&query, 2, bytes, size);
	query_bytes(&query, 3, signature, signature_size);
	return query_run(&query);
}

static int last_head(struct store *store, int64_t *ret)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store, "SELECT ifnull(max(seq), 0) FROM heads", &query);

	if (r < 0)
		return r;
	r = query_step(&query);
	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	*ret = query_get_int(&query, 0);
	return 0;
}

/* Signed outside a transaction: ssh-keygen takes milliseconds in which nobody should wait. */
int chain_sign(struct store *store, const char *host_key, int64_t now, struct problem *problem)
{
	struct document document = { .type = DOCUMENT_HEAD, .version = 1 };
	_cleanup_(freep) char *bytes = NULL, *signature = NULL;
	size_t size, signature_size;
	struct link last;
	int64_t head = 0;
	int r;

	r = last_head(store, &head);
	if (r == 0)
		r = last_link(store, &last);
	if (r != 0 || last.seq <= head)
		return r;
	r = host_id(store, document.head.host, problem);
	if (r < 0)
		return r;
	document.head.seq = last.seq;
	document.head.time = now > last.time ? now : last.time;
	memcpy(document.head.event, last.digest, sizeof(last.digest));
	r = document_write(&document, &bytes, &size, NULL, problem);
	if (r == 0)
		r = signature_make(host_key, DOCUMENT_HEAD, false, bytes, size, &signature,
			&signature_size, problem);
	if (r != 0)
		return r;
	return insert_head(store, last.seq, bytes, size, signature, signature_size);
}

int chain_each(struct store *store, int64_t after, size_t max,
	int (*each)(void *context, const char *bytes, size_t size, const struct event *event),
	void *context)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(
		store, "SELECT bytes FROM events WHERE seq > ? ORDER BY seq LIMIT ?", &query);

	if (r < 0)
		return r;
	query_int(&query, 1, after);
	query_int(&query, 2, max > INT64_MAX ? INT64_MAX : (int64_t)max);
	while ((r = query_step(&query)) > 0) {
		_cleanup_(document_freep) struct document *document = NULL;
		_cleanup_(freep) char *bytes = NULL;
		size_t size;

		r = query_get_bytes(&query, 0, &bytes, &size);
		if (r == 0)
			r = document_parse(bytes, size, &document, NULL);
		if (r == 0 && document->type != DOCUMENT_EVENT)
			r = -EUCLEAN;
		if (r == 0)
			r = each(context, bytes, size, &document->event);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return r;
}
