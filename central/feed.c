/* SPDX-License-Identifier: MIT */

/* What a host is to be given, in order. A cursor belongs to an epoch: a host that names another
 * one has lived with a central that no longer is, and gets everything from the start. */

#include "central/handlers.h"

#include "lib/moment.h"

#include <string.h>

#define VERSIONS_MAX 32

struct page {
	struct json_object *list;
	int64_t cursor;
	size_t count;
};

static int append_item(void *context, const struct feed_row *row)
{
	struct page *page = context;
	struct json_object *item = answer_envelope(row->bytes, row->signature);

	if (!item)
		return -ENOMEM;
	page->cursor = row->cursor;
	page->count++;
	if (answer_add_number(item, "cursor", row->cursor) < 0) {
		(void)json_object_put(item);
		return -ENOMEM;
	}
	return answer_append(page->list, item);
}

/* The versions that the host says it knows, if it says so in the form of a list of numbers. */
static const char *known_versions(struct exchange *x)
{
	const char *text = MHD_lookup_connection_value(
		x->connection, MHD_HEADER_KIND, "Supportaccess-Documents");

	if (!text || strlen(text) > VERSIONS_MAX || text[strspn(text, "0123456789,")])
		return NULL;
	return text;
}

static int answer_feed(struct exchange *x, struct json_object *json, struct page *page)
{
	int r;

	r = answer_add_text(json, "epoch", x->server->epoch);
	if (r == 0)
		r = answer_add_number(json, "cursor", page->cursor);
	return r < 0 ? r : answer_json(x, MHD_HTTP_OK, json_object_get(json));
}

int feed_get(struct exchange *x)
{
	_cleanup_(json_putp) struct json_object *json = json_object_new_object();
	const char *epoch = exchange_parameter(x, "epoch");
	struct page page = { .list = json_object_new_array() };
	int64_t after, wait;
	int r;

	r = json ? answer_add(json, "items", page.list) : -ENOMEM;
	if (r < 0)
		return r;
	if (exchange_number(x, "after", INT64_MAX, 0, &after) < 0 ||
		exchange_number(x, "wait", 3600, 0, &wait) < 0)
		return answer_fault(x, FAULT_MALFORMED, "\"after\" or \"wait\" is no number");
	if (!epoch || strcmp(epoch, x->server->epoch) != 0)
		after = 0;
	page.cursor = after;
	r = central_feed(
		x->server->central, x->who.name, after, CENTRAL_PAGE_MAX, append_item, &page);
	if (r == 0)
		r = central_host_contact(
			x->server->central, x->who.name, known_versions(x), moment_now());
	if (r < 0)
		return r;
	/* A host that asked with an older epoch learns the new one at once. */
	if (page.count == 0 && epoch && strcmp(epoch, x->server->epoch) == 0 &&
		exchange_may_wait(x, wait))
		return exchange_wait(x, x->who.name);
	return answer_feed(x, json, &page);
}
