/* SPDX-License-Identifier: MIT */

/* Codes and tokens. Only the SHA-256 of a secret is kept. A row is found by the first digits of
 * that hash, which are no secret, and then compared in whole and in constant time. */

#include "central/store_sql.h"

#include <openssl/crypto.h>
#include <string.h>

static void id_of(const char *hash, char ret[static CENTRAL_SECRET_ID_LEN + 1])
{
	memcpy(ret, hash, CENTRAL_SECRET_ID_LEN);
	ret[CENTRAL_SECRET_ID_LEN] = '\0';
}

static bool same_hash(const char *a, const char *b)
{
	return strlen(a) == DIGEST_HEX_LEN && strlen(b) == DIGEST_HEX_LEN &&
	       CRYPTO_memcmp(a, b, DIGEST_HEX_LEN) == 0;
}

int central_code_add(
	struct central *central, const char *hash, const struct code_row *code, int64_t now)
{
	_cleanup_(sql_rollbackp) struct central *writing = NULL;
	char id[CENTRAL_SECRET_ID_LEN + 1];
	bool good = true;
	int r;

	id_of(hash, id);
	r = sql_begin(central, &writing);
	if (r == 0)
		r = central_owner_is_good(
			central, role_name(code->role), code->customer, code->name, &good);
	if (r < 0)
		return r;
	if (!good)
		return CENTRAL_NOT_FOUND;
	r = sql_run(central,
		"INSERT INTO codes (id, hash, role, customer, name, vendor, authority, created, "
		"ends)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		"sssssssii", id, hash, role_name(code->role), code->customer, code->name,
		code->vendor, code->authority, now, code->ends);
	return r < 0 ? r : sql_commit(&writing);
}

static int read_code(sqlite3_stmt *row, struct code_row *ret)
{
	int r;

	ret->role = role_from_name(sql_text(row, 1));
	ret->ends = sql_int(row, 6);
	r = sql_copy(row, 2, ret->customer, sizeof(ret->customer));
	if (r == 0)
		r = sql_copy(row, 3, ret->name, sizeof(ret->name));
	if (r == 0)
		r = sql_copy(row, 4, ret->vendor, sizeof(ret->vendor));
	if (r == 0)
		r = sql_copy(row, 5, ret->authority, sizeof(ret->authority));
	return r;
}

int central_code_find(struct central *central, const char *hash, int64_t now, struct code_row *ret)
{
	_cleanup_(sql_donep) sqlite3_stmt *row = NULL;
	char id[CENTRAL_SECRET_ID_LEN + 1];
	bool good;
	int r;

	id_of(hash, id);
	r = sql_query(central, &row,
		"SELECT hash, role, customer, name, vendor, authority, ends, used FROM codes WHERE "
		"id = ?",
		"s", id);
	if (r < 0)
		return r;
	r = sql_next(row);
	if (r < 0)
		return r;
	if (r == 0 || !same_hash(sql_text(row, 0), hash))
		return CENTRAL_NOT_FOUND;
	if (sql_int(row, 7))
		return CENTRAL_USED;
	r = read_code(row, ret);
	if (r == 0)
		r = central_owner_is_good(
			central, role_name(ret->role), ret->customer, ret->name, &good);
	if (r != 0)
		return r;
	return ret->ends <= now || !good ? CENTRAL_ENDED : CENTRAL_DONE;
}

int central_token_insert(struct central *central, const char *hash, const char *role,
	const char *customer, const char *name, int64_t ends, int64_t now)
{
	char id[CENTRAL_SECRET_ID_LEN + 1];

	id_of(hash, id);
	return sql_run(central,
		"INSERT INTO tokens (id, hash, role, customer, name, created, ends)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)",
		"sssssii", id, hash, role, customer, name, now, ends);
}

int central_code_login(struct central *central, const char *code, const char *token, int64_t ends,
	int64_t now, struct identity *ret)
{
	_cleanup_(sql_rollbackp) struct central *writing = NULL;
	char id[CENTRAL_SECRET_ID_LEN + 1];
	struct code_row row;
	int r;

	id_of(code, id);
	r = sql_begin(central, &writing);
	if (r < 0)
		return r;
	r = central_code_find(central, code, now, &row);
	if (r != CENTRAL_DONE)
		return r;
	if (row.role == ROLE_HOST)
		return CENTRAL_NOT_FOUND;
	r = sql_run(central, "UPDATE codes SET used = ? WHERE id = ?", "is", now, id);
	if (r == 0)
		r = central_token_insert(
			central, token, role_name(row.role), row.customer, row.name, ends, now);
	if (r == 0)
		r = central_token_find(central, token, now, ret);
	return r != CENTRAL_DONE ? r : sql_commit(&writing);
}

int central_token_add(struct central *central, const char *hash, const char *operator_name,
	int64_t ends, int64_t now)
{
	_cleanup_(sql_rollbackp) struct central *writing = NULL;
	bool good;
	int r;

	r = sql_begin(central, &writing);
	if (r == 0)
		r = sql_run(central,
			"INSERT OR IGNORE INTO people (role, customer, name, full_name, team, "
			"added)"
			" VALUES ('operator', '', ?, '', '', ?)",
			"si", operator_name, now);
	if (r == 0)
		r = central_owner_is_good(central, "operator", "", operator_name, &good);
	if (r != 0)
		return r;
	if (!good)
		return CENTRAL_NOT_FOUND;
	r = central_token_insert(central, hash, "operator", "", operator_name, ends, now);
	return r < 0 ? r : sql_commit(&writing);
}

static int read_identity(sqlite3_stmt *row, struct identity *ret)
{
	int r;

	ret->role = role_from_name(sql_text(row, 1));
	r = sql_copy(row, 2, ret->customer, sizeof(ret->customer));
	if (r == 0)
		r = sql_copy(row, 3, ret->name, sizeof(ret->name));
	if (r == 0)
		r = sql_copy(row, 6, ret->full_name, sizeof(ret->full_name));
	if (r == 0)
		r = sql_copy(row, 7, ret->team, sizeof(ret->team));
	return r;
}

int central_token_find(struct central *central, const char *hash, int64_t now, struct identity *ret)
{
	_cleanup_(sql_donep) sqlite3_stmt *row = NULL;
	bool good;
	int r;

	id_of(hash, ret->token);
	r = sql_query(central, &row,
		"SELECT t.hash, t.role, t.customer, t.name, t.ends, t.revoked, p.full_name, p.team"
		" FROM tokens t LEFT JOIN people p USING (role, customer, name) WHERE t.id = ?",
		"s", ret->token);
	if (r < 0)
		return r;
	r = sql_next(row);
	if (r < 0)
		return r;
	if (r == 0 || !same_hash(sql_text(row, 0), hash))
		return CENTRAL_NOT_FOUND;
	r = read_identity(row, ret);
	if (r == 0)
		r = central_owner_is_good(
			central, role_name(ret->role), ret->customer, ret->name, &good);
	if (r != 0)
		return r;
	if (sql_int(row, 5) || !good || (sql_int(row, 4) && sql_int(row, 4) <= now))
		return CENTRAL_ENDED;
	return CENTRAL_DONE;
}

int central_token_revoke(struct central *central, const char *id, int64_t now)
{
	_cleanup_(sql_rollbackp) struct central *writing = NULL;
	int64_t known;
	int r;

	r = sql_begin(central, &writing);
	if (r == 0)
		r = sql_number(
			central, &known, "SELECT count(*) FROM tokens WHERE id = ?", "s", id);
	if (r != 0)
		return r;
	if (!known)
		return CENTRAL_NOT_FOUND;
	r = sql_run(central, "UPDATE tokens SET revoked = ? WHERE id = ? AND revoked = 0", "is",
		now, id);
	if (r < 0)
		return r;
	return sql_changes(central) > 0 ? sql_commit(&writing) : CENTRAL_UNCHANGED;
}

int central_tokens(struct central *central, int (*each)(void *context, const struct token_row *row),
	void *context)
{
	_cleanup_(sql_donep) sqlite3_stmt *rows = NULL;
	int r;

	r = sql_query(central, &rows,
		"SELECT id, role, customer, name, created, ends, revoked FROM tokens"
		" WHERE revoked = 0 ORDER BY role, customer, name, created",
		"");
	while (r == 0 && (r = sql_next(rows)) > 0) {
		struct token_row row = { sql_text(rows, 0), sql_text(rows, 1), sql_text(rows, 2),
			sql_text(rows, 3), sql_int(rows, 4), sql_int(rows, 5), sql_int(rows, 6) };

		r = each(context, &row);
	}
	return r;
}
