/* SPDX-License-Identifier: MIT */

/* The first ending of a request stays, also what expired: nothing brings it back. Only what an
 * agent closed gives way to what the customer ended: a closing that overtook its request may turn
 * out to be another agent's, and must not have kept a revocation out. */

#include "host/finals.h"
#include "host/query.h"

static int mark_over(struct store *store, const char *request)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store, "UPDATE requests SET over = 1 WHERE digest = ?", &query);

	if (r < 0)
		return r;
	query_text(&query, 1, request);
	return query_run(&query);
}

int finals_add(struct store *store, const struct final *final)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	struct final_row row;
	int r = finals_find(store, final->request, &row);

	if (r == 0 && (!row.agent[0] || final->agent[0]))
		return 1;
	if (r < 0 && r != -ENOENT)
		return r;
	r = query_open(store,
		"INSERT OR REPLACE INTO finals (request, kind, at, by, text, agent, signed)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)",
		&query);
	if (r < 0)
		return r;
	query_text(&query, 1, final->request);
	query_int(&query, 2, final->kind);
	query_int(&query, 3, final->at);
	query_text(&query, 4, final->by);
	query_text(&query, 5, final->text);
	query_text(&query, 6, final->agent);
	query_int(&query, 7, final->is_signed);
	r = query_run(&query);
	return r < 0 ? r : mark_over(store, final->request);
}

int finals_find(struct store *store, const char *request, struct final_row *ret)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(
		store, "SELECT kind, at, by, text, agent FROM finals WHERE request = ?", &query);

	if (r < 0)
		return r;
	query_text(&query, 1, request);
	r = query_step(&query);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	ret->kind = (enum grant_final)query_get_int(&query, 0);
	ret->at = query_get_int(&query, 1);
	r = query_get_text(&query, 2, ret->by, sizeof(ret->by));
	if (r == 0)
		r = query_get_text(&query, 3, ret->text, sizeof(ret->text));
	if (r == 0)
		r = query_get_text(&query, 4, ret->agent, sizeof(ret->agent));
	return r;
}

int finals_drop_foreign(struct store *store, const char *request, const char *agent)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store,
		"DELETE FROM finals WHERE request = ? AND agent != '' AND agent != ?", &query);

	if (r < 0)
		return r;
	query_text(&query, 1, request);
	query_text(&query, 2, agent);
	return query_run(&query);
}

int finals_count_unknown(struct store *store, const char *agent, bool is_signed, int64_t *ret)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store,
		"SELECT count(*) FROM finals f WHERE agent = ? AND signed = ?"
		" AND NOT EXISTS (SELECT 1 FROM requests r WHERE r.digest = f.request)",
		&query);

	if (r < 0)
		return r;
	query_text(&query, 1, agent);
	query_int(&query, 2, is_signed);
	r = query_step(&query);
	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	*ret = query_get_int(&query, 0);
	return 0;
}
