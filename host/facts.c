/* SPDX-License-Identifier: MIT */

/* Small facts: one table of names and texts. A number is its decimal text. */

#include "host/query.h"
#include "host/store_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int read_fact(struct store *store, const char *name, char **ret)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	size_t size;
	int r = query_open(store, "SELECT value FROM facts WHERE name = ?", &query);

	if (r < 0)
		return r;
	query_text(&query, 1, name);
	r = query_step(&query);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	return query_get_bytes(&query, 0, ret, &size);
}

/* The place of a fact that is kept, or a free one; NULL: it is read each time. */
static struct kept_fact *place_of(struct store *store, const char *name)
{
	if (!store->reading || strlen(name) >= sizeof(store->facts[0].name))
		return NULL;
	for (size_t i = 0; i < KEPT_FACTS_MAX; i++)
		if (!store->facts[i].name[0] || strcmp(store->facts[i].name, name) == 0)
			return &store->facts[i];
	return NULL;
}

int store_get(struct store *store, const char *name, char **ret)
{
	struct kept_fact *kept = place_of(store, name);
	char *value = NULL;
	int r;

	if (!kept)
		return read_fact(store, name, ret);
	if (!kept->name[0]) {
		r = read_fact(store, name, &value);
		if (r < 0 && r != -ENOENT)
			return r;
		memcpy(kept->name, name, strlen(name) + 1);
		kept->value = value;
	}
	if (!kept->value)
		return -ENOENT;
	*ret = strdup(kept->value);
	return *ret ? 0 : -ENOMEM;
}

int store_set(struct store *store, const char *name, const char *value)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store,
		"INSERT INTO facts (name, value) VALUES (?, ?)"
		" ON CONFLICT (name) DO UPDATE SET value = excluded.value",
		&query);

	if (r < 0)
		return r;
	query_text(&query, 1, name);
	query_text(&query, 2, value);
	return query_run(&query);
}

int store_get_int(struct store *store, const char *name, int64_t *ret)
{
	_cleanup_(freep) char *text = NULL;
	char *end;
	long long value;
	int r = store_get(store, name, &text);

	if (r < 0)
		return r;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno || end == text || *end)
		return -EUCLEAN;
	*ret = value;
	return 0;
}

int store_set_int(struct store *store, const char *name, int64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, value);
	return store_set(store, name, text);
}
