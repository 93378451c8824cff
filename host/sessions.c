/* SPDX-License-Identifier: MIT */

/* One row for each session. */

#include "host/sessions.h"
#include "host/query.h"

#include <string.h>

#define COLUMNS                                                                                    \
	"id, login, uid, scope, request, boot_id, monitor_pid, monitor_start, keeper_pid,"         \
	" keeper_start, audit_session, cgroup, remote_host, opened, until, ended"

int sessions_add(struct store *store, const struct session *session)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store,
		"INSERT INTO sessions (" COLUMNS
		") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		&query);

	if (r < 0)
		return r;
	query_text(&query, 1, session->id);
	query_text(&query, 2, session->login);
	query_int(&query, 3, session->uid);
	query_int(&query, 4, session->scope);
	query_text(&query, 5, session->request);
	query_text(&query, 6, session->boot_id);
	query_int(&query, 7, session->monitor.pid);
	query_int(&query, 8, (int64_t)session->monitor.start_time);
	query_int(&query, 9, session->keeper.pid);
	query_int(&query, 10, (int64_t)session->keeper.start_time);
	query_int(&query, 11, session->audit_session);
	query_text(&query, 12, session->cgroup);
	query_text(&query, 13, session->remote_host);
	query_int(&query, 14, session->opened);
	query_int(&query, 15, session->until);
	query_int(&query, 16, session->ended);
	return query_run(&query);
}

static int set_time(struct store *store, const char *sql, const char *id, int64_t time)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store, sql, &query);

	if (r < 0)
		return r;
	query_int(&query, 1, time);
	query_text(&query, 2, id);
	return query_run(&query);
}

int sessions_set_until(struct store *store, const char *id, int64_t until)
{
	return set_time(store, "UPDATE sessions SET until = ? WHERE id = ?", id, until);
}

int sessions_set_request(struct store *store, const char *id, const char *request)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store, "UPDATE sessions SET request = ? WHERE id = ?", &query);

	if (r < 0)
		return r;
	query_text(&query, 1, request);
	query_text(&query, 2, id);
	return query_run(&query);
}

int sessions_set_ended(struct store *store, const char *id, int64_t ended)
{
	return set_time(store, "UPDATE sessions SET ended = ? WHERE id = ?", id, ended);
}

static int read_row(struct query *query, struct session *ret)
{
	const struct {
		char *text;
		size_t size;
		int column;
	} texts[] = {
		{ ret->id, sizeof(ret->id), 0 },
		{ ret->login, sizeof(ret->login), 1 },
		{ ret->request, sizeof(ret->request), 4 },
		{ ret->boot_id, sizeof(ret->boot_id), 5 },
		{ ret->cgroup, sizeof(ret->cgroup), 11 },
		{ ret->remote_host, sizeof(ret->remote_host), 12 },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (query_get_text(query, texts[i].column, texts[i].text, texts[i].size) < 0)
			return -EUCLEAN;
	ret->uid = (uint32_t)query_get_int(query, 2);
	ret->scope = (enum scope)query_get_int(query, 3);
	ret->monitor.pid = (int32_t)query_get_int(query, 6);
	ret->monitor.start_time = (uint64_t)query_get_int(query, 7);
	ret->keeper.pid = (int32_t)query_get_int(query, 8);
	ret->keeper.start_time = (uint64_t)query_get_int(query, 9);
	ret->audit_session = (uint32_t)query_get_int(query, 10);
	ret->opened = query_get_int(query, 13);
	ret->until = query_get_int(query, 14);
	ret->ended = query_get_int(query, 15);
	return 0;
}

int sessions_find(struct store *store, const char *id, struct session *ret)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	struct session session = { 0 };
	int r = query_open(store, "SELECT " COLUMNS " FROM sessions WHERE id = ?", &query);

	if (r < 0)
		return r;
	query_text(&query, 1, id);
	r = query_step(&query);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = read_row(&query, &session);
	if (r == 0)
		*ret = session;
	return r;
}

/* The rows are collected first: `each` may write to the table. */
int sessions_each(struct store *store, const char *login, bool all,
	int (*each)(void *context, const struct session *session), void *context)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	_cleanup_(freep) struct session *sessions = NULL;
	size_t n = 0;
	int r = query_open(store,
		"SELECT " COLUMNS
		" FROM sessions WHERE (ended = 0 OR ?1) AND (login = ?2 OR ?2 = '')"
		" ORDER BY seq",
		&query);

	if (r < 0)
		return r;
	query_int(&query, 1, all);
	query_text(&query, 2, login ? login : "");
	while ((r = query_step(&query)) > 0) {
		struct session *more = reallocarray(sessions, n + 1, sizeof(*sessions));

		if (!more)
			return -ENOMEM;
		sessions = more;
		memset(&sessions[n], 0, sizeof(sessions[n]));
		r = read_row(&query, &sessions[n++]);
		if (r < 0)
			return r;
	}
	query_done(&query);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = each(context, &sessions[i]);
	return r < 0 ? r : 0;
}
