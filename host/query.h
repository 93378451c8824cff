/* SPDX-License-Identifier: MIT */
#pragma once

/* SQL inside host/: one statement from bind to done. Only .c files of host/ include this.
 *
 *	_cleanup_(query_done) struct query query = QUERY_NONE;
 *
 *	r = query_open(store, "SELECT uid FROM accounts WHERE login = ?", &query);
 *	if (r < 0)
 *		return r;
 *	query_text(&query, 1, login);
 *	r = query_step(&query);
 *
 * A failed bind is remembered and returned by query_step. Statements are kept prepared in the
 * store; `sql` must be a literal, its address is the key. */

#include "host/store.h"

#include <sqlite3.h>

struct query {
	sqlite3_stmt *statement;
	struct store *store;
	int error;
};

#define QUERY_NONE ((struct query){ 0 })

extern const char store_schema[];

int query_open(struct store *store, const char *sql, struct query *ret);
void query_text(struct query *query, int column, const char *text);
void query_bytes(struct query *query, int column, const void *bytes, size_t size);
void query_int(struct query *query, int column, int64_t value);

/* 1: a row, 0: done, negative errno. */
int query_step(struct query *query);

/* As query_step, for a statement that gives no row. */
int query_run(struct query *query);

int64_t query_get_int(struct query *query, int column);
/* Copies a text column: 0, or -EUCLEAN if it does not fit, which only a damaged store does. */
int query_get_text(struct query *query, int column, char *ret, size_t ret_size);
/* A column's bytes, NUL-terminated, for the caller to free. */
int query_get_bytes(struct query *query, int column, char **ret, size_t *ret_size);

void query_done(struct query *query);

/* True inside store_begin ... store_commit. */
bool store_in_transaction(struct store *store);

/* An errno for what SQLite returned. */
int query_error(int code);
