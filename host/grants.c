/* SPDX-License-Identifier: MIT */

/* Reads one request after the other with all that is known of it, and lets core/grant judge. What
 * is final is the bulk of an old store: those who ask for what may be open never read it, and a
 * login only its newest few. */

#include "host/grants.h"
#include "host/documents.h"
#include "host/facts.h"
#include "host/grants_load.h"

#include <stdio.h>
#include <string.h>

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
	if (r != 0)
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
		.show_approvers = config->show_approvers,
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

/* --- many --------------------------------------------------------------------------------- */

/* Whose account another source has too gets nothing from it. */
#define OPEN "r.over = 0 AND a.conflict = 0"

typedef int (*each_fn)(void *context, const struct grants_row *row);

static int derive(struct store *store, const struct grant_host *host, int64_t now,
	struct loaded *loaded, each_fn each, void *context)
{
	struct grants_row row = { .uid = loaded->uid, .request = &loaded->request->request };
	int r = loaded_renew(store, host, loaded);

	if (r < 0)
		return r;
	memcpy(row.login, loaded->login, sizeof(row.login));
	row.used_is_noted = loaded->used_boot_id[0] != '\0';
	grant_derive(host, &loaded->facts, now, &row.grant);
	return each(context, &row);
}

static int derive_row(struct store *store, const struct grant_host *host, int64_t now,
	struct query *query, each_fn each, void *context)
{
	_cleanup_(loaded_done) struct loaded loaded = { 0 };
	int r = loaded_read(store, query, &loaded);

	return r < 0 ? r : derive(store, host, now, &loaded, each, context);
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
		return each_row(store, host, LOADED_SELECT "WHERE r.login = ?1 ORDER BY r.seq",
			login, now, each, context);
	return each_row(store, host, LOADED_SELECT "ORDER BY r.seq", NULL, now, each, context);
}

int grants_each_open(struct store *store, const struct grant_host *host, const char *login,
	int64_t now, each_fn each, void *context)
{
	if (login)
		return each_row(store, host,
			LOADED_SELECT "WHERE r.login = ?1 AND " OPEN " ORDER BY r.seq", login, now,
			each, context);
	return each_row(store, host, LOADED_SELECT "WHERE " OPEN " ORDER BY r.seq", NULL, now, each,
		context);
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
	struct loaded *rows = NULL;
	size_t count = 0;
	int r = loaded_of_login(store, login, &rows, &count);

	for (size_t i = 0; r == 0 && i < count; i++)
		r = derive(store, host, now, &rows[i], find_row, &finding);
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
