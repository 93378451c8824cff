/* SPDX-License-Identifier: MIT */

/* Hosts. Enrolling uses up the code, stores the document that the host signed and gives the token
 * in one transaction: a code that was used twice at the same moment makes one host. */

#include "central/store_sql.h"

#include <stdio.h>
#include <string.h>

#define CONTACT_EVERY 60 /* seconds: each poll writing would cost an fsync */

#define HOST_COLUMNS                                                                               \
	"SELECT h.id, h.customer, h.name, h.key, h.documents, d.bytes, d.signature, h.enrolled,"   \
	" h.contact FROM hosts h JOIN documents d ON d.digest = h.enrolment "

static struct host_row read_host(sqlite3_stmt *row)
{
	return (struct host_row){
		.id = sql_text(row, 0),
		.customer = sql_text(row, 1),
		.name = sql_text(row, 2),
		.key = sql_text(row, 3),
		.documents = sql_text(row, 4),
		.bytes = sql_text(row, 5),
		.signature = sql_text(row, 6),
		.enrolled = sql_int(row, 7),
		.contact = sql_int(row, 8),
	};
}

static void versions(const struct enrolment *enrolment, char *ret, size_t ret_size)
{
	size_t used = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < enrolment->n_documents && used < ret_size; i++)
		used += (size_t)snprintf(ret + used, ret_size - used, "%s%lld", i ? "," : "",
			(long long)enrolment->documents[i]);
}

static int insert_host(struct central *central, const struct document *document, const char *bytes,
	const char *signature, int64_t now)
{
	const struct enrolment *enrolment = &document->enrolment;
	char hex[DIGEST_HEX_LEN + 1], short_id[SHORT_ID_LEN + 1];
	char known[DOCUMENT_KEYS_MAX * 20];
	int r;

	digest_to_hex(&document->digest, hex);
	digest_short_id(&document->digest, short_id);
	versions(enrolment, known, sizeof(known));
	r = sql_run(central,
		"INSERT OR IGNORE INTO documents (digest, type, short_id, customer, agent, request,"
		" verdict, bytes, signature, sender, received, pending_until)"
		" VALUES (?, 'enrolment', ?, ?, '', '', '', ?, ?, ?, ?, 0)",
		"ssssssi", hex, short_id, enrolment->customer, bytes, signature, enrolment->host.id,
		now);
	if (r < 0)
		return r;
	return sql_run(central,
		"INSERT OR REPLACE INTO hosts (id, customer, name, key, enrolment, documents, "
		"enrolled,"
		" contact) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		"ssssssii", enrolment->host.id, enrolment->customer, enrolment->host.name,
		enrolment->key, hex, known, now, now);
}

/* Its name is another's, or its id is another customer's. */
static int host_is_taken(struct central *central, const struct enrolment *enrolment, int64_t *ret)
{
	return sql_number(central, ret,
		"SELECT count(*) FROM hosts WHERE gone = 0 AND"
		" ((customer = ?1 AND name = ?2 AND id <> ?3) OR (id = ?3 AND customer <> ?1))",
		"sss", enrolment->customer, enrolment->host.name, enrolment->host.id);
}

static int end_tokens(struct central *central, const char *id, int64_t now)
{
	return sql_run(central,
		"UPDATE tokens SET revoked = ? WHERE role = 'host' AND name = ? AND revoked = 0",
		"is", now, id);
}

int central_host_enrol(struct central *central, const char *code, const char *token,
	const struct document *document, const char *bytes, const char *signature, int64_t now)
{
	_cleanup_(sql_rollbackp) struct central *writing = NULL;
	const struct enrolment *enrolment = &document->enrolment;
	struct code_row row;
	int64_t taken;
	int r;

	r = sql_begin(central, &writing);
	if (r < 0)
		return r;
	r = central_code_find(central, code, now, &row);
	if (r != CENTRAL_DONE)
		return r;
	r = host_is_taken(central, enrolment, &taken);
	if (r < 0)
		return r;
	if (taken)
		return CENTRAL_TAKEN;
	r = sql_run(central, "UPDATE codes SET used = ? WHERE hash = ?", "is", now, code);
	if (r == 0)
		r = insert_host(central, document, bytes, signature, now);
	if (r == 0)
		r = end_tokens(central, enrolment->host.id, now);
	if (r == 0)
		r = central_token_insert(
			central, token, "host", enrolment->customer, enrolment->host.id, 0, now);
	return r < 0 ? r : sql_commit(&writing);
}

int central_host_end(struct central *central, const char *id, int64_t now)
{
	_cleanup_(sql_rollbackp) struct central *writing = NULL;
	int64_t known;
	int r;

	r = sql_begin(central, &writing);
	if (r == 0)
		r = sql_number(central, &known, "SELECT count(*) FROM hosts WHERE id = ?", "s", id);
	if (r != 0)
		return r;
	if (!known)
		return CENTRAL_NOT_FOUND;
	r = sql_run(central, "UPDATE hosts SET gone = ? WHERE id = ? AND gone = 0", "is", now, id);
	if (r < 0)
		return r;
	if (sql_changes(central) == 0)
		return CENTRAL_UNCHANGED;
	r = end_tokens(central, id, now);
	return r < 0 ? r : sql_commit(&writing);
}

int central_host_contact(
	struct central *central, const char *id, const char *documents, int64_t now)
{
	int64_t stale;
	int r;

	r = sql_number(central, &stale,
		"SELECT count(*) FROM hosts WHERE id = ? AND (contact <= ? OR documents <> "
		"ifnull(nullif(?, ''), documents))",
		"sis", id, now - CONTACT_EVERY, documents ? documents : "");
	if (r < 0 || !stale)
		return r;
	return sql_run(central,
		"UPDATE hosts SET contact = ?, documents = ifnull(nullif(?, ''), documents) WHERE "
		"id = ?",
		"iss", now, documents ? documents : "", id);
}

int central_host(struct central *central, const char *id,
	int (*each)(void *context, const struct host_row *row), void *context)
{
	_cleanup_(sql_donep) sqlite3_stmt *rows = NULL;
	struct host_row row;
	int r;

	r = sql_query(central, &rows, HOST_COLUMNS "WHERE h.id = ?", "s", id);
	if (r < 0)
		return r;
	r = sql_next(rows);
	if (r <= 0)
		return r < 0 ? r : CENTRAL_NOT_FOUND;
	row = read_host(rows);
	return each(context, &row);
}

int central_hosts(struct central *central, const char *customer, const char *after, size_t max,
	int (*each)(void *context, const struct host_row *row), void *context)
{
	_cleanup_(sql_donep) sqlite3_stmt *rows = NULL;
	int r;

	r = sql_query(central, &rows,
		HOST_COLUMNS "WHERE h.gone = 0 AND (?1 = '' OR h.customer = ?1) AND h.id > ?2"
			     " ORDER BY h.id LIMIT ?3",
		"ssi", customer ? customer : "", after, (int64_t)max);
	while (r == 0 && (r = sql_next(rows)) > 0) {
		struct host_row row = read_host(rows);

		r = each(context, &row);
	}
	return r;
}

int central_unconfirmed(struct central *central, const char *request,
	int (*each)(void *context, const struct host_row *row), void *context)
{
	_cleanup_(sql_donep) sqlite3_stmt *rows = NULL;
	int r;

	r = sql_query(central, &rows,
		HOST_COLUMNS
		"JOIN request_hosts q ON q.host = h.id WHERE q.request = ? AND h.gone = 0"
		" AND NOT EXISTS (SELECT 1 FROM events e WHERE e.request = q.request"
		" AND e.host = h.id AND e.kind = 'confirmed') ORDER BY h.name",
		"s", request);
	while (r == 0 && (r = sql_next(rows)) > 0) {
		struct host_row row = read_host(rows);

		r = each(context, &row);
	}
	return r;
}
