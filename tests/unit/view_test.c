/* SPDX-License-Identifier: MIT */

/* Reading a view, and publishing one. */

#include "lib/view.h"

#include "lib/cleanup.h"
#include "tests/unit/sample_accounts.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

static char folder[] = "/tmp/view-test-XXXXXX";
static char path[64];
static uint8_t *bytes;
static size_t length;
static struct view view;
static char buffer[4096];

static void set_up(void)
{
	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/accounts", folder);
	ck_assert_int_eq(view_build(samples, SAMPLES, &bytes, &length), 0);
	ck_assert_int_eq(view_init(bytes, length, &view), 0);
}

static void tear_down(void)
{
	free(bytes);
	(void)unlink(path);
	(void)rmdir(path);
	(void)rmdir(folder);
}

static void put(const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, data, size), (ssize_t)size);
	close(fd);
}

/* --- what is written is found --- */

START_TEST(an_account_is_found_by_name_and_by_uid)
{
	struct view_account got;
	size_t i;

	for (i = 0; i < SAMPLES; i++) {
		ck_assert_int_eq(
			view_account_by_name(&view, samples[i].name, buffer, sizeof(buffer), &got),
			0);
		ck_assert(is_sample(&got));
		ck_assert_int_eq(got.uid, samples[i].uid);
		ck_assert_int_eq(
			view_account_by_uid(&view, samples[i].uid, buffer, sizeof(buffer), &got),
			0);
		ck_assert(is_sample(&got));
		ck_assert_str_eq(got.name, samples[i].name);
	}
}
END_TEST

START_TEST(what_was_not_written_is_not_found)
{
	static const char *const names[] = { "support-an", "support-anabell", "support-", "",
		"root" };
	static const uid_t uids[] = { 0, 70000, 70004, 99999, UINT32_MAX };
	struct view_account got;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_int_eq(
			view_account_by_name(&view, names[i], buffer, sizeof(buffer), &got),
			-ENOENT);
	for (i = 0; i < sizeof(uids) / sizeof(uids[0]); i++)
		ck_assert_int_eq(
			view_account_by_uid(&view, uids[i], buffer, sizeof(buffer), &got), -ENOENT);
}
END_TEST

START_TEST(accounts_are_listed_by_uid)
{
	struct view_account got;
	size_t i;

	for (i = 0; i < SAMPLES; i++) {
		ck_assert_int_eq(view_account_at(&view, i, buffer, sizeof(buffer), &got), 0);
		ck_assert(is_sample(&got));
		ck_assert_uint_eq(got.uid, 70001 + i);
	}
	ck_assert_int_eq(view_account_at(&view, i, buffer, sizeof(buffer), &got), -ENODATA);
}
END_TEST

START_TEST(a_group_has_the_accounts_that_have_its_gid)
{
	struct view_group got;

	ck_assert_int_eq(
		view_group_by_name(&view, "supportaccess-readonly", buffer, sizeof(buffer), &got),
		0);
	ck_assert_uint_eq(got.gid, ACCOUNT_GID_READONLY);
	ck_assert_str_eq(got.members[0], "support-ana");
	ck_assert_ptr_null(got.members[1]);
	ck_assert_int_eq(view_group_by_gid(&view, ACCOUNT_GID, buffer, sizeof(buffer), &got), 0);
	ck_assert_str_eq(got.name, "supportaccess");
	ck_assert_ptr_null(got.members[0]);
	ck_assert_int_eq(
		view_group_by_name(&view, "supportaccess-", buffer, sizeof(buffer), &got), -ENOENT);
	ck_assert_int_eq(view_group_by_gid(&view, 70004, buffer, sizeof(buffer), &got), -ENOENT);
}
END_TEST

START_TEST(all_four_groups_are_listed)
{
	static const char *const names[] = { ACCOUNT_GROUP, ACCOUNT_GROUP_READONLY,
		ACCOUNT_GROUP_READWRITE, ACCOUNT_GROUP_ADMIN };
	struct view_group got;
	size_t i;

	for (i = 0; i < 4; i++) {
		ck_assert_int_eq(view_group_at(&view, i, buffer, sizeof(buffer), &got), 0);
		ck_assert_str_eq(got.name, names[i]);
		ck_assert_uint_eq(got.gid, ACCOUNT_GID + i);
	}
	ck_assert_int_eq(view_group_at(&view, 4, buffer, sizeof(buffer), &got), -ENODATA);
}
END_TEST

START_TEST(a_buffer_may_be_exactly_large_enough_and_no_smaller)
{
	const size_t text = sizeof("support-ben") + sizeof("Ben Example") +
			    sizeof("/home/support-ben") + sizeof("/usr/sbin/nologin");
	struct view_account got;
	struct view_group group;
	size_t size;

	for (size = 0; size < text; size++)
		ck_assert_int_eq(view_account_by_uid(&view, 70002, buffer, size, &got), -ERANGE);
	ck_assert_int_eq(view_account_by_uid(&view, 70002, buffer, size, &got), 0);
	for (size = 0; view_group_by_gid(&view, 70001, buffer + 1, size, &group) == -ERANGE; size++)
		;
	ck_assert_uint_eq(size, sizeof(char *) - 1 + 3 * sizeof(char *) +
					sizeof("supportaccess-readonly") + sizeof("support-ana"));
	ck_assert_str_eq(group.members[0], "support-ana");
}
END_TEST

START_TEST(as_many_accounts_as_there_are_uids_are_all_found)
{
	static struct view_account many[VIEW_ACCOUNTS_MAX + 1];
	static char names[VIEW_ACCOUNTS_MAX + 1][24];
	_cleanup_(freep) uint8_t *large = NULL;
	struct view_account got;
	size_t i;

	for (i = 0; i <= VIEW_ACCOUNTS_MAX; i++) {
		many[i] = samples[0];
		snprintf(names[i], sizeof(names[i]), "support-a%zu", i);
		many[i].name = names[i];
		many[i].uid = (uid_t)(ACCOUNT_UID_FIRST + i);
	}
	ck_assert_int_eq(view_build(many, VIEW_ACCOUNTS_MAX + 1, &large, &length), -E2BIG);
	ck_assert_int_eq(view_build(many, VIEW_ACCOUNTS_MAX, &large, &length), 0);
	ck_assert_int_eq(view_init(large, length, &view), 0);
	for (i = 0; i < VIEW_ACCOUNTS_MAX; i++) {
		ck_assert_int_eq(
			view_account_by_name(&view, names[i], buffer, sizeof(buffer), &got), 0);
		ck_assert_uint_eq(got.uid, many[i].uid);
		ck_assert_int_eq(
			view_account_by_uid(&view, many[i].uid, buffer, sizeof(buffer), &got), 0);
		ck_assert_str_eq(got.name, names[i]);
	}
}
END_TEST

START_TEST(no_account_at_all_is_a_view_too)
{
	_cleanup_(freep) uint8_t *empty = NULL;
	struct view_account got;

	ck_assert_int_eq(view_build(NULL, 0, &empty, &length), 0);
	ck_assert_int_eq(view_init(empty, length, &view), 0);
	ck_assert_int_eq(
		view_account_by_name(&view, "support-ana", buffer, sizeof(buffer), &got), -ENOENT);
	ck_assert_int_eq(view_account_at(&view, 0, buffer, sizeof(buffer), &got), -ENODATA);
}
END_TEST

/* --- files --- */

START_TEST(what_is_published_is_opened)
{
	struct view_account got;
	struct stat st;

	(void)umask(077);
	ck_assert_int_eq(view_publish(path, samples, SAMPLES), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0644);
	ck_assert_int_eq(view_open(path, geteuid(), &view), 0);
	ck_assert_int_eq(
		view_account_by_name(&view, "support-ana", buffer, sizeof(buffer), &got), 0);
	ck_assert(is_sample(&got));
	ck_assert(!view_is_superseded(&view));
	view_close(&view);
	view_close(&view);
}
END_TEST

START_TEST(publishing_marks_the_view_before_and_leaves_it_whole)
{
	struct view old, new;
	struct view_account got;

	ck_assert_int_eq(view_publish(path, samples, SAMPLES), 0);
	ck_assert_int_eq(view_open(path, geteuid(), &old), 0);
	ck_assert_int_eq(view_publish(path, samples, 1), 0);
	ck_assert(view_is_superseded(&old));
	ck_assert_int_eq(
		view_account_by_name(&old, "support-ana", buffer, sizeof(buffer), &got), 0);
	ck_assert_int_eq(view_open(path, geteuid(), &new), 0);
	ck_assert(!view_is_superseded(&new));
	ck_assert_int_eq(
		view_account_by_name(&new, "support-ana", buffer, sizeof(buffer), &got), -ENOENT);
	view_close(&old);
	view_close(&new);
}
END_TEST

START_TEST(a_view_can_be_marked_where_it_lies)
{
	ck_assert_int_eq(view_mark_superseded(path), 0);
	ck_assert_int_eq(view_publish(path, samples, SAMPLES), 0);
	ck_assert_int_eq(view_mark_superseded(path), 0);
	ck_assert_int_eq(view_open(path, geteuid(), &view), 0);
	ck_assert(view_is_superseded(&view));
	view_close(&view);
}
END_TEST

START_TEST(a_view_that_cannot_be_built_leaves_the_one_before)
{
	struct view_account wrong = samples[0];

	ck_assert_int_eq(view_publish(path, samples, SAMPLES), 0);
	wrong.name = "root";
	ck_assert_int_eq(view_publish(path, &wrong, 1), -EINVAL);
	ck_assert_int_eq(view_open(path, geteuid(), &view), 0);
	ck_assert(!view_is_superseded(&view));
	view_close(&view);
}
END_TEST

START_TEST(what_a_killed_writer_left_is_in_nobodys_way)
{
	char beside[80];

	snprintf(beside, sizeof(beside), "%s.new", path);
	ck_assert_int_eq(symlink("/nonexistent", beside), 0);
	ck_assert_int_eq(view_publish(path, samples, SAMPLES), 0);
	ck_assert_int_eq(access(beside, F_OK), -1);
	ck_assert_int_eq(view_open(path, geteuid(), &view), 0);
	view_close(&view);
}
END_TEST

START_TEST(what_is_no_regular_file_is_refused_and_replaced)
{
	ck_assert_int_eq(view_open(path, geteuid(), &view), -ENOENT);
	ck_assert_int_eq(mkfifo(path, 0644), 0);
	ck_assert_int_eq(view_open(path, geteuid(), &view), -EPERM);
	ck_assert_int_eq(view_publish(path, samples, SAMPLES), 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("/etc/passwd", path), 0);
	ck_assert_int_eq(view_open(path, geteuid(), &view), -ELOOP);
	ck_assert_int_eq(view_publish(path, samples, SAMPLES), 0);
	ck_assert_int_eq(view_open(path, geteuid(), &view), 0);
	view_close(&view);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	ck_assert_int_eq(view_open(path, geteuid(), &view), -EPERM);
}
END_TEST

START_TEST(a_file_of_somebody_else_is_refused)
{
	ck_assert_int_eq(view_publish(path, samples, SAMPLES), 0);
	ck_assert_int_eq(view_open(path, geteuid() + 1, &view), -EPERM);
	ck_assert_int_eq(chmod(path, 0664), 0);
	ck_assert_int_eq(view_open(path, geteuid(), &view), -EPERM);
	ck_assert_int_eq(chmod(path, 0646), 0);
	ck_assert_int_eq(view_open(path, geteuid(), &view), -EPERM);
}
END_TEST

START_TEST(a_damaged_file_is_refused_and_replaced)
{
	put("", 0);
	ck_assert_int_eq(view_open(path, geteuid(), &view), -EBADMSG);
	ck_assert_int_eq(view_mark_superseded(path), 0);
	put(bytes, length - 1);
	ck_assert_int_eq(view_open(path, geteuid(), &view), -EBADMSG);
	ck_assert_int_eq(view_publish(path, samples, SAMPLES), 0);
	ck_assert_int_eq(view_open(path, geteuid(), &view), 0);
	view_close(&view);
}
END_TEST

static void reading(Suite *suite)
{
	const TTest *const tests[] = {
		an_account_is_found_by_name_and_by_uid,
		what_was_not_written_is_not_found,
		accounts_are_listed_by_uid,
		a_group_has_the_accounts_that_have_its_gid,
		all_four_groups_are_listed,
		a_buffer_may_be_exactly_large_enough_and_no_smaller,
		as_many_accounts_as_there_are_uids_are_all_found,
		no_account_at_all_is_a_view_too,
	};
	TCase *tcase = tcase_create("reading");
	size_t i;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 60);
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
}

static void files(Suite *suite)
{
	const TTest *const tests[] = {
		what_is_published_is_opened,
		publishing_marks_the_view_before_and_leaves_it_whole,
		a_view_can_be_marked_where_it_lies,
		a_view_that_cannot_be_built_leaves_the_one_before,
		what_a_killed_writer_left_is_in_nobodys_way,
		what_is_no_regular_file_is_refused_and_replaced,
		a_file_of_somebody_else_is_refused,
		a_damaged_file_is_refused_and_replaced,
	};
	TCase *tcase = tcase_create("files");
	size_t i;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 60);
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
}

int main(void)
{
	Suite *suite = suite_create("view");
	SRunner *runner = srunner_create(suite);
	int failed;

	reading(suite);
	files(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
