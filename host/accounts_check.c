/* SPDX-License-Identifier: MIT */

/* Others' accounts can appear after ours. Then theirs wins, whatever nsswitch.conf says first:
 * ours is not published while the conflict lasts. Probing forks, so it is done before the
 * transaction in which its outcome is written. */

#include "host/accounts.h"
#include "host/chain.h"
#include "host/query.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct probing {
	accounts_probe_fn probe;
	struct account_row *changed;
	size_t n_changed;
	struct problem *problem;
};

static int probe_one(void *context, const struct account_row *account)
{
	struct probing *probing = context;
	char name[ACCOUNT_NAME_MAX + 1];
	struct account_row *more;
	int r;

	snprintf(name, sizeof(name), "%s%s", ACCOUNT_PREFIX, account->login);
	r = probing->probe(name, account->uid);
	if (r < 0)
		return problem_say(
			probing->problem, r, "cannot ask the name service about %s", name);
	if ((r > 0) == account->conflict)
		return 0;
	more = reallocarray(probing->changed, probing->n_changed + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	probing->changed = more;
	more[probing->n_changed] = *account;
	more[probing->n_changed++].conflict = r > 0;
	return 0;
}

static int record(struct store *store, const struct account_row *account, int64_t now,
	struct problem *problem)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	struct event event = { .kind = "account", .by = "supportaccessd" };
	int r = query_open(store, "UPDATE accounts SET conflict = ? WHERE login = ?", &query);

	if (r < 0)
		return r;
	query_int(&query, 1, account->conflict);
	query_text(&query, 2, account->login);
	r = query_run(&query);
	if (r < 0)
		return r;
	snprintf(event.agent, sizeof(event.agent), "%s", account->login);
	snprintf(event.text, sizeof(event.text),
		account->conflict ? "another source has %s%s or uid %" PRIu32 ": ours is withdrawn"
				  : "no other source has %s%s or uid %" PRIu32 " any more",
		ACCOUNT_PREFIX, account->login, account->uid);
	r = account->conflict ? store_ends_access(store) : 0;
	return r < 0 ? r : chain_append(store, &event, now, problem);
}

int accounts_check(
	struct store *store, accounts_probe_fn probe, int64_t now, struct problem *problem)
{
	struct probing probing = { .probe = probe ? probe : accounts_probe_system,
		.problem = problem };
	_cleanup_(freep) struct account_row *changed = NULL;
	int r = accounts_each_at_stake(store, probe_one, &probing);

	changed = probing.changed;
	if (r < 0 || probing.n_changed == 0)
		return r;
	r = store_begin(store, problem);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < probing.n_changed; i++)
		r = record(store, &changed[i], now, problem);
	if (r == 0)
		return store_commit(store, problem);
	store_rollback(store);
	return r;
}
