/* SPDX-License-Identifier: MIT */

/* What hosts report. A host's chain is stored only as its own continuation: a gap means that
 * something is missing and is asked for again, another event with a known number means that the
 * host was restored, copied or rewritten, and somebody must look. */

#include "central/store_sql.h"

#include <string.h>

static const char first_previous[] =
	"0000000000000000000000000000000000000000000000000000000000000000";

int central_chain_last(struct central *central, const char *host, int64_t *ret_seq,
	char ret_digest[static DIGEST_HEX_LEN + 1])
{
	_cleanup_(sql_donep) sqlite3_stmt *row = NULL;
	int r;

	r = sql_query(central, &row,
		"SELECT seq, digest FROM events WHERE host = ? ORDER BY seq DESC LIMIT 1", "s",
		host);
	if (r < 0)
		return r;
	r = sql_next(row);
	if (r < 0)
		return r;
	if (r == 0) {
		*ret_seq = 0;
		memcpy(ret_digest, first_previous, sizeof(first_previous));
		return 0;
	}
	*ret_seq = sql_int(row, 0);
	return sql_copy(row, 1, ret_digest, DIGEST_HEX_LEN + 1);
}

/* Is the event of that number the one with that digest? */
static int is_known(struct central *central, const char *host, int64_t seq, const char *digest)
{
	int64_t same;
	int r;

	r = sql_number(central, &same,
		"SELECT count(*) FROM events WHERE host = ? AND seq = ? AND digest = ?", "sis",
		host, seq, digest);
	if (r < 0)
		return r;
	return same ? CENTRAL_DONE : CENTRAL_FORK;
}

int central_chain_check(struct central *central, const char *host, struct document *const *events,
	size_t n_events, const struct head *head)
{
	char last[DIGEST_HEX_LEN + 1], digest[DIGEST_HEX_LEN + 1];
	int64_t seq;
	int r;

	r = central_chain_last(central, host, &seq, last);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n_events; i++) {
		const struct event *event = &events[i]->event;

		digest_to_hex(&events[i]->digest, digest);
		if (event->seq > seq + 1)
			return CENTRAL_GAP;
		if (event->seq <= seq) {
			r = is_known(central, host, event->seq, digest);
			if (r != CENTRAL_DONE)
				return r;
			continue;
		}
		if (strcmp(event->previous, last) != 0)
			return CENTRAL_FORK;
		seq = event->seq;
		memcpy(last, digest, sizeof(last));
	}
	if (head->seq > seq)
		return CENTRAL_GAP;
	if (head->seq == seq)
		return strcmp(head->event, last) == 0 ? CENTRAL_DONE : CENTRAL_FORK;
	return is_known(central, host, head->seq, head->event);
}

static int add_event(struct central *central, const struct identity *host,
	const struct document *document, const char *bytes)
{
	const struct event *event = &document->event;
	char digest[DIGEST_HEX_LEN + 1];

	digest_to_hex(&document->digest, digest);
	return sql_run(central,
		"INSERT OR IGNORE INTO events (host, seq, digest, customer, kind, request, bytes)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)",
		"sisssss", host->name, event->seq, digest, host->customer, event->kind,
		event->request, bytes);
}

int central_chain_add(struct central *central, const struct identity *host,
	struct document *const *events, const char *const *bytes, size_t n_events,
	const struct head *head, const char *head_bytes, const char *signature, int64_t now)
{
	_cleanup_(sql_rollbackp) struct central *writing = NULL;
	int r;

	r = sql_begin(central, &writing);
	if (r < 0)
		return r;
	r = central_chain_check(central, host->name, events, n_events, head);
	if (r != CENTRAL_DONE)
		return r;
	for (size_t i = 0; i < n_events; i++) {
		r = add_event(central, host, events[i], bytes[i]);
		if (r < 0)
			return r;
	}
	r = sql_run(central, "INSERT OR REPLACE INTO heads VALUES (?, ?, ?, ?, ?)", "sissi",
		host->name, head->seq, head_bytes, signature, now);
	return r < 0 ? r : sql_commit(&writing);
}

int central_events(struct central *central, const struct events_filter *filter,
	int (*each)(void *context, const struct event_row *row), void *context)
{
	_cleanup_(sql_donep) sqlite3_stmt *rows = NULL;
	int r;

	r = sql_query(central, &rows,
		"SELECT n, seq, host, bytes FROM events e WHERE n > ?1 AND (?2 = '' OR customer = "
		"?2)"
		" AND (?3 = '' OR host = ?3) AND (?4 = '' OR request = ?4) AND (?5 = '' OR EXISTS"
		" (SELECT 1 FROM documents d WHERE d.digest = e.request AND d.agent = ?5))"
		" ORDER BY n LIMIT ?6",
		"issssi", filter->after, filter->customer ? filter->customer : "",
		filter->host ? filter->host : "", filter->request ? filter->request : "",
		filter->agent ? filter->agent : "", (int64_t)filter->max);
	while (r == 0 && (r = sql_next(rows)) > 0) {
		struct event_row row = { sql_int(rows, 0), sql_int(rows, 1), sql_text(rows, 2),
			sql_text(rows, 3) };

		r = each(context, &row);
	}
	return r;
}

int central_head(struct central *central, const char *host, int64_t seq, int64_t *ret_seq,
	int (*each)(void *context, const struct head_row *row), void *context)
{
	_cleanup_(sql_donep) sqlite3_stmt *row = NULL;
	struct head_row head;
	int r;

	r = sql_query(central, &row,
		"SELECT host, bytes, signature, seq FROM heads WHERE host = ? AND seq >= ?"
		" ORDER BY seq LIMIT 1",
		"si", host, seq);
	if (r < 0)
		return r;
	r = sql_next(row);
	if (r <= 0)
		return r;
	head = (struct head_row){ sql_text(row, 0), sql_text(row, 1), sql_text(row, 2) };
	*ret_seq = sql_int(row, 3);
	return each(context, &head);
}
