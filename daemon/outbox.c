/* SPDX-License-Identifier: MIT */

/* Only events up to the signed head are given away: what no head vouches for proves nothing. As
 * many as fit one message go at a time. */

#include "daemon/outbox.h"

#include "host/chain.h"
#include "host/facts.h"
#include "lib/wire.h"

#include <json-c/json.h>
#include <string.h>

#define BATCH_MAX 256
#define FRAME_MAX 256 /* names and brackets of the body */

struct batch {
	struct json_object *events;
	size_t size; /* of the body so far, at most */
	int64_t head, last;
};

/* The length as a JSON string: at worst every byte is escaped. */
static size_t json_size(const char *bytes)
{
	struct json_object *text = json_object_new_string(bytes);
	size_t size = text ? strlen(json_object_to_json_string_ext(
				     text, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE))
			   : WIRE_MAX;

	json_object_put(text);
	return size;
}

static int add_event(void *context, const char *bytes, size_t size, const struct event *event)
{
	struct batch *batch = context;
	struct json_object *text;
	size_t more = json_size(bytes) + 1;

	if (event->seq > batch->head || batch->size + more > WIRE_MAX - sizeof(struct wire_outbox))
		return 1;
	text = json_object_new_string_len(bytes, (int)size);
	if (!text || json_object_array_add(batch->events, text) < 0) {
		json_object_put(text);
		return -ENOMEM;
	}
	batch->size += more;
	batch->last = event->seq;
	return 0;
}

static int write_message(struct json_object *body, int64_t last, char **ret, size_t *ret_size)
{
	const char *text = json_object_to_json_string_ext(
		body, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	struct wire_outbox header = { .header = wire_header(WIRE_OUTBOX), .last = last };
	size_t size = text ? strlen(text) : 0;
	char *message;

	if (!text)
		return -ENOMEM;
	if (size > WIRE_MAX - sizeof(header))
		return -EMSGSIZE;
	header.size = (uint32_t)size;
	message = malloc(sizeof(header) + size);
	if (!message)
		return -ENOMEM;
	memcpy(message, &header, sizeof(header));
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): its size stands in the header */
	memcpy(message + sizeof(header), text, size);
	*ret = message;
	*ret_size = sizeof(header) + size;
	return 1;
}

static int compose(struct store *store, int64_t sent, struct batch *batch, const char *head,
	const char *signature, char **ret, size_t *ret_size)
{
	struct json_object *body = json_object_new_object();
	int r;

	batch->events = json_object_new_array();
	batch->size = json_size(head) + json_size(signature) + FRAME_MAX;
	if (!body || !batch->events) {
		json_object_put(body);
		json_object_put(batch->events);
		return -ENOMEM;
	}
	json_object_object_add(body, "events", batch->events);
	json_object_object_add(body, "head", json_object_new_string(head));
	json_object_object_add(body, "signature", json_object_new_string(signature));
	r = chain_each(store, sent, BATCH_MAX, add_event, batch);
	if (r >= 0)
		r = batch->last > sent ? write_message(body, batch->last, ret, ret_size) : 0;
	json_object_put(body);
	return r;
}

int outbox_compose(struct store *store, char **ret, size_t *ret_size, struct problem *problem)
{
	_cleanup_(freep) char *head = NULL;
	_cleanup_(freep) char *signature = NULL;
	struct batch batch = { 0 };
	int64_t sent = 0;
	int r;

	r = store_get_int(store, FACT_SENT, &sent);
	if (r < 0 && r != -ENOENT)
		return r;
	r = chain_head(store, &head, &signature, &batch.head);
	if (r == -ENOENT || (r == 0 && batch.head <= sent))
		return 0;
	if (r == 0)
		r = compose(store, sent, &batch, head, signature, ret, ret_size);
	return r < 0 ? problem_say(problem, r, "the outbox cannot be read: %s", strerror(-r)) : r;
}

int outbox_sent(struct store *store, int64_t last, int64_t *ret)
{
	int64_t sent = 0, end = 0;
	int r = chain_last(store, &end);

	if (r == 0)
		r = store_get_int(store, FACT_SENT, &sent);
	if (r < 0 && r != -ENOENT)
		return r;
	if (last < 0 || last > end)
		return -ERANGE;
	if (last == sent) {
		*ret = sent;
		return 0;
	}
	r = store_begin(store, NULL);
	if (r == 0)
		r = store_set_int(store, FACT_SENT, last);
	if (r == 0)
		r = store_commit(store, NULL);
	if (r < 0)
		store_rollback(store);
	else
		*ret = last;
	return r;
}
