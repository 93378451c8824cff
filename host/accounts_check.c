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
	struct account_row batch[ACCOUNTS_PROBE_MAX]; /* not asked about yet */
	size_t n_batch;
	struct account_row *changed;
	size_t n_changed;
	struct problem *problem;
};

static int note(struct probing *probing, const struct account_row *account, bool conflict)
{
	struct account_row *more;

	if (conflict == account->conflict)
		return 0;
	more = reallocarray(probing->changed, probing->n_changed + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	probing->changed = more;
	more[probing->n_changed] = *account;
	more[probing->n_changed++].conflict = conflict;
	return 0;
}

/* Most often nobody else has any of them, and one question is enough; else halves are asked about,
 * down to who it is. */
static int probe_all(struct probing *probing, const struct account_row *accounts, size_t n)
{
	char names[ACCOUNTS_PROBE_MAX][ACCOUNT_NAME_MAX + 1];
	struct account_key keys[ACCOUNTS_PROBE_MAX] = { 0 };
	int r;

	for (size_t i = 0; i < n; i++) {
		snprintf(names[i], sizeof(names[i]), "%s%s", ACCOUNT_PREFIX, accounts[i].login);
		keys[i] = (struct account_key){ names[i], accounts[i].uid };
	}
	r = probing->probe(keys, n);
	if (r < 0)
		return problem_say(probing->problem, r, "cannot ask the name service about %s%s",
			names[0], n > 1 ? " and others" : "");
	if (r > 0 && n > 1) {
		r = probe_all(probing, accounts, n / 2);
		return r < 0 ? r : probe_all(probing, accounts + n / 2, n - n / 2);
	}
	for (size_t i = 0; i < n; i++) {
		int noted = note(probing, &accounts[i], r > 0);

		if (noted < 0)
			return noted;
	}
	return 0;
}

static int probe_batch(struct probing *probing)
{
	size_t n = probing->n_batch;

	probing->n_batch = 0;
	return n > 0 ? probe_all(probing, probing->batch, n) : 0;
}

static int collect(void *context, const struct account_row *account)
{
	struct probing *probing = context;

	probing->batch[probing->n_batch++] = *account;
	return probing->n_batch == ACCOUNTS_PROBE_MAX ? probe_batch(probing) : 0;
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
	int r = accounts_each_at_stake(store, collect, &probing);

	if (r == 0)
		r = probe_batch(&probing);
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
