/* SPDX-License-Identifier: MIT */

/* Lines of nsswitch.conf: ours comes last, and nothing else is touched. */

#include "admin/nsswitch.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEBIAN                                                                                     \
	"# /etc/nsswitch.conf\n\npasswd:         files systemd\ngroup:          files systemd\n"   \
	"shadow:         files\n\nhosts:          files dns\n"

static char *changed;

static void teardown(void)
{
	free(changed);
	changed = NULL;
}

START_TEST(our_word_is_put_last_in_both_lines)
{
	ck_assert_int_eq(nsswitch_add(DEBIAN, &changed), 0);
	ck_assert_str_eq(changed,
		"# /etc/nsswitch.conf\n\npasswd:         files systemd supportaccess\n"
		"group:          files systemd supportaccess\nshadow:         files\n\n"
		"hosts:          files dns\n");
}
END_TEST

START_TEST(removing_gives_the_very_bytes_back)
{
	char *back = NULL;

	ck_assert_int_eq(nsswitch_add(DEBIAN, &changed), 0);
	ck_assert_int_eq(nsswitch_remove(changed, &back), 0);
	ck_assert_str_eq(back, DEBIAN);
	free(back);
}
END_TEST

START_TEST(a_word_that_stands_there_twice_is_removed_twice)
{
	ck_assert_int_eq(nsswitch_remove("passwd: supportaccess files supportaccess # us\n"
					 "group: files\n",
				 &changed),
		0);
	ck_assert_str_eq(changed, "passwd: files # us\ngroup: files\n");
}
END_TEST

START_TEST(what_is_there_already_is_no_change)
{
	ck_assert_int_eq(
		nsswitch_add("passwd: files supportaccess\ngroup: files supportaccess\n", &changed),
		1);
	ck_assert_str_eq(changed, "passwd: files supportaccess\ngroup: files supportaccess\n");
}
END_TEST

START_TEST(one_of_the_two_lines_is_added_alone)
{
	ck_assert_int_eq(nsswitch_add("passwd: files supportaccess\ngroup: files\n", &changed), 0);
	ck_assert_str_eq(changed, "passwd: files supportaccess\ngroup: files supportaccess\n");
}
END_TEST

START_TEST(a_comment_and_a_missing_line_end_stay)
{
	ck_assert_int_eq(nsswitch_add("group:\tfiles  # ours\n  passwd : files ldap", &changed), 0);
	ck_assert_str_eq(changed,
		"group:\tfiles supportaccess  # ours\n  passwd : files ldap supportaccess");
}
END_TEST

START_TEST(a_missing_line_is_an_error_and_changes_nothing)
{
	ck_assert_int_eq(nsswitch_add("passwd: files\npasswd_compat: nis\n", &changed), -ENODATA);
	ck_assert_int_eq(nsswitch_add("", &changed), -ENODATA);
	ck_assert_ptr_null(changed);
}
END_TEST

START_TEST(a_word_that_only_begins_like_ours_is_another)
{
	ck_assert_int_eq(
		nsswitch_find("passwd: files supportaccess2\n", "passwd"), NSSWITCH_MISSING);
	ck_assert_int_eq(nsswitch_remove("passwd: supportaccess2\ngroup: a\n", &changed), 1);
}
END_TEST

START_TEST(the_place_in_the_line_is_told)
{
	static const struct {
		const char *text;
		enum nsswitch_place place;
	} rows[] = {
		{ "passwd: files supportaccess\n", NSSWITCH_LAST },
		{ "passwd: files supportaccess # last\n", NSSWITCH_LAST },
		{ "passwd: files supportaccess", NSSWITCH_LAST },
		{ "passwd: files\n", NSSWITCH_MISSING },
		{ "group: supportaccess\n", NSSWITCH_MISSING },
		{ "# passwd: supportaccess\npasswd: files\n", NSSWITCH_MISSING },
		{ "passwd: files # supportaccess\n", NSSWITCH_MISSING },
		{ "passwd: supportaccess files\n", NSSWITCH_EARLIER },
		{ "passwd: files [NOTFOUND=return] supportaccess\n", NSSWITCH_BARRED },
		{ "passwd: files [notfound=return] supportaccess\n", NSSWITCH_BARRED },
		{ "passwd: files [SUCCESS=return] supportaccess\n", NSSWITCH_LAST },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(
			nsswitch_find(rows[i].text, "passwd") == rows[i].place, "%s", rows[i].text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("admin_nsswitch");
	TCase *tests = tcase_create("nsswitch.conf");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, NULL, teardown);
	tcase_add_test(tests, our_word_is_put_last_in_both_lines);
	tcase_add_test(tests, removing_gives_the_very_bytes_back);
	tcase_add_test(tests, a_word_that_stands_there_twice_is_removed_twice);
	tcase_add_test(tests, what_is_there_already_is_no_change);
	tcase_add_test(tests, one_of_the_two_lines_is_added_alone);
	tcase_add_test(tests, a_comment_and_a_missing_line_end_stay);
	tcase_add_test(tests, a_missing_line_is_an_error_and_changes_nothing);
	tcase_add_test(tests, a_word_that_only_begins_like_ours_is_another);
	tcase_add_test(tests, the_place_in_the_line_is_told);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
