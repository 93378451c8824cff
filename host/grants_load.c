/* SPDX-License-Identifier: MIT */

/* A request's documents are parsed once for each change of the store: that is most of the work of
 * a verdict. What changes without the store is looked at each time. */

#include "host/grants_load.h"
#include "host/store_private.h"

#include <stdio.h>
#include <string.h>

void loaded_done(struct loaded *loaded)
{
	document_free(loaded->request);
	for (size_t i = 0; i < loaded->facts.n_decisions; i++)
		document_free(loaded->decisions[i]);
}

/* A stored document that does not parse was changed on the disk. */
static int parse(struct query *query, int column, enum document_type type, struct document **ret)
{
	_cleanup_(document_freep) struct document *document = NULL;
	_cleanup_(freep) char *bytes = NULL;
	size_t size;
	int r = query_get_bytes(query, column, &bytes, &size);

	if (r < 0)
		return r;
	r = document_parse(bytes, size, &document, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : -EUCLEAN;
	if (document->type != type)
		return -EUCLEAN;
	*ret = TAKE_PTR(document);
	return 0;
}

static int load_decisions(struct store *store, struct loaded *loaded)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store,
		"SELECT bytes, backed, root FROM documents"
		" WHERE request = ? AND type = ? AND waiting = 0 ORDER BY seq",
		&query);

	if (r < 0)
		return r;
	query_text(&query, 1, loaded->digest);
	query_int(&query, 2, DOCUMENT_DECISION);
	while ((r = query_step(&query)) > 0) {
		size_t n = loaded->facts.n_decisions;

		if (n == DECISIONS_MAX)
			return -EUCLEAN;
		r = parse(&query, 0, DOCUMENT_DECISION, &loaded->decisions[n]);
		if (r < 0)
			return r;
		loaded->judged[n] = (struct grant_decision){
			.decision = &loaded->decisions[n]->decision,
			.backed = query_get_int(&query, 1) != 0,
			.local = query_get_int(&query, 2) != 0,
		};
		loaded->facts.n_decisions++;
	}
	return r;
}

static int load_final(struct store *store, struct loaded *loaded)
{
	struct grant_facts *facts = &loaded->facts;
	int r = finals_find(store, loaded->digest, &loaded->final);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	facts->final = loaded->final.kind;
	facts->final_at = loaded->final.at;
	return 0;
}

int loaded_read(struct store *store, struct query *query, struct loaded *ret)
{
	int r = query_get_text(query, 0, ret->digest, sizeof(ret->digest));

	if (r == 0)
		r = query_get_text(query, 1, ret->login, sizeof(ret->login));
	if (r == 0)
		r = query_get_text(query, 4, ret->used_boot_id, sizeof(ret->used_boot_id));
	if (r == 0)
		r = parse(query, 6, DOCUMENT_REQUEST, &ret->request);
	if (r < 0)
		return r;
	ret->uid = (uint32_t)query_get_int(query, 2);
	ret->used = query_get_int(query, 3);
	ret->used_boot = query_get_int(query, 5);
	ret->facts.digest = ret->request->digest;
	ret->facts.agent_backed = query_get_int(query, 7) != 0;
	r = load_final(store, ret);
	return r < 0 ? r : load_decisions(store, ret);
}

/* A tombstone says what the store could not be told; one that cannot be read says it too. */
static int renew_final(struct store *store, struct loaded *loaded)
{
	struct grant_facts *facts = &loaded->facts;
	int r;

	facts->final_by = loaded->final.by;
	facts->final_text = loaded->final.text;
	facts->final = loaded->final.kind;
	facts->final_at = loaded->final.at;
	if (facts->final != GRANT_FINAL_NONE || !store_tombstones(store))
		return 0;
	r = tombstone_read(store_tombstones(store), loaded->digest, &loaded->tombstone);
	if (r == -ENOENT)
		return 0;
	facts->final = GRANT_FINAL_REVOKED;
	facts->final_at = loaded->tombstone.at;
	facts->final_by = loaded->tombstone.by;
	facts->final_text = loaded->tombstone.text;
	return 0;
}

/* Pointers into itself are set here and not where it is read: it may have been moved. */
int loaded_renew(struct store *store, const struct grant_host *host, struct loaded *loaded)
{
	struct grant_facts *facts = &loaded->facts;

	facts->request = &loaded->request->request;
	facts->decisions = loaded->judged;
	facts->used = loaded->used;
	if (strcmp(loaded->used_boot_id, host->boot_id) == 0 && host->boot > loaded->used_boot)
		facts->used += host->boot - loaded->used_boot;
	return renew_final(store, loaded);
}

/* --- kept --------------------------------------------------------------------------------- */

#define TOLD_OVER "4" /* requests that are over, of which a login may be told */

struct kept_login {
	char login[ACCOUNT_LOGIN_MAX + 1];
	int64_t generation; /* of the store, when they were read */
	struct loaded *rows;
	size_t count;
};

void kept_login_free(struct kept_login *kept)
{
	if (!kept)
		return;
	for (size_t i = 0; i < kept->count; i++)
		loaded_done(&kept->rows[i]);
	free(kept->rows);
	free(kept);
}
DEFINE_CLEANUP(struct kept_login *, kept_login_free)

static int read_login(struct store *store, struct kept_login *kept)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store,
		LOADED_SELECT "WHERE r.login = ?1 AND r.over = 0"
			      " UNION ALL SELECT * FROM (" LOADED_SELECT
			      "WHERE r.login = ?1 AND r.over = 1 ORDER BY r.seq DESC"
			      " LIMIT " TOLD_OVER ")",
		&query);

	if (r < 0)
		return r;
	query_text(&query, 1, kept->login);
	while ((r = query_step(&query)) > 0) {
		struct loaded *more =
			reallocarray(kept->rows, kept->count + 1, sizeof(*kept->rows));

		if (!more)
			return -ENOMEM;
		kept->rows = more;
		more += kept->count++;
		*more = (struct loaded){ 0 };
		r = loaded_read(store, &query, more);
		if (r < 0)
			return r;
	}
	return r;
}

/* One login asks three times (account, session, and once more in the transaction), and parsing is
 * most of the work: the last one asked about is kept. */
int loaded_of_login(struct store *store, const char *login, struct loaded **ret, size_t *ret_count)
{
	_cleanup_(kept_login_freep) struct kept_login *kept = NULL;
	int64_t generation = store_generation(store);
	int r;

	if (generation < 0)
		return (int)generation;
	kept = TAKE_PTR(store->login);
	if (!kept || kept->generation != generation || strcmp(kept->login, login) != 0) {
		kept_login_free(kept);
		kept = calloc(1, sizeof(*kept));
		if (!kept)
			return -ENOMEM;
		kept->generation = generation;
		(void)snprintf(kept->login, sizeof(kept->login), "%s", login);
		r = read_login(store, kept);
		if (r < 0)
			return r;
	}
	*ret = kept->rows;
	*ret_count = kept->count;
	store->login = TAKE_PTR(kept);
	return 0;
}
