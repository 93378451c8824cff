/* SPDX-License-Identifier: MIT */

/* The courier does not judge documents, only whether they can be handed on at all. An item that
 * fits in no message is passed over: one that stood in the way for ever would hide all behind it.
 */

#include "courier/feed.h"

#include "courier/local.h"

#include <errno.h>
#include <string.h>

static bool get_int(struct json_object *object, const char *key, int64_t *ret)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, key, &value) ||
		!json_object_is_type(value, json_type_int))
		return false;
	*ret = json_object_get_int64(value);
	return *ret >= 0;
}

static const char *get_text(struct json_object *object, const char *key, size_t *ret_size)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, key, &value) ||
		!json_object_is_type(value, json_type_string))
		return NULL;
	*ret_size = (size_t)json_object_get_string_len(value);
	return json_object_get_string(value);
}

static struct json_object *get_items(struct json_object *answer)
{
	struct json_object *items = NULL;

	if (!json_object_object_get_ex(answer, "items", &items) ||
		!json_object_is_type(items, json_type_array))
		return NULL;
	return items;
}

/* Cursors ascend, every item is an envelope. */
static bool items_are_well(struct json_object *items, int64_t cursor, int64_t last)
{
	size_t n = json_object_array_length(items), size;

	for (size_t i = 0; i < n; i++) {
		struct json_object *item = json_object_array_get_idx(items, i);
		int64_t at;

		if (!json_object_is_type(item, json_type_object) || !get_int(item, "cursor", &at) ||
			at <= cursor || !get_text(item, "document", &size) ||
			!get_text(item, "signature", &size))
			return false;
		cursor = at;
	}
	return last >= cursor;
}

int feed_take(struct feed *feed, struct json_object *answer, struct problem *problem)
{
	struct json_object *items = answer ? get_items(answer) : NULL;
	size_t size = 0;
	const char *epoch = answer ? get_text(answer, "epoch", &size) : NULL;
	int64_t last = 0;
	bool anew;

	if (!items || !epoch || size == 0 || size > FEED_EPOCH_MAX || strlen(epoch) != size ||
		!get_int(answer, "cursor", &last))
		return problem_say(
			problem, -EPROTO, "central's feed is not as openapi.yaml has it");
	anew = strcmp(epoch, feed->epoch) != 0;
	if (!items_are_well(items, anew ? 0 : feed->cursor, last))
		return problem_say(problem, -EPROTO, "central's feed is not in order");
	if (anew) {
		memcpy(feed->epoch, epoch, size + 1);
		feed->cursor = 0;
		return FEED_ANEW;
	}
	feed->answer = answer;
	feed->next = 0;
	return FEED_TAKEN;
}

bool feed_is_empty(const struct feed *feed)
{
	return !feed->answer || json_object_array_length(get_items(feed->answer)) == 0;
}

static int deliver_item(const struct feed *feed, struct json_object *item, const char *socket_path,
	int64_t *ret_cursor, struct problem *problem)
{
	size_t size = 0, signature_size = 0;
	const char *document = get_text(item, "document", &size);
	const char *signature = get_text(item, "signature", &signature_size);
	int r;

	(void)get_int(item, "cursor", ret_cursor);
	r = local_deliver(socket_path, feed->epoch, *ret_cursor, document, size, signature,
		signature_size, problem);
	if (r == -EMSGSIZE)
		r = local_deliver(socket_path, feed->epoch, *ret_cursor, NULL, 0, NULL, 0, problem);
	return r;
}

int feed_deliver_next(struct feed *feed, const char *socket_path, struct problem *problem)
{
	struct json_object *items = get_items(feed->answer);
	int64_t cursor = feed->cursor;
	int r;

	if (feed->next < json_object_array_length(items)) {
		r = deliver_item(feed, json_object_array_get_idx(items, feed->next), socket_path,
			&cursor, problem);
		if (r < 0)
			return r;
		feed->next++;
		feed->cursor = cursor;
		return 0;
	}
	(void)get_int(feed->answer, "cursor", &cursor);
	if (cursor > feed->cursor) {
		r = local_deliver(socket_path, feed->epoch, cursor, NULL, 0, NULL, 0, problem);
		if (r < 0)
			return r;
		feed->cursor = cursor;
	}
	feed_clear(feed);
	return 0;
}

void feed_clear(struct feed *feed)
{
	json_object_put(feed->answer);
	feed->answer = NULL;
	feed->next = 0;
}
