/* SPDX-License-Identifier: MIT */

/* Whoever can send refused documents must not be able to fill the disk with the record of it. */

#include "host/chain.h"
#include "host/facts.h"
#include "host/judging.h"

#define HOUR 3600

static int get(struct store *store, const char *name, int64_t *ret)
{
	int r = store_get_int(store, name, ret);

	if (r == -ENOENT)
		*ret = 0;
	return r == -ENOENT ? 0 : r;
}

int refusal_note(
	struct store *store, const struct event *event, int64_t now, struct problem *problem)
{
	int64_t hour = 0, events = 0, unsaid = 0;
	struct event said = *event;
	int r = get(store, FACT_REFUSED_HOUR, &hour);

	if (r == 0)
		r = get(store, FACT_REFUSED_EVENTS, &events);
	if (r == 0)
		r = get(store, FACT_REFUSED_UNSAID, &unsaid);
	if (r < 0)
		return r;
	if (hour != now / HOUR)
		events = 0;
	if (events >= REFUSALS_PER_HOUR)
		return store_set_int(store, FACT_REFUSED_UNSAID, unsaid + 1);
	said.count = unsaid + 1;
	r = chain_append(store, &said, now, problem);
	if (r == 0)
		r = store_set_int(store, FACT_REFUSED_HOUR, now / HOUR);
	if (r == 0)
		r = store_set_int(store, FACT_REFUSED_EVENTS, events + 1);
	return r == 0 ? store_set_int(store, FACT_REFUSED_UNSAID, 0) : r;
}
