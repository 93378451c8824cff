/* SPDX-License-Identifier: MIT */

/* A row for each agent and verdict. A table this small is searched from the front. */

#include "daemon/refusals.h"

#include "host/chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void refusals_count(struct refusals *refusals, const char *login, enum verdict verdict)
{
	size_t i = 0;

	while (i < refusals->n_rows && (refusals->rows[i].verdict != verdict ||
					       strcmp(refusals->rows[i].login, login) != 0))
		i++;
	if (i == REFUSALS_MAX) {
		refusals->unsaid++;
		return;
	}
	if (i == refusals->n_rows) {
		(void)snprintf(
			refusals->rows[i].login, sizeof(refusals->rows[i].login), "%s", login);
		refusals->rows[i].verdict = verdict;
		refusals->rows[i].count = 0;
		refusals->n_rows++;
	}
	refusals->rows[i].count++;
}

static int append(struct store *store, const char *login, int64_t count, const char *text,
	int64_t now, struct problem *problem)
{
	struct event event = { .kind = "login-refused", .by = "supportaccessd", .count = count };

	(void)snprintf(event.agent, sizeof(event.agent), "%s", login);
	(void)snprintf(event.text, sizeof(event.text), "%s", text);
	return chain_append(store, &event, now, problem);
}

static int append_all(
	struct refusals *refusals, struct store *store, int64_t now, struct problem *problem)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < refusals->n_rows; i++)
		r = append(store, refusals->rows[i].login, refusals->rows[i].count,
			verdict_word(refusals->rows[i].verdict), now, problem);
	if (r == 0 && refusals->unsaid > 0)
		r = append(store, "", refusals->unsaid, "further refusals", now, problem);
	return r;
}

int refusals_write(
	struct refusals *refusals, struct store *store, int64_t now, struct problem *problem)
{
	int r;

	if (refusals->n_rows == 0)
		return 0;
	r = store_begin(store, problem);
	if (r < 0)
		return r;
	r = append_all(refusals, store, now, problem);
	if (r == 0)
		r = store_commit(store, problem);
	if (r < 0) {
		store_rollback(store);
		return r;
	}
	refusals->n_rows = 0;
	refusals->unsaid = 0;
	return 0;
}
