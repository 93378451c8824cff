/* SPDX-License-Identifier: MIT */

/* Two who would do the same thing at the same time. */

#include "host/lock.h"
#include "lib/cleanup.h"

#include <check.h>
#include <fcntl.h>

static char folder[] = "/tmp/lock_test.XXXXXX";

static void go_in(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

static void go_out(void)
{
	(void)unlink("lock");
	(void)unlink("link");
	ck_assert_int_eq(rmdir(folder), 0);
}

START_TEST(who_comes_second_waits_no_longer_than_its_patience)
{
	int first = lock_take("lock", 0);

	ck_assert_int_ge(first, 0);
	ck_assert_int_eq(lock_take("lock", 0), -ETIMEDOUT);
	ck_assert_int_eq(lock_take("lock", 20), -ETIMEDOUT);
	close(first);
}
END_TEST

START_TEST(closing_releases_it)
{
	int first = lock_take("lock", 0), second;

	close(first);
	second = lock_take("lock", 0);
	ck_assert_int_ge(second, 0);
	ck_assert_int_eq(fcntl(second, F_GETFD), FD_CLOEXEC);
	close(second);
}
END_TEST

START_TEST(a_link_or_a_missing_folder_is_no_lock)
{
	ck_assert_int_eq(symlink("lock", "link"), 0);
	ck_assert_int_eq(lock_take("link", 0), -ELOOP);
	ck_assert_int_eq(lock_take("missing/lock", 0), -ENOENT);
}
END_TEST

static Suite *lock_suite(void)
{
	Suite *suite = suite_create("lock");
	TCase *tests = tcase_create("lock");

	tcase_add_checked_fixture(tests, go_in, go_out);
	tcase_add_test(tests, who_comes_second_waits_no_longer_than_its_patience);
	tcase_add_test(tests, closing_releases_it);
	tcase_add_test(tests, a_link_or_a_missing_folder_is_no_lock);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(lock_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
