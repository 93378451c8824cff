/* SPDX-License-Identifier: MIT */

/* The next uid is a fact of the store that only goes up: a uid that was given once, or that
 * another source had when it was tried, is never given again. */

#include "host/accounts.h"
#include "host/chain.h"
#include "host/facts.h"
#include "host/query.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Above the numbers of our groups, so that no uid is mistaken for one. */
#define FIRST_UID (ACCOUNT_GID_ADMIN + 1)

#define COLUMNS "login, full_name, key, uid, created, conflict FROM accounts"

static int read_row(struct query *query, struct account_row *ret)
{
	int r = query_get_text(query, 0, ret->login, sizeof(ret->login));

	if (r == 0)
		r = query_get_text(query, 1, ret->full_name, sizeof(ret->full_name));
	if (r == 0)
		r = query_get_text(query, 2, ret->key, sizeof(ret->key));
	ret->uid = (uint32_t)query_get_int(query, 3);
	ret->created = query_get_int(query, 4);
	ret->conflict = query_get_int(query, 5) != 0;
	return r;
}

int accounts_find(struct store *store, const char *login, struct account_row *ret)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	struct account_row row;
	int r = query_open(store, "SELECT " COLUMNS " WHERE login = ?", &query);

	if (r < 0)
		return r;
	query_text(&query, 1, login);
	r = query_step(&query);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	r = read_row(&query, &row);
	if (r == 0)
		*ret = row;
	return r;
}

static int each_of(struct store *store, const char *sql,
	int (*each)(void *context, const struct account_row *account), void *context)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store, sql, &query);

	if (r < 0)
		return r;
	while ((r = query_step(&query)) > 0) {
		struct account_row row;

		r = read_row(&query, &row);
		if (r == 0)
			r = each(context, &row);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return r;
}

int accounts_each(struct store *store,
	int (*each)(void *context, const struct account_row *account), void *context)
{
	return each_of(store, "SELECT " COLUMNS " ORDER BY uid", each, context);
}

int accounts_each_at_stake(struct store *store,
	int (*each)(void *context, const struct account_row *account), void *context)
{
	return each_of(store,
		"SELECT " COLUMNS " WHERE conflict OR EXISTS (SELECT 1 FROM requests r"
		" WHERE r.login = accounts.login AND r.over = 0) ORDER BY uid",
		each, context);
}

static int account_event(struct store *store, const char *login, const char *text, int64_t now,
	struct problem *problem)
{
	struct event event = { .kind = "account", .by = "supportaccessd" };

	snprintf(event.agent, sizeof(event.agent), "%s", login);
	snprintf(event.text, sizeof(event.text), "%s", text);
	return chain_append(store, &event, now, problem);
}

static int count(struct store *store, int64_t *ret)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store, "SELECT count(*) FROM accounts", &query);

	if (r < 0)
		return r;
	r = query_step(&query);
	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	*ret = query_get_int(&query, 0);
	return 0;
}

static int next_uid(struct store *store, int64_t *ret)
{
	int r = store_get_int(store, FACT_NEXT_UID, ret);

	if (r == -ENOENT)
		*ret = FIRST_UID;
	return r == -ENOENT ? 0 : r;
}

static int free_uid(
	struct store *store, accounts_probe_fn probe, uint32_t *ret, struct problem *problem)
{
	int64_t uid = 0;
	int r = next_uid(store, &uid);

	for (; r == 0 && uid <= ACCOUNT_UID_LAST; uid++) {
		r = probe(&(struct account_key){ .uid = (uint32_t)uid }, 1);
		if (r == 0) {
			*ret = (uint32_t)uid;
			return 0;
		}
		if (r < 0)
			return problem_say(problem, r,
				"the name service does not say whether uid %" PRId64
				" is in use: %s",
				uid, strerror(-r));
		r = 0;
	}
	if (r < 0)
		return r;
	return problem_say(problem, -ENOSPC, "all uids up to %u were given to agents or are in use",
		ACCOUNT_UID_LAST);
}

int accounts_place(struct store *store, const char *login, accounts_probe_fn probe, uint32_t *ret,
	struct problem *problem)
{
	char name[ACCOUNT_NAME_MAX + 1];
	struct account_row row = { 0 };
	int found = accounts_find(store, login, &row);
	int r;

	if (found < 0 && found != -ENOENT)
		return found;
	if (!probe)
		probe = accounts_probe_system;
	snprintf(name, sizeof(name), "%s%s", ACCOUNT_PREFIX, login);
	r = probe(&(struct account_key){ name, row.uid }, 1);
	if (r < 0)
		return problem_say(problem, r,
			"the name service does not say whether there is %s: %s", name,
			strerror(-r));
	if (r > 0)
		return problem_say(problem, -EEXIST,
			"another source of this machine has %s or its uid: theirs stays, agent %s "
			"gets no "
			"account. See: getent passwd %s",
			name, login, name);
	if (found == -ENOENT)
		return free_uid(store, probe, ret, problem);
	*ret = row.uid;
	return 0;
}

static int insert(
	struct store *store, const struct document_agent *agent, uint32_t uid, int64_t now)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store,
		"INSERT INTO accounts (login, uid, full_name, key, created, conflict)"
		" VALUES (?, ?, ?, ?, ?, 0)",
		&query);

	if (r < 0)
		return r;
	query_text(&query, 1, agent->login);
	query_int(&query, 2, uid);
	query_text(&query, 3, agent->name);
	query_text(&query, 4, agent->key);
	query_int(&query, 5, now);
	return query_run(&query);
}

static int update(struct store *store, const struct document_agent *agent)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(
		store, "UPDATE accounts SET full_name = ?, key = ? WHERE login = ?", &query);

	if (r < 0)
		return r;
	query_text(&query, 1, agent->name);
	query_text(&query, 2, agent->key);
	query_text(&query, 3, agent->login);
	return query_run(&query);
}

static int make(struct store *store, const struct config *config,
	const struct document_agent *agent, uint32_t uid, int64_t now, struct problem *problem)
{
	char text[128];
	int64_t n = 0, next = 0;
	int r = count(store, &n);

	if (r == 0)
		r = next_uid(store, &next);
	if (r < 0)
		return r;
	if (n >= config->max_accounts)
		return problem_say(problem, -ENOSPC,
			"no account for %s: there are %" PRId64
			" already (max_accounts in supportaccess.conf)",
			agent->login, n);
	if (uid < next)
		return -EAGAIN;
	r = insert(store, agent, uid, now);
	if (r == 0)
		r = store_set_int(store, FACT_NEXT_UID, (int64_t)uid + 1);
	if (r < 0)
		return r;
	snprintf(text, sizeof(text), "%s%s has uid %" PRIu32, ACCOUNT_PREFIX, agent->login, uid);
	return account_event(store, agent->login, text, now, problem);
}

int accounts_make(struct store *store, const struct config *config,
	const struct document_agent *agent, uint32_t uid, int64_t now, struct problem *problem)
{
	struct account_row row;
	int r = accounts_find(store, agent->login, &row);

	if (r == -ENOENT)
		return make(store, config, agent, uid, now, problem);
	if (r == 0 && row.uid != uid)
		return -EAGAIN;
	return r < 0 ? r : update(store, agent);
}
