/* SPDX-License-Identifier: MIT */

/* Reads one request after the other with all that is known of it, and lets core/grant judge. What
 * is final is the bulk of an old store: those who ask for what may be open never read it, and a
 * login only its newest few. */

#include "host/grants.h"
#include "host/documents.h"
#include "host/facts.h"
#include "host/finals.h"
#include "host/query.h"
#include "host/tombstones.h"

#include <stdio.h>
#include <string.h>

#define DECISIONS_MAX 32 /* of one request; as many approvers as anybody has */

/* --- the host ----------------------------------------------------------------------------- */

static int get_text(struct store *store, const char *name, const char **ret)
{
	char *text = NULL;
	int r = store_get(store, name, &text);

	if (r == -ENOENT) {
		text = strdup("");
		r = text ? 0 : -ENOMEM;
	}
	if (r == 0)
		*ret = text;
	return r;
}

void grants_host_done(struct grant_host *host)
{
	free((char *)host->host_id);
	free((char *)host->host_name);
	free((char *)host->customer);
	host->host_id = host->host_name = host->customer = NULL;
}

static int read_host(
	struct store *store, const struct machine *machine, int64_t now, struct grant_host *host)
{
	_cleanup_(freep) const char *machine_id = NULL;
	struct clock_state clock = { 0 };
	int64_t off = 0;
	int r;

	r = get_text(store, FACT_HOST_ID, &host->host_id);
	if (r == 0)
		r = get_text(store, FACT_HOST_NAME, &host->host_name);
	if (r == 0)
		r = get_text(store, FACT_CUSTOMER, &host->customer);
	if (r == 0)
		r = get_text(store, FACT_MACHINE_ID, &machine_id);
	if (r == 0)
		r = clock_judge(store, machine, now, &clock);
	if (r < 0)
		return r;
	r = store_get_int(store, FACT_OFF, &off);
	if (r < 0 && r != -ENOENT)
		return r;
	host->off = off != 0;
	host->high_water = clock.high_water;
	host->clock_ahead = clock.ahead;
	host->copied = machine_id[0] && strcmp(machine_id, machine->id) != 0;
	host->store_closed = store_closed(store) != NULL;
	return 0;
}

int grants_host_on(struct store *store, const struct config *config, const struct machine *machine,
	int64_t now, struct grant_host *ret, struct problem *problem)
{
	struct grant_host host = { .max_scope = config->max_scope,
		.max_length = config->max_length,
		.boot = machine->boot };
	int r = read_host(store, machine, now, &host);

	if (r < 0) {
		grants_host_done(&host);
		return problem_say(problem, r, "cannot read the store: %s", strerror(-r));
	}
	memcpy(host.boot_id, machine->boot_id, sizeof(host.boot_id));
	*ret = host;
	return 0;
}

int grants_host(struct store *store, const struct config *config, int64_t now,
	struct grant_host *ret, struct problem *problem)
{
	struct machine machine;
	int r = machine_read(&machine);

	if (r < 0)
		return problem_say(
			problem, r, "cannot read this machine's boot id: %s", strerror(-r));
	return grants_host_on(store, config, &machine, now, ret, problem);
}

/* --- one request -------------------------------------------------------------------------- */

struct loaded {
	struct grant_facts facts;
	struct document *request, *decisions[DECISIONS_MAX];
	struct grant_decision judged[DECISIONS_MAX];
	struct final_row final;
	struct tombstone tombstone;
	char digest[DIGEST_HEX_LEN + 1];
};

static void loaded_done(struct loaded *loaded)
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
	loaded->facts.decisions = loaded->judged;
	return r;
}

/* A tombstone says what the store could not be told; one that cannot be read says it too. */
static int load_final(struct store *store, struct loaded *loaded)
{
	struct grant_facts *facts = &loaded->facts;
	int r = finals_find(store, loaded->digest, &loaded->final);

	if (r == 0) {
		facts->final = loaded->final.kind;
		facts->final_at = loaded->final.at;
		facts->final_by = loaded->final.by;
		facts->final_text = loaded->final.text;
	}
	if (r != -ENOENT || !store_tombstones(store))
		return r == -ENOENT ? 0 : r;
	r = tombstone_read(store_tombstones(store), loaded->digest, &loaded->tombstone);
	if (r == -ENOENT)
		return 0;
	facts->final = GRANT_FINAL_REVOKED;
	facts->final_at = loaded->tombstone.at;
	facts->final_by = loaded->tombstone.by;
	facts->final_text = loaded->tombstone.text;
	return 0;
}

/* Seconds by the boot clock: those noted, and those of this boot since the note. */
static int64_t load_used(const struct grant_host *host, struct query *query)
{
	char boot_id[37] = "";
	int64_t used = query_get_int(query, 3);

	if (query_get_text(query, 4, boot_id, sizeof(boot_id)) < 0 || !boot_id[0])
		return used;
	if (strcmp(boot_id, host->boot_id) == 0 && host->boot > query_get_int(query, 5))
		used += host->boot - query_get_int(query, 5);
	return used;
}

static int load(
	struct store *store, const struct grant_host *host, struct query *query, struct loaded *ret)
{
	int r = query_get_text(query, 0, ret->digest, sizeof(ret->digest));

	if (r == 0)
		r = parse(query, 6, DOCUMENT_REQUEST, &ret->request);
	if (r < 0)
		return r;
	ret->facts.request = &ret->request->request;
	ret->facts.digest = ret->request->digest;
	ret->facts.agent_backed = query_get_int(query, 7) != 0;
	ret->facts.used = load_used(host, query);
	r = load_final(store, ret);
	return r < 0 ? r : load_decisions(store, ret);
}

/* --- many --------------------------------------------------------------------------------- */

#define SELECT                                                                                     \
	"SELECT r.digest, r.login, a.uid, r.used, r.used_boot_id, r.used_boot, d.bytes, d.backed"  \
	" FROM requests r JOIN documents d ON d.digest = r.digest"                                 \
	" JOIN accounts a ON a.login = r.login "

#define TOLD_OVER "4" /* requests that are over, of which a login may be told */

typedef int (*each_fn)(void *context, const struct grants_row *row);

static int derive_row(struct store *store, const struct grant_host *host, int64_t now,
	struct query *query, each_fn each, void *context)
{
	_cleanup_(loaded_done) struct loaded loaded = { 0 };
	struct grants_row row = { .uid = (uint32_t)query_get_int(query, 2) };
	char boot_id[37];
	int r = query_get_text(query, 1, row.login, sizeof(row.login));

	if (r == 0)
		r = query_get_text(query, 4, boot_id, sizeof(boot_id));
	if (r == 0)
		r = load(store, host, query, &loaded);
	if (r < 0)
		return r;
	row.used_is_noted = boot_id[0] != '\0';
	row.request = loaded.facts.request;
	grant_derive(host, &loaded.facts, now, &row.grant);
	return each(context, &row);
}

static int each_row(struct store *store, const struct grant_host *host, const char *sql,
	const char *login, int64_t now, each_fn each, void *context)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store, sql, &query);

	if (r < 0)
		return r;
	if (login)
		query_text(&query, 1, login);
	while ((r = query_step(&query)) > 0) {
		r = derive_row(store, host, now, &query, each, context);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return r;
}

int grants_each(struct store *store, const struct grant_host *host, const char *login, int64_t now,
	each_fn each, void *context)
{
	if (login)
		return each_row(store, host, SELECT "WHERE r.login = ?1 ORDER BY r.seq", login, now,
			each, context);
	return each_row(store, host, SELECT "ORDER BY r.seq", NULL, now, each, context);
}

int grants_each_open(struct store *store, const struct grant_host *host, const char *login,
	int64_t now, each_fn each, void *context)
{
	if (login)
		return each_row(store, host,
			SELECT "WHERE r.login = ?1 AND r.over = 0 ORDER BY r.seq", login, now, each,
			context);
	return each_row(
		store, host, SELECT "WHERE r.over = 0 ORDER BY r.seq", NULL, now, each, context);
}

struct finding {
	struct grant best;
	struct request *request;
};

/* The better of the best so far and this one. */
static int find_row(void *context, const struct grants_row *row)
{
	struct finding *finding = context;
	struct grant both[] = { finding->best, row->grant };
	struct grant chosen;
	struct request *copy;

	grant_choose(finding->request ? both : both + 1, finding->request ? 2 : 1, &chosen);
	if (finding->request && !digest_equal(&chosen.request, &row->grant.request))
		return 0;
	copy = finding->request ? finding->request : malloc(sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *row->request;
	finding->request = copy;
	finding->best = chosen;
	return 0;
}

int grants_find(struct store *store, const struct grant_host *host, const char *login, int64_t now,
	struct grant *ret, struct request **ret_request)
{
	struct finding finding = { .best = { .verdict = VERDICT_NONE } };
	int r = each_row(store, host,
		SELECT "WHERE r.login = ?1 AND r.over = 0 UNION ALL SELECT * FROM (" SELECT
		       "WHERE r.login = ?1 AND r.over = 1 ORDER BY r.seq DESC LIMIT " TOLD_OVER ")",
		login, now, find_row, &finding);

	if (r < 0) {
		free(finding.request);
		return r;
	}
	*ret = finding.best;
	*ret_request = finding.request;
	return 0;
}

struct change {
	int64_t now, next;
};

static int next_of_row(void *context, const struct grants_row *row)
{
	struct change *change = context;
	const int64_t moments[] = { row->grant.from, row->grant.until,
		row->grant.from ? 0 : row->request->pending_until };

	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++)
		if (moments[i] > change->now && (!change->next || moments[i] < change->next))
			change->next = moments[i];
	return 0;
}

int grants_next_change(
	struct store *store, const struct grant_host *host, int64_t now, int64_t *ret)
{
	struct change change = { .now = now };
	int r = grants_each_open(store, host, NULL, now, next_of_row, &change);

	if (r == 0)
		*ret = change.next;
	return r;
}
