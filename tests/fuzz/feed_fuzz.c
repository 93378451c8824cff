/* SPDX-License-Identifier: MIT */

/* Any answer as central's feed: taken in order and handed on, or refused, and then nothing of the
 * courier's place is lost. Nobody listens where it is handed on. */

#include "api/answer.h"
#include "api/client.h"
#include "core/json.h"
#include "courier/feed.h"
#include "tests/fuzz/fuzz.h"

static void hand_on(struct feed *feed)
{
	struct problem problem = PROBLEM_NONE;
	int64_t cursor = feed->cursor;
	size_t next = feed->next;
	int r = feed_deliver_next(feed, "/nonexistent/courier.sock", &problem);

	if (r != 0)
		fuzz_refused(r, &problem);
	REQUIRE(r != 0 || !feed_is_waiting(feed));
	REQUIRE(feed->cursor == cursor && (r == 0 || feed->next == next));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *body = fuzz_bytes(data, size);
	_cleanup_(json_putp) struct json_object *object = NULL;
	struct problem problem = PROBLEM_NONE;
	struct feed feed = { .epoch = "e1", .cursor = 3 };
	struct answer answer = { .url = "https://central.example",
		.status = 200,
		.content_type = "application/json",
		.body = body,
		.size = size,
		.detail = "" };
	int r;

	if (answer_read(&answer, &object, NULL) != 0)
		return 0;
	r = feed_take(&feed, object, &problem);
	if (r == FEED_ANEW) {
		REQUIRE(feed.cursor == 0 && feed.epoch[0] && !feed_is_waiting(&feed));
		r = feed_take(&feed, object, &problem);
		REQUIRE(r == FEED_TAKEN);
	}
	if (r != FEED_TAKEN) {
		fuzz_refused(r, &problem);
		REQUIRE(feed.cursor == 3 && strcmp(feed.epoch, "e1") == 0);
		return 0;
	}
	object = NULL; /* the feed's now */
	hand_on(&feed);
	feed_clear(&feed);
	return 0;
}
