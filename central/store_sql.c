/* SPDX-License-Identifier: MIT */

/* The little between SQLite and the store's functions: binding, stepping, transactions, and one
 * place where its results become errnos. A statement is prepared once and kept: preparing costs
 * more than most of these queries. */

#include "central/store_sql.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int code, error;
} errors[] = {
	{ SQLITE_BUSY, -EBUSY },
	{ SQLITE_LOCKED, -EBUSY },
	{ SQLITE_FULL, -ENOSPC },
	{ SQLITE_CONSTRAINT, -EEXIST },
	{ SQLITE_CORRUPT, -EBADMSG },
	{ SQLITE_NOTADB, -EBADMSG },
	{ SQLITE_READONLY, -EROFS },
	{ SQLITE_CANTOPEN, -ENOENT },
	{ SQLITE_NOMEM, -ENOMEM },
	{ SQLITE_TOOBIG, -EMSGSIZE },
};

static int error_of(int code)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if ((code & 0xff) == errors[i].code)
			return errors[i].error;
	return -EIO;
}

static int prepare(struct central *central, const char *sql, sqlite3_stmt **ret)
{
	int r;

	for (size_t i = 0; i < central->n_cache; i++) {
		if (central->cache[i].sql != sql)
			continue;
		*ret = central->cache[i].statement;
		return 0;
	}
	if (central->n_cache == CENTRAL_STATEMENTS_MAX)
		return -ENOBUFS;
	r = sqlite3_prepare_v3(central->db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL);
	if (r != SQLITE_OK)
		return error_of(r);
	central->cache[central->n_cache].sql = sql;
	central->cache[central->n_cache++].statement = *ret;
	return 0;
}

static int bind(sqlite3_stmt *statement, const char *types, va_list values)
{
	for (int i = 1; *types; i++, types++) {
		const char *text;
		int r;

		if (*types == 'i') {
			r = sqlite3_bind_int64(statement, i, va_arg(values, int64_t));
		} else {
			text = va_arg(values, const char *);
			r = sqlite3_bind_text(statement, i, text, -1, SQLITE_TRANSIENT);
		}
		if (r != SQLITE_OK)
			return error_of(r);
	}
	return 0;
}

static int query(struct central *central, sqlite3_stmt **ret, const char *sql, const char *types,
	va_list values)
{
	sqlite3_stmt *statement;
	int r;

	r = prepare(central, sql, &statement);
	if (r < 0)
		return r;
	r = bind(statement, types, values);
	if (r < 0) {
		sql_done(statement);
		return r;
	}
	*ret = statement;
	return 0;
}

int sql_query(struct central *central, sqlite3_stmt **ret, const char *sql, const char *types, ...)
{
	va_list values;
	int r;

	va_start(values, types);
	r = query(central, ret, sql, types, values);
	va_end(values);
	return r;
}

void sql_done(sqlite3_stmt *statement)
{
	(void)sqlite3_reset(statement);
	(void)sqlite3_clear_bindings(statement);
}

int sql_next(sqlite3_stmt *statement)
{
	int r = sqlite3_step(statement);

	if (r == SQLITE_ROW)
		return 1;
	return r == SQLITE_DONE ? 0 : error_of(r);
}

int sql_run(struct central *central, const char *sql, const char *types, ...)
{
	_cleanup_(sql_donep) sqlite3_stmt *statement = NULL;
	va_list values;
	int r;

	va_start(values, types);
	r = query(central, &statement, sql, types, values);
	va_end(values);
	if (r < 0)
		return r;
	do
		r = sql_next(statement);
	while (r > 0);
	return r;
}

int64_t sql_changes(struct central *central)
{
	return sqlite3_changes64(central->db);
}

int sql_number(struct central *central, int64_t *ret, const char *sql, const char *types, ...)
{
	_cleanup_(sql_donep) sqlite3_stmt *statement = NULL;
	va_list values;
	int r;

	va_start(values, types);
	r = query(central, &statement, sql, types, values);
	va_end(values);
	if (r < 0)
		return r;
	r = sql_next(statement);
	if (r < 0)
		return r;
	*ret = r ? sql_int(statement, 0) : 0;
	return 0;
}

const char *sql_text(sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	return text ? text : "";
}

int sql_copy(sqlite3_stmt *statement, int column, char *ret, size_t ret_size)
{
	const char *text = sql_text(statement, column);

	if (strlen(text) >= ret_size)
		return -EBADMSG;
	memcpy(ret, text, strlen(text) + 1);
	return 0;
}

int64_t sql_int(sqlite3_stmt *statement, int column)
{
	return sqlite3_column_int64(statement, column);
}

int sql_begin(struct central *central, struct central **ret)
{
	int r = sql_run(central, "BEGIN IMMEDIATE", "");

	if (r == 0)
		*ret = central;
	return r;
}

int sql_commit(struct central **writing)
{
	int r = sql_run(*writing, "COMMIT", "");

	if (r == 0)
		*writing = NULL;
	return r;
}

void sql_rollbackp(struct central **writing)
{
	if (*writing)
		(void)sql_run(*writing, "ROLLBACK", "");
}
