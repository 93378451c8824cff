/* SPDX-License-Identifier: MIT */

/* Requests and what is about them. Storing a document and putting it into the feed of every host
 * of its request is one transaction, so a host is never owed what was acknowledged.
 *
 * All hosts of a request get all that is about it, also a decision that leaves them out: they
 * tell the agent that it was approved elsewhere. */

#include "central/store_sql.h"

#include <stdio.h>
#include <string.h>

#define DOCUMENT_COLUMNS                                                                           \
	"SELECT n, digest, short_id, type, customer, agent, request, verdict, bytes, signature,"   \
	" received, pending_until, sender FROM documents "

static struct document_row read_document(sqlite3_stmt *row)
{
	return (struct document_row){
		.n = sql_int(row, 0),
		.digest = sql_text(row, 1),
		.short_id = sql_text(row, 2),
		.type = sql_text(row, 3),
		.customer = sql_text(row, 4),
		.agent = sql_text(row, 5),
		.request = sql_text(row, 6),
		.verdict = sql_text(row, 7),
		.bytes = sql_text(row, 8),
		.signature = sql_text(row, 9),
		.received = sql_int(row, 10),
		.pending_until = sql_int(row, 11),
		.sender = sql_text(row, 12),
	};
}

static int each_of(sqlite3_stmt *rows, int (*each)(void *context, const struct document_row *row),
	void *context)
{
	int r;

	while ((r = sql_next(rows)) > 0) {
		struct document_row row = read_document(rows);

		r = each(context, &row);
		if (r < 0)
			return r;
	}
	return r;
}

/* What is copied out of a document into columns. */
struct about {
	char digest[DIGEST_HEX_LEN + 1], short_id[SHORT_ID_LEN + 1];
	char request[DIGEST_HEX_LEN + 1];
	char customer[DOCUMENT_CUSTOMER_MAX + 1];
	char agent[ACCOUNT_LOGIN_MAX + 1];
	const char *verdict;
	int64_t pending_until;
};

static const char *request_of(const struct document *document)
{
	switch (document->type) {
	case DOCUMENT_DECISION:
		return document->decision.request;
	case DOCUMENT_REVOCATION:
		return document->revocation.request;
	case DOCUMENT_CLOSING:
		return document->closing.request;
	default:
		return NULL;
	}
}

/* What a document that is no request takes from its request. */
static int inherit(struct central *central, const char *request, struct about *about)
{
	_cleanup_(sql_donep) sqlite3_stmt *row = NULL;
	int r;

	r = sql_query(central, &row,
		"SELECT customer, agent FROM documents WHERE digest = ? AND type = 'request'", "s",
		request);
	if (r < 0)
		return r;
	r = sql_next(row);
	if (r <= 0)
		return r < 0 ? r : CENTRAL_NOT_FOUND;
	memcpy(about->request, request, sizeof(about->request));
	r = sql_copy(row, 0, about->customer, sizeof(about->customer));
	if (r == 0)
		r = sql_copy(row, 1, about->agent, sizeof(about->agent));
	return r;
}

static int describe(struct central *central, const struct document *document, struct about *ret)
{
	const char *request = request_of(document);

	*ret = (struct about){ .verdict = "" };
	digest_to_hex(&document->digest, ret->digest);
	digest_short_id(&document->digest, ret->short_id);
	if (request) {
		if (document->type == DOCUMENT_DECISION)
			ret->verdict = document->decision.approve ? "approve" : "deny";
		return inherit(central, request, ret);
	}
	memcpy(ret->request, ret->digest, sizeof(ret->request));
	memcpy(ret->customer, document->request.customer, sizeof(ret->customer));
	memcpy(ret->agent, document->request.agent.login, sizeof(ret->agent));
	ret->pending_until = document->request.pending_until;
	return CENTRAL_DONE;
}

/* Is it there already, or another one under its name? */
static int look_for(struct central *central, const char *type, const struct about *about)
{
	int64_t same, taken;
	int r;

	r = sql_number(central, &same, "SELECT count(*) FROM documents WHERE digest = ?", "s",
		about->digest);
	if (r == 0)
		r = sql_number(central, &taken,
			"SELECT count(*) FROM documents WHERE type = ? AND short_id = ?", "ss",
			type, about->short_id);
	if (r != 0)
		return r;
	if (same)
		return CENTRAL_UNCHANGED;
	return taken ? CENTRAL_TAKEN : CENTRAL_DONE;
}

static int add_hosts(struct central *central, const struct request *request, const char *digest)
{
	for (size_t i = 0; i < request->n_hosts; i++) {
		int r = sql_run(central,
			"INSERT OR IGNORE INTO request_hosts SELECT ?, id FROM hosts WHERE id = ? "
			"AND"
			" name = ? AND customer = ? AND gone = 0",
			"ssss", digest, request->hosts[i].id, request->hosts[i].name,
			request->customer);

		if (r < 0)
			return r;
		if (sql_changes(central) == 0)
			return CENTRAL_NOT_FOUND;
	}
	return CENTRAL_DONE;
}

static int insert(struct central *central, const char *type, const struct about *about,
	const char *bytes, const char *signature, const struct identity *sender, int64_t now)
{
	char who[sizeof(sender->name) + 16];
	int r;

	snprintf(who, sizeof(who), "%s:%s", role_name(sender->role), sender->name);
	r = sql_run(central,
		"INSERT INTO documents (digest, type, short_id, customer, agent, request, verdict,"
		" bytes, signature, sender, received, pending_until)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		"ssssssssssii", about->digest, type, about->short_id, about->customer, about->agent,
		about->request, about->verdict, bytes, signature, who, now, about->pending_until);
	if (r < 0)
		return r;
	return sql_run(central,
		"INSERT INTO feed (host, n) SELECT q.host, d.n FROM request_hosts q JOIN documents "
		"d"
		" ON d.digest = ? WHERE q.request = ?",
		"ss", about->digest, about->request);
}

static int tell_hosts(struct central *central, const char *request,
	void (*each_host)(void *context, const char *host), void *context)
{
	_cleanup_(sql_donep) sqlite3_stmt *rows = NULL;
	int r;

	r = sql_query(
		central, &rows, "SELECT host FROM request_hosts WHERE request = ?", "s", request);
	while (r == 0 && (r = sql_next(rows)) > 0) {
		each_host(context, sql_text(rows, 0));
		r = 0;
	}
	return r;
}

/* An approver sees its customer's, an agent its own, an operator all. */
static bool may_see(const struct identity *who, const struct about *about)
{
	if (who->role == ROLE_APPROVER)
		return strcmp(who->customer, about->customer) == 0;
	if (who->role == ROLE_AGENT)
		return strcmp(who->name, about->agent) == 0;
	return who->role == ROLE_OPERATOR;
}

int central_document_add(struct central *central, const struct document *document,
	const char *bytes, const char *signature, const struct identity *sender, int64_t now,
	void (*each_host)(void *context, const char *host), void *context)
{
	_cleanup_(sql_rollbackp) struct central *writing = NULL;
	const char *type = document_type_name(document->type);
	struct about about;
	int r;

	r = sql_begin(central, &writing);
	if (r < 0)
		return r;
	r = describe(central, document, &about);
	if (r != CENTRAL_DONE)
		return r;
	if (!may_see(sender, &about))
		return CENTRAL_NOT_FOUND;
	r = look_for(central, type, &about);
	if (r != CENTRAL_DONE)
		return r;
	if (document->type == DOCUMENT_REQUEST)
		r = add_hosts(central, &document->request, about.digest);
	if (r != CENTRAL_DONE)
		return r;
	r = insert(central, type, &about, bytes, signature, sender, now);
	if (r == 0)
		r = sql_commit(&writing);
	if (r < 0)
		return r;
	return each_host ? tell_hosts(central, about.request, each_host, context) : 0;
}

int central_request(struct central *central, const char *digest_or_id,
	int (*each)(void *context, const struct document_row *row), void *context)
{
	_cleanup_(sql_donep) sqlite3_stmt *rows = NULL;
	struct document_row row;
	int r;

	if (strlen(digest_or_id) == DIGEST_HEX_LEN)
		r = sql_query(central, &rows,
			DOCUMENT_COLUMNS "WHERE digest = ? AND type = 'request'", "s",
			digest_or_id);
	else
		r = sql_query(central, &rows,
			DOCUMENT_COLUMNS "WHERE short_id = ? AND type = 'request'", "s",
			digest_or_id);
	if (r < 0)
		return r;
	r = sql_next(rows);
	if (r <= 0)
		return r < 0 ? r : CENTRAL_NOT_FOUND;
	row = read_document(rows);
	return each(context, &row);
}

int central_requests(struct central *central, const char *customer, const char *agent,
	int64_t before, size_t max, int (*each)(void *context, const struct document_row *row),
	void *context)
{
	_cleanup_(sql_donep) sqlite3_stmt *rows = NULL;
	int r;

	r = sql_query(central, &rows,
		DOCUMENT_COLUMNS "WHERE type = 'request' AND (?1 = '' OR customer = ?1)"
				 " AND (?2 = '' OR agent = ?2) AND n < ?3 ORDER BY n DESC LIMIT ?4",
		"ssii", customer ? customer : "", agent ? agent : "", before ? before : INT64_MAX,
		(int64_t)max);
	return r < 0 ? r : each_of(rows, each, context);
}

int central_about(struct central *central, const char *request,
	int (*each)(void *context, const struct document_row *row), void *context)
{
	_cleanup_(sql_donep) sqlite3_stmt *rows = NULL;
	int r;

	r = sql_query(central, &rows,
		DOCUMENT_COLUMNS "WHERE request = ? AND type <> 'request' ORDER BY n", "s",
		request);
	return r < 0 ? r : each_of(rows, each, context);
}

int central_feed(struct central *central, const char *host, int64_t after, size_t max,
	int (*each)(void *context, const struct feed_row *row), void *context)
{
	_cleanup_(sql_donep) sqlite3_stmt *rows = NULL;
	int r;

	r = sql_query(central, &rows,
		"SELECT f.cursor, d.bytes, d.signature FROM feed f JOIN documents d USING (n)"
		" WHERE f.host = ? AND f.cursor > ? ORDER BY f.cursor LIMIT ?",
		"sii", host, after, (int64_t)max);
	while (r == 0 && (r = sql_next(rows)) > 0) {
		struct feed_row row = { sql_int(rows, 0), sql_text(rows, 1), sql_text(rows, 2) };

		r = each(context, &row);
	}
	return r;
}

int central_progress(struct central *central, const char *request, struct request_progress *ret)
{
	_cleanup_(sql_donep) sqlite3_stmt *row = NULL;
	int r;

	r = sql_query(central, &row,
		"SELECT count(*), sum(approved), sum(denied), sum(revoked), sum(confirmed),"
		" sum(approved AND confirmed), sum(approved AND denied) FROM (SELECT"
		" max(ifnull(e.kind = 'approved', 0)) AS approved,"
		" max(ifnull(e.kind = 'denied', 0)) AS denied,"
		" max(ifnull(e.kind = 'revoked', 0)) AS revoked,"
		" max(ifnull(e.kind = 'confirmed', 0)) AS confirmed"
		" FROM request_hosts q LEFT JOIN events e ON e.request = q.request AND e.host = "
		"q.host"
		" WHERE q.request = ? GROUP BY q.host)",
		"s", request);
	if (r < 0)
		return r;
	r = sql_next(row);
	if (r < 0)
		return r;
	*ret = (struct request_progress){
		.hosts = (size_t)sql_int(row, 0),
		.approved = (size_t)sql_int(row, 1),
		.denied = (size_t)sql_int(row, 2),
		.revoked = (size_t)sql_int(row, 3),
		.confirmed = (size_t)sql_int(row, 4),
		.approved_and_denied = (size_t)sql_int(row, 6),
	};
	ret->concerned = ret->approved ? ret->approved : ret->hosts;
	ret->over = ret->approved ? (size_t)sql_int(row, 5) : ret->confirmed;
	return 0;
}
