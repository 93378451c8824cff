/* SPDX-License-Identifier: MIT */

#include "lib/scope.h"

#include <check.h>
#include <stdlib.h>

START_TEST(a_scope_is_found_by_its_own_name)
{
	static const enum scope scopes[] = { SCOPE_READ_ONLY, SCOPE_READ_WRITE, SCOPE_ADMIN };

	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		ck_assert_int_eq(scope_from_name(scope_name(scopes[i])), scopes[i]);
}
END_TEST

START_TEST(what_is_no_scope_is_none)
{
	static const char *const names[] = { "", "none", "Admin", "admin ", " admin", "read",
		"read-only\n", "read_only", "root" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_msg(scope_from_name(names[i]) == SCOPE_NONE, "\"%s\"", names[i]);
	ck_assert_str_eq(scope_name(SCOPE_NONE), "none");
	ck_assert_str_eq(scope_name(SCOPE_READ_ONLY + 1), "none");
	ck_assert_str_eq(scope_name((enum scope) - 1), "none");
}
END_TEST

START_TEST(a_wider_scope_is_a_larger_number)
{
	ck_assert_int_lt(SCOPE_NONE, SCOPE_READ_ONLY);
	ck_assert_int_lt(SCOPE_READ_ONLY, SCOPE_READ_WRITE);
	ck_assert_int_lt(SCOPE_READ_WRITE, SCOPE_ADMIN);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scope");
	TCase *tests = tcase_create("scope");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, a_scope_is_found_by_its_own_name);
	tcase_add_test(tests, what_is_no_scope_is_none);
	tcase_add_test(tests, a_wider_scope_is_a_larger_number);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
