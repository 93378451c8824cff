/* SPDX-License-Identifier: MIT */

/* What the clock decides is written down once it is decided, so that a clock that is set back
 * later decides nothing again. It is found without a lock and written in one transaction; two
 * programs that find the same write it once. */

#include "host/chain.h"
#include "host/finals.h"
#include "host/grants.h"
#include "host/query.h"
#include "host/tombstones.h"

#include <stdio.h>
#include <string.h>

struct settled {
	struct grant grant;
	char login[ACCOUNT_LOGIN_MAX + 1], digest[DIGEST_HEX_LEN + 1];
};

struct settling {
	struct settled *rows;
	size_t n_rows;
	bool unnoted; /* something is open whose count by the boot clock has not begun */
};

static bool is_over(enum verdict verdict)
{
	return verdict == VERDICT_EXPIRED || verdict == VERDICT_UNANSWERED;
}

static int collect(void *context, const struct grants_row *row)
{
	struct settling *settling = context;
	struct settled *more;

	if (!is_over(row->grant.verdict) && row->grant.verdict != VERDICT_OK)
		return 0;
	more = reallocarray(settling->rows, settling->n_rows + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	settling->rows = more;
	more += settling->n_rows++;
	*more = (struct settled){ .grant = row->grant };
	memcpy(more->login, row->login, sizeof(more->login));
	digest_to_hex(&row->grant.request, more->digest);
	settling->unnoted |= row->grant.verdict == VERDICT_OK && !row->used_is_noted;
	return 0;
}

static int note_used(struct store *store, const struct machine *machine, const char *digest)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store,
		"UPDATE requests SET used = used + iif(used_boot_id = ?1, max(0, ?2 - used_boot), "
		"0),"
		" used_boot_id = ?1, used_boot = ?2 WHERE digest = ?3",
		&query);

	if (r < 0)
		return r;
	query_text(&query, 1, machine->boot_id);
	query_int(&query, 2, machine->boot);
	query_text(&query, 3, digest);
	return query_run(&query);
}

static int note_over(
	struct store *store, const struct settled *row, int64_t now, struct problem *problem)
{
	struct event event = { .kind = "expired",
		.by = "supportaccessd",
		.scope = row->grant.scope,
		.until = row->grant.until };
	int r = finals_add(store, &(struct final){ .request = row->digest,
					  .kind = GRANT_FINAL_EXPIRED,
					  .at = row->grant.since,
					  .by = "",
					  .text = "",
					  .agent = "",
					  .is_signed = true });

	if (r != 0)
		return r < 0 ? r : 0;
	r = store_ends_access(store);
	if (r < 0)
		return r;
	memcpy(event.agent, row->login, sizeof(event.agent));
	memcpy(event.request, row->digest, sizeof(event.request));
	if (row->grant.verdict == VERDICT_UNANSWERED)
		snprintf(event.text, sizeof(event.text), "nobody answered in time");
	return chain_append(store, &event, now, problem);
}

static int write_all(struct store *store, const struct machine *machine,
	const struct settling *settling, int64_t now, struct problem *problem)
{
	int r = store_begin(store, problem);

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < settling->n_rows; i++) {
		const struct settled *row = &settling->rows[i];

		r = is_over(row->grant.verdict) ? note_over(store, row, now, problem)
						: note_used(store, machine, row->digest);
	}
	if (r == 0)
		r = clock_note(store, machine, now);
	if (r == 0)
		r = store_commit(store, problem);
	store_rollback(store);
	return r;
}

static bool is_due(const struct settling *settling)
{
	for (size_t i = 0; i < settling->n_rows; i++)
		if (is_over(settling->rows[i].grant.verdict))
			return true;
	return settling->unnoted;
}

int grants_settle_on(struct store *store, const struct config *config,
	const struct machine *machine, int64_t now, struct problem *problem)
{
	_cleanup_(grants_host_done) struct grant_host host = { 0 };
	struct settling settling = { 0 };
	int due, r;

	r = tombstones_settle(store, now, problem);
	if (r >= 0)
		r = grants_host_on(store, config, machine, now, &host, problem);
	if (r < 0)
		return r;
	if (host.store_closed || host.clock_ahead || host.copied ||
		now < host.high_water - GRANT_CLOCK_TOLERANCE)
		return 0;
	r = grants_each_open(store, &host, NULL, now, collect, &settling);
	due = r < 0 ? r : clock_note_is_due(store, machine, now);
	r = due < 0 ? due : 0;
	if (r == 0 && (due || is_due(&settling)))
		r = write_all(store, machine, &settling, now, problem);
	free(settling.rows);
	return r;
}

int grants_settle(
	struct store *store, const struct config *config, int64_t now, struct problem *problem)
{
	struct machine machine;
	int r = machine_read(&machine);

	if (r < 0)
		return problem_say(
			problem, r, "cannot read this machine's boot id: %s", strerror(-r));
	return grants_settle_on(store, config, &machine, now, problem);
}
