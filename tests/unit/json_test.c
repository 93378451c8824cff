/* SPDX-License-Identifier: MIT */

/* JSON from others: one object, whole, and nothing behind it. */

#include "core/json.h"

#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 4

/* Sizes are given: some of these have a NUL. */
#define BYTES(text) text, sizeof(text) - 1

static const struct {
	const char *what, *bytes;
	size_t size;
	const char *fault; /* part of it; NULL: it is taken */
} rows[] = {
	{ "an object", BYTES("{\"a\":1}"), NULL },
	{ "an empty one", BYTES("{}"), NULL },
	{ "blanks around it", BYTES(" \t\r\n{ \"a\" : [ 1 , 2 ] } \r\n\t "), NULL },
	{ "text that is UTF-8", BYTES("{\"a\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"}"), NULL },
	{ "as deep as may be", BYTES("{\"a\":{\"a\":{\"a\":1}}}"), NULL },
	{ "one deeper", BYTES("{\"a\":{\"a\":{\"a\":{\"a\":1}}}}"), "too deep" },
	{ "arrays count, too", BYTES("{\"a\":[[[1]]]}"), "too deep" },
	{ "nothing", BYTES(""), "cut" },
	{ "blanks alone", BYTES("  \n"), "cut" },
	{ "a brace alone", BYTES("{"), "cut" },
	{ "the last brace missing", BYTES("{\"a\":1"), "cut" },
	{ "cut within a text", BYTES("{\"a\":\"b"), "cut" },
	{ "a second object", BYTES("{}{}"), "" },
	{ "a byte behind it", BYTES("{} x"), "" },
	{ "a comma behind it", BYTES("{},"), "" },
	{ "a NUL behind it", BYTES("{}\0"), "" },
	{ "a NUL and more behind it", BYTES("{}\0{\"a\":1}"), "" },
	{ "a NUL within", BYTES("{\"a\":\0 1}"), "" },
	{ "an array", BYTES("[1]"), "no object" },
	{ "a text", BYTES("\"a\""), "no object" },
	{ "null", BYTES("null"), "" },
	{ "a comma too many", BYTES("{\"a\":1,}"), "" },
	{ "single quotes around a name", BYTES("{'a':1}"), "JSON does not have" },
	{ "single quotes around a text", BYTES("{\"a\":'b'}"), "JSON does not have" },
	{ "a single quote in a text", BYTES("{\"a\":\"it's /\\\"' N\\\\\"}"), NULL },
	{ "a comment", BYTES("{/**/}"), "JSON does not have" },
	{ "a number that is none", BYTES("{\"a\":01}"), "" },
	{ "not a number", BYTES("{\"a\":NaN}"), "JSON does not have" },
	{ "more than any number", BYTES("{\"a\":-Infinity}"), "JSON does not have" },
	{ "numbers of all forms", BYTES("{\"a\":[-1,0.5,1e3,1E+3,true,false,null]}"), NULL },
	{ "a word in capitals", BYTES("{\"a\":TRUE}"), "" },
	{ "an overlong slash", BYTES("{\"a\":\"\xc0\xaf\"}"), "UTF-8" },
	{ "a longer overlong slash", BYTES("{\"a\":\"\xe0\x80\xaf\"}"), "UTF-8" },
	{ "a surrogate", BYTES("{\"a\":\"\xed\xa0\x80\"}"), "UTF-8" },
	{ "beyond U+10FFFF", BYTES("{\"a\":\"\xf4\x90\x80\x80\"}"), "UTF-8" },
	{ "a character that is cut", BYTES("{\"a\":\"\xe2\x82\"}"), "UTF-8" },
	{ "Latin 1", BYTES("{\"a\":\"\xe4\"}"), "UTF-8" },
};

START_TEST(one_whole_object_is_taken_and_nothing_else)
{
	struct json_object *object = NULL;
	const char *fault = NULL;
	int r = json_parse(rows[_i].bytes, rows[_i].size, DEPTH, &object, &fault);

	ck_assert_msg(r == (rows[_i].fault ? -EBADMSG : 0), "%s: %d (%s)", rows[_i].what, r,
		fault ? fault : "no fault");
	ck_assert_msg(!rows[_i].fault == (object != NULL), "%s", rows[_i].what);
	ck_assert_msg(!rows[_i].fault || (fault && strstr(fault, rows[_i].fault)), "%s: said: %s",
		rows[_i].what, fault ? fault : "nothing");
	json_object_put(object);
}
END_TEST

/* Nothing of it is read, so that it need not be there. */
START_TEST(what_is_longer_than_can_be_parsed_is_refused)
{
	struct json_object *object = NULL;
	const char *fault = NULL;

	ck_assert_int_eq(json_parse("{}", (size_t)INT_MAX + 1, DEPTH, &object, &fault), -EBADMSG);
	ck_assert_ptr_null(object);
	ck_assert_str_eq(fault, "it is too long");
}
END_TEST

START_TEST(what_is_missing_or_of_another_kind_reads_as_empty)
{
	struct json_object *object = json_object_new_object();

	json_add_text(object, "text", "x");
	json_add_text(object, "no text", NULL);
	json_add_number(object, "number", 7);
	json_add_switch(object, "switch", true);
	json_add_time(object, "never", 0);
	json_add_time(object, "time", 1800000000);
	ck_assert_str_eq(json_text(object, "text"), "x");
	ck_assert_str_eq(json_text(object, "no text"), "");
	ck_assert_str_eq(json_text(object, "missing"), "");
	ck_assert_str_eq(json_text(object, "number"), "");
	ck_assert_int_eq(json_number(object, "number"), 7);
	ck_assert_int_eq(json_number(object, "missing"), 0);
	ck_assert_ptr_null(json_list(object, "text"));
	ck_assert_ptr_null(json_list(object, "missing"));
	ck_assert_str_eq(json_text(object, "time"), "2027-01-15T08:00:00Z");
	ck_assert_ptr_null(json_object_object_get(object, "never"));
	ck_assert(json_object_object_get_ex(object, "never", NULL));
	json_object_put(object);
}
END_TEST

START_TEST(a_list_is_shown_as_far_as_there_is_room)
{
	struct json_object *list = json_object_new_array();
	char text[8], tiny[4];

	json_show_list(list, 0, text, sizeof(text));
	ck_assert_str_eq(text, "");
	json_object_array_add(list, json_object_new_string("db1"));
	json_object_array_add(list, json_object_new_string("db2"));
	json_show_list(list, 0, text, sizeof(text));
	ck_assert_str_eq(text, "db1 db2");
	json_show_list(list, 0, tiny, sizeof(tiny));
	ck_assert_str_eq(tiny, "db1");
	json_object_put(list);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("json");
	TCase *tests = tcase_create("json");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, one_whole_object_is_taken_and_nothing_else, 0,
		sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tests, what_is_longer_than_can_be_parsed_is_refused);
	tcase_add_test(tests, what_is_missing_or_of_another_kind_reads_as_empty);
	tcase_add_test(tests, a_list_is_shown_as_far_as_there_is_room);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
