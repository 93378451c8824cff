/* SPDX-License-Identifier: MIT */

/* What a view may contain. */

#include "lib/view.h"

#include "lib/cleanup.h"
#include "tests/unit/sample_accounts.h"

#include <check.h>
#include <errno.h>

static int build_one(struct view_account account)
{
	_cleanup_(freep) uint8_t *one = NULL;
	size_t size;

	return view_build(&account, 1, &one, &size);
}

START_TEST(what_is_not_ours_is_not_written)
{
	struct view_account account = samples[0];

	account.name = "root";
	ck_assert_int_eq(build_one(account), -EINVAL);
	account.name = samples[0].name;
	account.uid = ACCOUNT_UID_FIRST - 1;
	ck_assert_int_eq(build_one(account), -EINVAL);
	account.uid = ACCOUNT_UID_LAST + 1;
	ck_assert_int_eq(build_one(account), -EINVAL);
	account.uid = ACCOUNT_UID_LAST;
	ck_assert_int_eq(build_one(account), 0);
}
END_TEST

START_TEST(what_has_no_place_in_a_line_of_passwd_is_not_written)
{
	static const char *const texts[] = { "a:b", "a\nb", "\x1b[2J", "\x7f" };
	struct view_account account;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		account = samples[0];
		account.full_name = texts[i];
		ck_assert_int_eq(build_one(account), -EINVAL);
	}
	account = samples[0];
	account.home = "home";
	ck_assert_int_eq(build_one(account), -EINVAL);
	account = samples[0];
	account.shell = "";
	ck_assert_int_eq(build_one(account), -EINVAL);
}
END_TEST

START_TEST(texts_may_be_as_long_as_their_limit)
{
	static const struct {
		size_t field, max;
	} fields[] = {
		{ offsetof(struct view_account, full_name), ACCOUNT_FULL_NAME_MAX },
		{ offsetof(struct view_account, home), VIEW_HOME_MAX },
		{ offsetof(struct view_account, shell), VIEW_SHELL_MAX },
	};
	struct view_account account;
	char text[VIEW_SHELL_MAX + 2];
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		account = samples[0];
		memset(text, '/', sizeof(text));
		text[fields[i].max + 1] = '\0';
		*(const char **)(void *)((char *)&account + fields[i].field) = text;
		ck_assert_int_eq(build_one(account), -E2BIG);
		text[fields[i].max] = '\0';
		ck_assert_int_eq(build_one(account), 0);
	}
	account = samples[0];
	account.gids_count = VIEW_GIDS_MAX;
	ck_assert_int_eq(build_one(account), 0);
	account.gids_count = VIEW_GIDS_MAX + 1;
	ck_assert_int_eq(build_one(account), -E2BIG);
}
END_TEST

START_TEST(the_longest_account_is_read_back)
{
	char name[ACCOUNT_NAME_MAX + 1] = "support-", full[ACCOUNT_FULL_NAME_MAX + 1] = "";
	char home[VIEW_HOME_MAX + 1] = "/", shell[VIEW_SHELL_MAX + 1] = "/";
	struct view_account longest = { .name = name,
		.full_name = full,
		.home = home,
		.shell = shell,
		.uid = 70001,
		.gids_count = VIEW_GIDS_MAX },
			    got;
	_cleanup_(freep) uint8_t *one = NULL;
	char buffer[VIEW_TEXT_MAX];
	struct view view;
	size_t length;

	memset(name + ACCOUNT_PREFIX_LEN, 'a', ACCOUNT_LOGIN_MAX);
	memset(full, 'b', sizeof(full) - 1);
	memset(home + 1, 'c', sizeof(home) - 2);
	memset(shell + 1, 'd', sizeof(shell) - 2);
	ck_assert_int_eq(view_build(&longest, 1, &one, &length), 0);
	ck_assert_int_eq(view_init(one, length, &view), 0);
	ck_assert_int_eq(view_account_by_name(&view, name, buffer, sizeof(buffer), &got), 0);
	ck_assert_str_eq(got.shell, shell);
	ck_assert_uint_eq(got.gids_count, VIEW_GIDS_MAX);
}
END_TEST

START_TEST(a_name_or_a_uid_twice_is_refused)
{
	struct view_account twice[2] = { samples[0], samples[1] };
	_cleanup_(freep) uint8_t *none = NULL;
	size_t length;

	twice[1].uid = twice[0].uid;
	ck_assert_int_eq(view_build(twice, 2, &none, &length), -EEXIST);
	twice[1] = samples[1];
	twice[1].name = twice[0].name;
	ck_assert_int_eq(view_build(twice, 2, &none, &length), -EEXIST);
}
END_TEST

static void building(Suite *suite)
{
	const TTest *const tests[] = {
		what_is_not_ours_is_not_written,
		what_has_no_place_in_a_line_of_passwd_is_not_written,
		texts_may_be_as_long_as_their_limit,
		the_longest_account_is_read_back,
		a_name_or_a_uid_twice_is_refused,
	};
	TCase *tcase = tcase_create("building");
	size_t i;

	tcase_set_timeout(tcase, 60);
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
}

int main(void)
{
	Suite *suite = suite_create("view_build");
	SRunner *runner = srunner_create(suite);
	int failed;

	building(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
