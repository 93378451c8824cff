/* SPDX-License-Identifier: MIT */

#include "host/documents.h"
#include "host/query.h"

#include <string.h>

#define COLUMNS                                                                                    \
	"digest, bytes, signature, received, principal, fingerprint, root, backed FROM documents"

void stored_document_done(struct stored_document *document)
{
	free(document->bytes);
	free(document->signature);
	document->bytes = document->signature = NULL;
}

static int read_row(struct query *query, struct stored_document *ret)
{
	struct stored_document row = { .received = query_get_int(query, 3),
		.root = query_get_int(query, 6) != 0,
		.backed = query_get_int(query, 7) != 0 };
	int r;

	r = query_get_text(query, 0, row.digest, sizeof(row.digest));
	if (r == 0)
		r = query_get_text(query, 4, row.principal, sizeof(row.principal));
	if (r == 0)
		r = query_get_text(query, 5, row.fingerprint, sizeof(row.fingerprint));
	if (r == 0)
		r = query_get_bytes(query, 1, &row.bytes, &row.size);
	if (r == 0)
		r = query_get_bytes(query, 2, &row.signature, &row.signature_size);
	if (r < 0) {
		stored_document_done(&row);
		return r;
	}
	*ret = row;
	return 0;
}

static int find(struct query *query, const char *key, struct stored_document *ret)
{
	int r;

	query_text(query, 1, key);
	r = query_step(query);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	return read_row(query, ret);
}

int documents_find(struct store *store, const char *digest, struct stored_document *ret)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store, "SELECT " COLUMNS " WHERE digest = ?", &query);

	return r < 0 ? r : find(&query, digest, ret);
}

int documents_find_request(struct store *store, const char *short_id, struct stored_document *ret)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	char id[SHORT_ID_LEN + 1];
	int r = short_id_normalise(short_id, id);

	if (r < 0)
		return r;
	r = query_open(store, "SELECT " COLUMNS " WHERE short_id = ?1 AND type = ?2", &query);
	if (r < 0)
		return r;
	query_int(&query, 2, DOCUMENT_REQUEST);
	return find(&query, id, ret);
}

int documents_each(struct store *store, enum document_type type, const char *request,
	int (*each)(void *context, const struct stored_document *document), void *context)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = request ? query_open(store,
				  "SELECT " COLUMNS
				  " WHERE type = ?1 AND request = ?2 ORDER BY seq",
				  &query)
			: query_open(
				  store, "SELECT " COLUMNS " WHERE type = ?1 ORDER BY seq", &query);

	if (r < 0)
		return r;
	query_int(&query, 1, type);
	if (request)
		query_text(&query, 2, request);
	while ((r = query_step(&query)) > 0) {
		struct stored_document row;

		r = read_row(&query, &row);
		if (r < 0)
			return r;
		r = each(context, &row);
		stored_document_done(&row);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return r;
}
