/* SPDX-License-Identifier: MIT */

/* Central is not trusted, and neither is whoever answers in its place. */

#include "courier/feed.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEM(cursor) "{\"cursor\":" cursor ",\"document\":\"{}\",\"signature\":\"\"}"
#define FEED(items, cursor)                                                                        \
	"{\"schema\":1,\"epoch\":\"e1\",\"items\":[" items "],\"cursor\":" cursor "}"

/* Takes `text` as the answer to a host that has everything up to 5 of epoch "e1". */
static int take(const char *text, struct feed *feed)
{
	struct problem problem = PROBLEM_NONE;
	struct json_object *answer = json_tokener_parse(text);
	int r;

	*feed = (struct feed){ .epoch = "e1", .cursor = 5 };
	r = feed_take(feed, answer, &problem);
	ck_assert_msg((r < 0) == (problem.text[0] != '\0'), "%s", text);
	if (r != FEED_TAKEN)
		json_object_put(answer);
	return r;
}

START_TEST(a_feed_is_taken_only_as_openapi_has_it)
{
	static const struct {
		const char *text;
		int r;
	} rows[] = {
		{ FEED("", "5"), FEED_TAKEN },
		{ FEED("", "9"), FEED_TAKEN },
		{ FEED("", "4"), -EPROTO }, /* back behind what we have */
		{ FEED(ITEM("6"), "6"), FEED_TAKEN },
		{ FEED(ITEM("6") "," ITEM("9"), "9"), FEED_TAKEN },
		{ FEED(ITEM("5"), "6"), -EPROTO }, /* known already */
		{ FEED(ITEM("7") "," ITEM("7"), "7"), -EPROTO },
		{ FEED(ITEM("7") "," ITEM("6"), "7"), -EPROTO },
		{ FEED(ITEM("7"), "6"), -EPROTO }, /* a cursor before its items */
		{ FEED(ITEM("-1"), "6"), -EPROTO },
		{ FEED(ITEM("\"6\""), "6"), -EPROTO },
		{ FEED("{\"cursor\":6,\"document\":\"\"}", "6"), -EPROTO },
		{ FEED("{\"cursor\":6,\"signature\":\"\"}", "6"), -EPROTO },
		{ FEED("{\"cursor\":6,\"document\":1,\"signature\":\"\"}", "6"), -EPROTO },
		{ FEED("7", "6"), -EPROTO },
		{ FEED("null", "6"), -EPROTO },
		{ "{\"epoch\":\"e1\",\"items\":[]}", -EPROTO },
		{ "{\"epoch\":\"e1\",\"cursor\":5}", -EPROTO },
		{ "{\"items\":[],\"cursor\":5}", -EPROTO },
		{ "{\"epoch\":\"e1\",\"items\":{},\"cursor\":5}", -EPROTO },
		{ "{\"epoch\":1,\"items\":[],\"cursor\":5}", -EPROTO },
		{ "{\"epoch\":\"\",\"items\":[],\"cursor\":5}", -EPROTO },
		{ "{\"epoch\":\"e1\\u0000\",\"items\":[],\"cursor\":5}", -EPROTO },
		{ "{\"epoch\":\"e2\",\"items\":[],\"cursor\":0}", FEED_ANEW },
		{ "{\"epoch\":\"e2\",\"items\":[" ITEM("1") "],\"cursor\":1}", FEED_ANEW },
		{ "{\"epoch\":\"e2\",\"items\":[{}],\"cursor\":1}", -EPROTO },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct feed feed;
		int r = take(rows[i].text, &feed);

		ck_assert_msg(r == rows[i].r, "%s: %d", rows[i].text, r);
		ck_assert_int_eq(feed_is_waiting(&feed), r == FEED_TAKEN);
		feed_clear(&feed);
	}
}
END_TEST

START_TEST(another_epoch_starts_from_nothing)
{
	struct feed feed;

	ck_assert_int_eq(take("{\"epoch\":\"e2\",\"items\":[],\"cursor\":99}", &feed), FEED_ANEW);
	ck_assert_str_eq(feed.epoch, "e2");
	ck_assert_int_eq(feed.cursor, 0);
	ck_assert_int_eq(take("{\"epoch\":\"e2\",\"items\":[{}],\"cursor\":1}", &feed), -EPROTO);
	ck_assert_str_eq(feed.epoch, "e1");
	ck_assert_int_eq(feed.cursor, 5);
}
END_TEST

START_TEST(an_epoch_has_a_longest)
{
	char text[FEED_EPOCH_MAX + 64];
	struct feed feed;

	snprintf(text, sizeof(text), "{\"epoch\":\"%.*s\",\"items\":[],\"cursor\":0}",
		FEED_EPOCH_MAX,
		"0123456789012345678901234567890123456789012345678901234567890123456789");
	ck_assert_int_eq(take(text, &feed), FEED_ANEW);
	ck_assert_uint_eq(strlen(feed.epoch), FEED_EPOCH_MAX);
	snprintf(text, sizeof(text), "{\"epoch\":\"%.*s\",\"items\":[],\"cursor\":0}",
		FEED_EPOCH_MAX + 1,
		"0123456789012345678901234567890123456789012345678901234567890123456789");
	ck_assert_int_eq(take(text, &feed), -EPROTO);
}
END_TEST

START_TEST(an_answer_without_items_is_empty)
{
	struct feed feed;

	ck_assert_int_eq(take(FEED("", "9"), &feed), FEED_TAKEN);
	ck_assert(feed_is_empty(&feed));
	feed_clear(&feed);
	ck_assert(feed_is_empty(&feed));
	ck_assert_int_eq(take(FEED(ITEM("6"), "6"), &feed), FEED_TAKEN);
	ck_assert(!feed_is_empty(&feed));
	feed_clear(&feed);
}
END_TEST

/* Nobody listens there: what is not taken stays. */
START_TEST(what_cannot_be_handed_on_is_kept)
{
	struct problem problem = PROBLEM_NONE;
	struct feed feed;

	ck_assert_int_eq(take(FEED(ITEM("6"), "6"), &feed), FEED_TAKEN);
	ck_assert_int_lt(feed_deliver_next(&feed, "/nonexistent/socket", &problem), 0);
	ck_assert(feed_is_waiting(&feed));
	ck_assert_int_eq(feed.cursor, 5);
	ck_assert_uint_eq(feed.next, 0);
	feed_clear(&feed);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("courier/feed");
	TCase *tests = tcase_create("courier/feed");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, a_feed_is_taken_only_as_openapi_has_it);
	tcase_add_test(tests, another_epoch_starts_from_nothing);
	tcase_add_test(tests, an_epoch_has_a_longest);
	tcase_add_test(tests, an_answer_without_items_is_empty);
	tcase_add_test(tests, what_cannot_be_handed_on_is_kept);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
