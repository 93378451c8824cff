/* SPDX-License-Identifier: MIT */

#include "core/output.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NOW 1795608000 /* Wed 25 Nov 2026 12:00 UTC */

static const struct output_column columns[] = {
	{ "id", "ID", NULL },
	{ "until", "Until", output_show_time },
	{ "length", "Length", output_show_length },
	{ "reason", "Why", NULL },
	{ 0 },
};

static int saved;
static FILE *sink;
static char printed[8192];

static void begin(void)
{
	fflush(stdout);
	sink = tmpfile();
	saved = dup(STDOUT_FILENO);
	dup2(fileno(sink), STDOUT_FILENO);
	setenv("TZ", "UTC0", 1);
	tzset();
}

static const char *end(void)
{
	size_t n;

	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	rewind(sink);
	n = fread(printed, 1, sizeof(printed) - 1, sink);
	printed[n] = '\0';
	fclose(sink);
	return printed;
}

static struct json_object *rows(const char *text)
{
	struct json_object *ret = json_tokener_parse(text);

	ck_assert_ptr_nonnull(ret);
	return ret;
}

START_TEST(a_table_lines_its_columns_up)
{
	struct json_object *list =
		rows("[{\"id\":\"7K2F9-QXM4T\",\"until\":1795622400,"
		     "\"length\":14400,\"reason\":\"Größe\"},"
		     "{\"id\":\"A\",\"until\":0,\"length\":60,\"reason\":\"\"}]");

	begin();
	output_list(OUTPUT_TABLE, "requests", list, columns, "none", NOW);
	ck_assert_str_eq(end(), "ID           Until                       Length  Why\n"
				"7K2F9-QXM4T  today 16:00 +00:00, in 4 h  4 h     Größe\n"
				"A            -                           1 min   -\n");
	json_object_put(list);
}
END_TEST

START_TEST(plain_lines_name_each_value)
{
	struct json_object *list = rows("[{\"id\":\"A\"},{\"id\":\"B\"}]");
	static const struct output_column only_id[] = { { "id", "ID", NULL }, { 0 } };

	begin();
	output_list(OUTPUT_PLAIN, "requests", list, only_id, "none", NOW);
	ck_assert_str_eq(end(), "ID: A\n\nID: B\n");
	json_object_put(list);
}
END_TEST

START_TEST(nothing_is_a_sentence_for_people_and_an_empty_list_for_programs)
{
	struct json_object *list = rows("[]");

	begin();
	output_list(OUTPUT_TABLE, "requests", list, columns, "no request waits", NOW);
	ck_assert_str_eq(end(), "no request waits\n");
	begin();
	output_list(OUTPUT_JSON, "requests", NULL, columns, "no request waits", NOW);
	(void)end();
	json_object_put(list);
	list = rows(printed);
	ck_assert_str_eq(json_object_to_json_string_ext(list, JSON_C_TO_STRING_PLAIN),
		"{\"schema\":1,\"requests\":[]}");
	json_object_put(list);
}
END_TEST

START_TEST(text_of_others_cannot_steer_the_terminal)
{
	struct json_object *list = rows("[{\"id\":\"A\\u001b[2J\\nB\"}]");

	begin();
	output_list(OUTPUT_TABLE, "requests", list, columns, "none", NOW);
	ck_assert_ptr_nonnull(strstr(end(), "A\\x1b[2J\\x0aB"));
	ck_assert_ptr_null(strchr(printed, '\x1b'));
	json_object_put(list);
}
END_TEST

START_TEST(an_object_for_programs_is_whole_and_has_a_schema)
{
	struct json_object *object = rows("{\"id\":\"A\",\"other\":[1]}");

	begin();
	output_object(OUTPUT_JSON, object, columns, NOW);
	(void)end();
	json_object_put(object);
	object = rows(printed);
	ck_assert_str_eq(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN),
		"{\"schema\":1,\"id\":\"A\",\"other\":[1]}");
	json_object_put(object);
}
END_TEST

START_TEST(an_object_for_people_is_titles_and_values)
{
	struct json_object *object = rows("{\"id\":\"A\",\"until\":\"2026-11-25T16:00:00Z\"}");

	begin();
	output_object(OUTPUT_TABLE, object, columns, NOW);
	ck_assert_str_eq(end(), "ID      A\n"
				"Until   today 16:00 +00:00, in 4 h\n"
				"Length  -\n"
				"Why     -\n");
	json_object_put(object);
}
END_TEST

START_TEST(a_state_in_a_file_is_capitals_without_colour)
{
	setenv("TERM", "xterm", 1);
	begin();
	output_state("waiting");
	ck_assert_str_eq(end(), "WAITING");
}
END_TEST

START_TEST(a_state_that_steers_the_terminal_is_question_marks)
{
	begin();
	output_state("no\033[2Jt");
	ck_assert_str_eq(end(), "NO???JT");
}
END_TEST

START_TEST(a_result_is_its_sentence_or_its_object)
{
	struct json_object *object = rows("{\"id\":\"A\"}");

	begin();
	output_result(OUTPUT_TABLE, object, "Done: %s.\nNext: %s", "A", "B\033[2J");
	ck_assert_str_eq(end(), "Done: A.\nNext: B\\x1b[2J\n");
	begin();
	output_result(OUTPUT_JSON, object, "Done: %s.", "A");
	(void)end();
	json_object_put(object);
	object = rows(printed);
	ck_assert_str_eq(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN),
		"{\"schema\":1,\"id\":\"A\"}");
	json_object_put(object);
}
END_TEST

static Suite *output_suite(void)
{
	Suite *suite = suite_create("output");
	TCase *tests = tcase_create("output");

	tcase_add_test(tests, a_table_lines_its_columns_up);
	tcase_add_test(tests, plain_lines_name_each_value);
	tcase_add_test(tests, nothing_is_a_sentence_for_people_and_an_empty_list_for_programs);
	tcase_add_test(tests, text_of_others_cannot_steer_the_terminal);
	tcase_add_test(tests, an_object_for_programs_is_whole_and_has_a_schema);
	tcase_add_test(tests, an_object_for_people_is_titles_and_values);
	tcase_add_test(tests, a_state_in_a_file_is_capitals_without_colour);
	tcase_add_test(tests, a_state_that_steers_the_terminal_is_question_marks);
	tcase_add_test(tests, a_result_is_its_sentence_or_its_object);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(output_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
