/* SPDX-License-Identifier: MIT */

/* Which names and numbers are ours: at every end of what is. */

#include "lib/account.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST "a2345678901234567890123" /* of ACCOUNT_LOGIN_MAX bytes */

static const struct {
	const char *login;
	bool valid;
} logins[] = {
	{ "a", true }, { "ana", true }, { "z9-_", true }, { "ana-", true }, { LONGEST, true },
	{ LONGEST "4", false }, { LONGEST LONGEST, false }, { "", false }, { "9ana", false },
	{ "-ana", false }, { "_ana", false }, { "Ana", false }, { "anA", false }, { "an a", false },
	{ "ana.", false }, { "ana/../ben", false }, { "ana:x", false }, { "ana\n", false },
	{ "ana\t", false }, { "an\xc3\xa4", false }, { "`na", false }, /* the one before 'a' */
	{ "{na", false },                                              /* the one behind 'z' */
};

START_TEST(a_login_is_a_letter_and_then_what_is_safe_in_a_file_name)
{
	ck_assert_int_eq(account_login_is_valid(logins[_i].login), logins[_i].valid);
}
END_TEST

START_TEST(a_name_is_ours_with_the_prefix_and_a_valid_login)
{
	char name[2 * sizeof(LONGEST) + ACCOUNT_PREFIX_LEN];

	snprintf(name, sizeof(name), ACCOUNT_PREFIX "%s", logins[_i].login);
	ck_assert_int_eq(account_name_is_ours(name), logins[_i].valid);
	ck_assert(!account_name_is_ours(logins[_i].login));
}
END_TEST

START_TEST(a_name_of_ours_fits_where_names_are_kept)
{
	ck_assert_uint_eq(strlen(LONGEST), ACCOUNT_LOGIN_MAX);
	ck_assert_uint_eq(strlen(ACCOUNT_PREFIX LONGEST), ACCOUNT_NAME_MAX);
}
END_TEST

START_TEST(what_only_looks_like_a_name_of_ours_is_not)
{
	static const char *const names[] = { "", "support", "support-", "Support-ana",
		" support-ana", "xsupport-ana", "support_ana", "supportana", "support--ana",
		"root" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_msg(!account_name_is_ours(names[i]), "\"%s\"", names[i]);
}
END_TEST

START_TEST(numbers_are_ours_within_their_range)
{
	ck_assert(!account_uid_is_ours(0));
	ck_assert(!account_uid_is_ours(ACCOUNT_UID_FIRST - 1));
	ck_assert(account_uid_is_ours(ACCOUNT_UID_FIRST));
	ck_assert(account_uid_is_ours(ACCOUNT_UID_LAST));
	ck_assert(!account_uid_is_ours(ACCOUNT_UID_LAST + 1));
	ck_assert(!account_uid_is_ours((uid_t)-1));
	ck_assert(!account_gid_is_ours(0));
	ck_assert(!account_gid_is_ours(ACCOUNT_GID - 1));
	ck_assert(account_gid_is_ours(ACCOUNT_GID));
	ck_assert(account_gid_is_ours(ACCOUNT_GID_ADMIN));
	ck_assert(!account_gid_is_ours(ACCOUNT_GID_ADMIN + 1));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("account");
	TCase *tests = tcase_create("account");
	SRunner *runner = srunner_create(suite);
	const int n = sizeof(logins) / sizeof(logins[0]);
	int failed;

	tcase_add_loop_test(tests, a_login_is_a_letter_and_then_what_is_safe_in_a_file_name, 0, n);
	tcase_add_loop_test(tests, a_name_is_ours_with_the_prefix_and_a_valid_login, 0, n);
	tcase_add_test(tests, a_name_of_ours_fits_where_names_are_kept);
	tcase_add_test(tests, what_only_looks_like_a_name_of_ours_is_not);
	tcase_add_test(tests, numbers_are_ours_within_their_range);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
