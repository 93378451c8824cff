/* SPDX-License-Identifier: MIT */
#pragma once

/* SQL for store*.c alone: statements are prepared once, values are bound and never pasted. */

#include "central/store.h"

#include <sqlite3.h>

#define CENTRAL_STATEMENTS_MAX 96

struct central {
	sqlite3 *db;
	char *path;
	int watch; /* inotify, -EBADF until asked for */
	int64_t data_version;
	bool in_transaction;
	struct {
		const char *sql;
		sqlite3_stmt *statement;
	} cache[CENTRAL_STATEMENTS_MAX];
	size_t n_cache;
};

/* A prepared statement with its values bound. `sql` must be a literal: its address is the key.
 * `types` has a letter for each value: s text (const char *), i number (int64_t). Statements are
 * given back with sql_done. */
int sql_query(struct central *central, sqlite3_stmt **ret, const char *sql, const char *types, ...);
void sql_done(sqlite3_stmt *statement);
DEFINE_CLEANUP(sqlite3_stmt *, sql_done)

/* 1: a row, 0: no more, or a negative errno. */
int sql_next(sqlite3_stmt *statement);
/* Runs it to its end: 0 or a negative errno; -EEXIST for a constraint. */
int sql_run(struct central *central, const char *sql, const char *types, ...);
/* The rows that the last sql_run changed. */
int64_t sql_changes(struct central *central);
/* One number, 0 if there is no row. */
int sql_number(struct central *central, int64_t *ret, const char *sql, const char *types, ...);

/* A column's text, never NULL; or copied into an array (-EBADMSG if it does not fit). */
const char *sql_text(sqlite3_stmt *statement, int column);
int sql_copy(sqlite3_stmt *statement, int column, char *ret, size_t ret_size);
int64_t sql_int(sqlite3_stmt *statement, int column);

/* A write transaction, undone when it goes out of scope unless it was committed:
 *	_cleanup_(sql_rollbackp) struct central *writing = NULL;
 *	r = sql_begin(central, &writing);
 *	…
 *	return sql_commit(&writing); */
int sql_begin(struct central *central, struct central **ret);
int sql_commit(struct central **writing);
void sql_rollbackp(struct central **writing);

enum role role_from_name(const char *name);

/* True if a token's or code's owner is there and may use it. */
int central_owner_is_good(struct central *central, const char *role, const char *customer,
	const char *name, bool *ret);

/* Inserts a token, within the caller's transaction. */
int central_token_insert(struct central *central, const char *hash, const char *role,
	const char *customer, const char *name, int64_t ends, int64_t now);
