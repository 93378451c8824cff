/* SPDX-License-Identifier: MIT */

#include "central/target.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

START_TEST(a_target_is_taken_apart)
{
	struct target target;

	ck_assert_int_eq(target_parse("/v1/requests/7K2F9%2DQXM4T?after=3&x=a%20b&y=", &target), 0);
	ck_assert_uint_eq(target.n_segments, 3);
	ck_assert_str_eq(target.segments[2], "7K2F9-QXM4T");
	ck_assert_str_eq(target_parameter(&target, "after"), "3");
	ck_assert_str_eq(target_parameter(&target, "x"), "a b");
	ck_assert_str_eq(target_parameter(&target, "y"), "");
	ck_assert_ptr_null(target_parameter(&target, "z"));
}
END_TEST

START_TEST(what_is_smuggled_in_is_refused)
{
	static const char *const targets[] = { "", "v1", "*", "http://x/", "/a%2Fb", "/a%2fb",
		"/a%00b", "/a%0Ab", "/a%", "/a%4", "/a%zz", "/a\x7f", "/a\xc3\xa9", "/a%C3%A9",
		"/a?x", "/a?=1", "/a?x=1&x=2", "/a?x=1&", "/a?&x=1", "/a?x=1&%78=2", "/a?x=%00",
		"/a?" };

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct target target;

		ck_assert_msg(target_parse(targets[i], &target) == -EBADMSG, "%s", targets[i]);
	}
}
END_TEST

START_TEST(a_target_has_a_longest)
{
	char text[TARGET_MAX + 2] = "/";
	struct target target;

	memset(text + 1, 'a', TARGET_MAX - 1);
	ck_assert_int_eq(target_parse(text, &target), 0);
	text[TARGET_MAX] = 'a';
	ck_assert_int_eq(target_parse(text, &target), -E2BIG);
}
END_TEST

START_TEST(a_target_has_at_most_so_many_parts)
{
	struct target target;

	ck_assert_int_eq(target_parse("/1/2/3/4/5/6", &target), 0);
	ck_assert_uint_eq(target.n_segments, TARGET_SEGMENTS_MAX);
	ck_assert_int_eq(target_parse("/1/2/3/4/5/6/7", &target), -E2BIG);
	ck_assert_int_eq(target_parse("/?a=&b=&c=&d=&e=&f=&g=&h=", &target), 0);
	ck_assert_uint_eq(target.n_parameters, TARGET_PARAMETERS_MAX);
	ck_assert_int_eq(target_parse("/?a=&b=&c=&d=&e=&f=&g=&h=&i=", &target), -E2BIG);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("central/target");
	TCase *tests = tcase_create("central/target");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, a_target_is_taken_apart);
	tcase_add_test(tests, what_is_smuggled_in_is_refused);
	tcase_add_test(tests, a_target_has_a_longest);
	tcase_add_test(tests, a_target_has_at_most_so_many_parts);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
