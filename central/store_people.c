/* SPDX-License-Identifier: MIT */

/* Customers and people. A name is never given twice: a document that names ana must mean one
 * person for as long as it is kept, so a removed row stays and stands in the way. */

#include "central/store_sql.h"

#include <string.h>

int central_customer_add(struct central *central, const char *name, const char *title, int64_t now)
{
	_cleanup_(sql_rollbackp) struct central *writing = NULL;
	int64_t gone;
	int r;

	r = sql_begin(central, &writing);
	if (r < 0)
		return r;
	r = sql_run(central,
		"INSERT OR IGNORE INTO customers (name, title, added) VALUES (?, ?, ?)", "ssi",
		name, title, now);
	if (r < 0)
		return r;
	if (sql_changes(central) > 0)
		return sql_commit(&writing);
	r = sql_number(central, &gone, "SELECT removed FROM customers WHERE name = ?", "s", name);
	if (r < 0)
		return r;
	return gone ? CENTRAL_TAKEN : CENTRAL_UNCHANGED;
}

int central_customer_remove(struct central *central, const char *name, int64_t now)
{
	_cleanup_(sql_rollbackp) struct central *writing = NULL;
	int64_t known, hosts;
	int r;

	r = sql_begin(central, &writing);
	if (r == 0)
		r = sql_number(central, &known, "SELECT count(*) FROM customers WHERE name = ?",
			"s", name);
	if (r == 0)
		r = sql_number(central, &hosts,
			"SELECT count(*) FROM hosts WHERE customer = ? AND gone = 0", "s", name);
	if (r != 0)
		return r;
	if (!known)
		return CENTRAL_NOT_FOUND;
	if (hosts)
		return CENTRAL_IN_USE;
	r = sql_run(central, "UPDATE customers SET removed = ? WHERE name = ? AND removed = 0",
		"is", now, name);
	if (r < 0)
		return r;
	if (sql_changes(central) == 0)
		return CENTRAL_UNCHANGED;
	r = sql_run(central, "UPDATE tokens SET revoked = ? WHERE customer = ? AND revoked = 0",
		"is", now, name);
	return r < 0 ? r : sql_commit(&writing);
}

int central_customers(struct central *central,
	int (*each)(void *context, const struct customer_row *row), void *context)
{
	_cleanup_(sql_donep) sqlite3_stmt *rows = NULL;
	int r;

	r = sql_query(central, &rows,
		"SELECT name, title, added, (SELECT count(*) FROM hosts h"
		" WHERE h.customer = c.name AND gone = 0) FROM customers c WHERE removed = 0"
		" ORDER BY name",
		"");
	while (r == 0 && (r = sql_next(rows)) > 0) {
		struct customer_row row = { sql_text(rows, 0), sql_text(rows, 1), sql_int(rows, 2),
			sql_int(rows, 3) };

		r = each(context, &row);
	}
	return r;
}

static int customer_is_there(struct central *central, const char *customer, bool *ret)
{
	int64_t count;
	int r;

	r = sql_number(central, &count,
		"SELECT count(*) FROM customers WHERE name = ? AND removed = 0", "s", customer);
	if (r == 0)
		*ret = count > 0;
	return r;
}

int central_owner_is_good(struct central *central, const char *role, const char *customer,
	const char *name, bool *ret)
{
	int64_t count;
	int r;

	if (*customer) {
		r = customer_is_there(central, customer, ret);
		if (r < 0 || !*ret || !*name)
			return r;
	}
	if (role_from_name(role) == ROLE_HOST)
		r = sql_number(central, &count,
			"SELECT count(*) FROM hosts WHERE id = ? AND gone = 0", "s", name);
	else
		r = sql_number(central, &count,
			"SELECT count(*) FROM people WHERE role = ? AND customer = ? AND name = ?"
			" AND locked = 0 AND removed = 0",
			"sss", role, customer, name);
	if (r == 0)
		*ret = count > 0;
	return r;
}

int central_person_add(struct central *central, const struct person *person, int64_t now)
{
	_cleanup_(sql_rollbackp) struct central *writing = NULL;
	const char *role = role_name(person->role);
	bool there = true;
	int64_t gone;
	int r;

	r = sql_begin(central, &writing);
	if (r == 0 && *person->customer)
		r = customer_is_there(central, person->customer, &there);
	if (r < 0)
		return r;
	if (!there)
		return CENTRAL_NOT_FOUND;
	r = sql_run(central,
		"INSERT OR IGNORE INTO people (role, customer, name, full_name, team, added)"
		" VALUES (?, ?, ?, ?, ?, ?)",
		"sssssi", role, person->customer, person->name, person->full_name, person->team,
		now);
	if (r < 0)
		return r;
	if (sql_changes(central) > 0)
		return sql_commit(&writing);
	r = sql_number(central, &gone,
		"SELECT locked + removed FROM people WHERE role = ? AND customer = ? AND name = ?",
		"sss", role, person->customer, person->name);
	if (r < 0)
		return r;
	return gone ? CENTRAL_TAKEN : CENTRAL_UNCHANGED;
}

static int end_person(
	struct central *central, const struct person *person, bool remove, int64_t now)
{
	const char *role = role_name(person->role);
	int64_t known;
	int r;

	r = sql_number(central, &known,
		"SELECT count(*) FROM people WHERE role = ? AND customer = ? AND name = ?", "sss",
		role, person->customer, person->name);
	if (r < 0)
		return r;
	if (!known)
		return CENTRAL_NOT_FOUND;
	r = sql_run(central,
		"UPDATE people SET locked = iif(locked, locked, ?1), removed = iif(?2, ?1, removed)"
		" WHERE role = ?3 AND customer = ?4 AND name = ?5 AND iif(?2, removed, locked) = 0",
		"iisss", now, (int64_t)remove, role, person->customer, person->name);
	if (r < 0)
		return r;
	return sql_changes(central) > 0 ? CENTRAL_DONE : CENTRAL_UNCHANGED;
}

int central_person_end(
	struct central *central, const struct person *person, bool remove, int64_t now)
{
	_cleanup_(sql_rollbackp) struct central *writing = NULL;
	int r;

	r = sql_begin(central, &writing);
	if (r < 0)
		return r;
	r = end_person(central, person, remove, now);
	if (r != CENTRAL_DONE)
		return r;
	r = sql_run(central,
		"UPDATE tokens SET revoked = ? WHERE role = ? AND customer = ? AND name = ?"
		" AND revoked = 0",
		"isss", now, role_name(person->role), person->customer, person->name);
	return r < 0 ? r : sql_commit(&writing);
}

int central_people(struct central *central, enum role role,
	int (*each)(void *context, const struct person *row), void *context)
{
	_cleanup_(sql_donep) sqlite3_stmt *rows = NULL;
	int r;

	r = sql_query(central, &rows,
		"SELECT customer, name, full_name, team, added, locked, removed FROM people"
		" WHERE role = ? AND removed = 0 ORDER BY customer, name",
		"s", role_name(role));
	while (r == 0 && (r = sql_next(rows)) > 0) {
		struct person row = { role, sql_text(rows, 0), sql_text(rows, 1), sql_text(rows, 2),
			sql_text(rows, 3), sql_int(rows, 4), sql_int(rows, 5), sql_int(rows, 6) };

		r = each(context, &row);
	}
	return r;
}
