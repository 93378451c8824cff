/* SPDX-License-Identifier: MIT */
#pragma once

/* What a store is made of, for store.c, facts.c, generation.c, grants_load.c and query.c alone. */

#include "host/store.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <sys/types.h>

#define STORE_STATEMENTS_MAX 64
#define STORE_GENERATION_MAX 64

struct kept_statement {
	const char *sql;
	sqlite3_stmt *statement;
	bool busy;
};

#define KEPT_FACTS_MAX 16

/* A fact that was read; no value: there is none. */
struct kept_fact {
	char name[16];
	char *value;
};

struct kept_login; /* host/grants_load.c */

struct store {
	sqlite3 *db;
	char *path, *tombstones;
	dev_t device;
	ino_t inode; /* of the file at `path` when it was opened */
	bool in_transaction, ends_access, read_only;
	struct kept_statement kept[STORE_STATEMENTS_MAX];
	/* what store_closed found, and at which store_generation */
	const char *closed;
	int64_t closed_at;
	const char *distrusted; /* store_distrust; NULL: it is not */

	/* between store_read_begin and store_read_end */
	bool reading;
	int64_t read_generation;
	/* what was read then and at which generation; used again while nothing has changed */
	struct kept_fact facts[KEPT_FACTS_MAX];
	int64_t facts_at;
	struct kept_login *login;
};

void kept_login_free(struct kept_login *kept);

/* host/generation.c: the counter that goes up with every ending, in the store, beside it, in /run
 * and in a folder apart. */

/* Counts one up in the current transaction. */
int generation_raise(struct store *store);
/* Starts anew with another random part, in the current transaction. */
int generation_renew(struct store *store);
/* Writes what the store says into the notes. */
int generation_note(struct store *store);
/* Writes the note of this boot, and that apart, if there is none and the store is not old. */
int generation_begin(struct store *store);
/* Makes whatever store is at `path` an old one. 0 if one of the notes says so. */
int generation_condemn(const char *path, const char *dir);
/* 1: the store is older than a note of it, or not the one that the note belongs to; 0: it is not;
 * negative errno. */
int generation_is_old(struct store *store);
/* Makes good a crash between a commit and its note: brings a file that is behind up to the store.
 */
int generation_catch_up(struct store *store);
