/* SPDX-License-Identifier: MIT */

/* Statements are prepared once for each store and handed out again: preparing costs more than
 * most of our queries. One that is in use (a callback runs the same query) is prepared anew. */

#include "host/query.h"
#include "host/store_private.h"

#include <string.h>

int query_error(int code)
{
	static const struct {
		int code, r;
	} errors[] = {
		{ SQLITE_OK, 0 },
		{ SQLITE_BUSY, -EBUSY },
		{ SQLITE_LOCKED, -EBUSY },
		{ SQLITE_FULL, -ENOSPC },
		{ SQLITE_READONLY, -EROFS },
		{ SQLITE_CORRUPT, -EUCLEAN },
		{ SQLITE_NOTADB, -EUCLEAN },
		{ SQLITE_NOMEM, -ENOMEM },
		{ SQLITE_CONSTRAINT, -EEXIST },
		{ SQLITE_PERM, -EACCES },
		{ SQLITE_AUTH, -EACCES },
		{ SQLITE_TOOBIG, -EMSGSIZE },
	};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].code == (code & 0xff))
			return errors[i].r;
	return -EIO;
}

static struct kept_statement *find_kept(struct store *store, const char *sql)
{
	for (size_t i = 0; i < STORE_STATEMENTS_MAX; i++)
		if (store->kept[i].sql == sql || !store->kept[i].sql)
			return &store->kept[i];
	return NULL;
}

int query_open(struct store *store, const char *sql, struct query *ret)
{
	struct kept_statement *kept = find_kept(store, sql);
	sqlite3_stmt *statement = NULL;
	int r;

	if (kept && kept->sql && !kept->busy) {
		kept->busy = true;
		*ret = (struct query){ kept->statement, store, 0 };
		return 0;
	}
	r = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
	if (r != SQLITE_OK)
		return query_error(r);
	if (kept && !kept->sql)
		*kept = (struct kept_statement){ sql, statement, true };
	*ret = (struct query){ statement, store, 0 };
	return 0;
}

void query_done(struct query *query)
{
	if (!query->statement)
		return;
	(void)sqlite3_reset(query->statement);
	(void)sqlite3_clear_bindings(query->statement);
	for (size_t i = 0; i < STORE_STATEMENTS_MAX; i++) {
		if (query->store->kept[i].statement != query->statement)
			continue;
		query->store->kept[i].busy = false;
		*query = QUERY_NONE;
		return;
	}
	(void)sqlite3_finalize(query->statement);
	*query = QUERY_NONE;
}

static void remember(struct query *query, int code)
{
	if (query->error == 0)
		query->error = query_error(code);
}

void query_text(struct query *query, int column, const char *text)
{
	remember(query, sqlite3_bind_text(query->statement, column, text, -1, SQLITE_TRANSIENT));
}

void query_bytes(struct query *query, int column, const void *bytes, size_t size)
{
	remember(query, sqlite3_bind_blob64(query->statement, column, size ? bytes : "", size,
				SQLITE_TRANSIENT));
}

void query_int(struct query *query, int column, int64_t value)
{
	remember(query, sqlite3_bind_int64(query->statement, column, value));
}

int query_step(struct query *query)
{
	int code;

	if (query->error < 0)
		return query->error;
	code = sqlite3_step(query->statement);
	if (code == SQLITE_ROW)
		return 1;
	return code == SQLITE_DONE ? 0 : query_error(code);
}

int query_run(struct query *query)
{
	int r = query_step(query);

	return r > 0 ? 0 : r;
}

int64_t query_get_int(struct query *query, int column)
{
	return sqlite3_column_int64(query->statement, column);
}

int query_get_text(struct query *query, int column, char *ret, size_t ret_size)
{
	const unsigned char *text = sqlite3_column_text(query->statement, column);
	size_t size = (size_t)sqlite3_column_bytes(query->statement, column);

	if (!text || size >= ret_size || memchr(text, 0, size))
		return -EUCLEAN;
	memset(ret, 0, ret_size);
	memcpy(ret, text, size);
	return 0;
}

int query_get_bytes(struct query *query, int column, char **ret, size_t *ret_size)
{
	const void *bytes = sqlite3_column_blob(query->statement, column);
	size_t size = (size_t)sqlite3_column_bytes(query->statement, column);
	char *copy = calloc(1, size + 1);

	if (!copy)
		return -ENOMEM;
	if (size)
		memcpy(copy, bytes, size);
	*ret = copy;
	*ret_size = size;
	return 0;
}
