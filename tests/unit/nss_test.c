/* SPDX-License-Identifier: MIT */

/* The NSS module as glibc calls it, on a view of the test's own. */

#include "nss/nss.h"

#include "lib/cleanup.h"
#include "nss/kept.h"
#include "nss/place.h"
#include "tests/unit/sample_accounts.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>

#define THREADS   12 /* more than there are cells */
#define PUBLISHED 200

static char folder[] = "/tmp/nss-test-XXXXXX";
static char path[64];
static char buffer[4096];
static struct passwd pw;
static struct group gr;
static int error;

/* In the place of nss/place.c: how often the module asked where to look. */
static atomic_int looks;

const char *place_path(void)
{
	atomic_fetch_add(&looks, 1);
	return path;
}

uid_t place_owner(void)
{
	return geteuid();
}

static void set_up(void)
{
	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/accounts", folder);
	ck_assert_int_eq(view_publish(path, samples, SAMPLES), 0);
	error = 0;
}

static void tear_down(void)
{
	(void)unlink(path);
	(void)rmdir(folder);
}

static enum nss_status by_name(const char *name)
{
	return _nss_supportaccess_getpwnam_r(name, &pw, buffer, sizeof(buffer), &error);
}

static enum nss_status by_uid(uid_t uid)
{
	return _nss_supportaccess_getpwuid_r(uid, &pw, buffer, sizeof(buffer), &error);
}

/* --- passwd --- */

START_TEST(an_account_reads_like_a_line_of_passwd)
{
	ck_assert_int_eq(by_name("support-ana"), NSS_STATUS_SUCCESS);
	ck_assert_str_eq(pw.pw_name, "support-ana");
	ck_assert_str_eq(pw.pw_passwd, "*");
	ck_assert_uint_eq(pw.pw_uid, 70001);
	ck_assert_uint_eq(pw.pw_gid, ACCOUNT_GID);
	ck_assert_str_eq(pw.pw_gecos, "Ana Exämple");
	ck_assert_str_eq(pw.pw_dir, "/home/support-ana");
	ck_assert_str_eq(pw.pw_shell, "/usr/libexec/supportaccess/supportaccess-shell");
	ck_assert_int_eq(by_uid(70002), NSS_STATUS_SUCCESS);
	ck_assert_str_eq(pw.pw_name, "support-ben");
}
END_TEST

START_TEST(an_answer_lies_in_the_callers_buffer)
{
	ck_assert_int_eq(by_uid(70002), NSS_STATUS_SUCCESS);
	ck_assert(pw.pw_name >= buffer && pw.pw_name < buffer + sizeof(buffer));
	ck_assert(pw.pw_passwd >= buffer && pw.pw_passwd < buffer + sizeof(buffer));
	ck_assert(pw.pw_shell >= buffer && pw.pw_shell < buffer + sizeof(buffer));
}
END_TEST

START_TEST(for_a_name_or_uid_that_is_not_ours_the_view_is_not_looked_for)
{
	static const char *const names[] = { "root", "carol", "", "support", "support-",
		"support-Ana", "support-ana.b", "support-aaaaaaaaaaaaaaaaaaaaaaaa" };
	static const uid_t uids[] = { 0, 1000, 65534, 69999, 100000, UINT32_MAX };
	static const char *const groups[] = { "root", "adm", "", "support", "support-ana" };
	static const gid_t gids[] = { 0, 4, 69999, 70004 };
	long int start = 0, size = 0;
	gid_t *list = NULL;
	size_t i;

	errno = EXDEV;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_int_eq(by_name(names[i]), NSS_STATUS_NOTFOUND);
		ck_assert_int_eq(_nss_supportaccess_initgroups_dyn(
					 names[i], 0, &start, &size, &list, -1, &error),
			NSS_STATUS_NOTFOUND);
	}
	for (i = 0; i < sizeof(uids) / sizeof(uids[0]); i++)
		ck_assert_int_eq(by_uid(uids[i]), NSS_STATUS_NOTFOUND);
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		ck_assert_int_eq(_nss_supportaccess_getgrnam_r(
					 groups[i], &gr, buffer, sizeof(buffer), &error),
			NSS_STATUS_NOTFOUND);
	for (i = 0; i < sizeof(gids) / sizeof(gids[0]); i++)
		ck_assert_int_eq(
			_nss_supportaccess_getgrgid_r(gids[i], &gr, buffer, sizeof(buffer), &error),
			NSS_STATUS_NOTFOUND);
	ck_assert_int_eq(looks, 0);
	ck_assert_int_eq(errno, EXDEV);
	ck_assert_int_eq(error, 0);
}
END_TEST

START_TEST(a_buffer_that_is_too_small_is_asked_for_again)
{
	enum nss_status status;
	size_t size = 0;

	do {
		_cleanup_(freep) char *exact = malloc(size + 1);

		ck_assert_ptr_nonnull(exact);
		error = 0;
		status = _nss_supportaccess_getpwuid_r(70002, &pw, exact, size, &error);
		if (status == NSS_STATUS_TRYAGAIN)
			ck_assert_int_eq(error, ERANGE);
		size++;
	} while (status == NSS_STATUS_TRYAGAIN);
	ck_assert_int_eq(status, NSS_STATUS_SUCCESS);
	ck_assert_uint_eq(size - 1, sizeof("*") + sizeof("support-ben") + sizeof("Ben Example") +
					    sizeof("/home/support-ben") +
					    sizeof("/usr/sbin/nologin"));
}
END_TEST

START_TEST(all_accounts_are_listed_once_and_again_after_setpwent)
{
	int round, i;

	for (round = 0; round < 2; round++) {
		_nss_supportaccess_setpwent(0);
		for (i = 0; i < SAMPLES; i++) {
			ck_assert_int_eq(_nss_supportaccess_getpwent_r(&pw, buffer, 2, &error),
				NSS_STATUS_TRYAGAIN);
			ck_assert_int_eq(
				_nss_supportaccess_getpwent_r(&pw, buffer, sizeof(buffer), &error),
				NSS_STATUS_SUCCESS);
			ck_assert_uint_eq(pw.pw_uid, (uid_t)(70001 + i));
		}
		ck_assert_int_eq(_nss_supportaccess_getpwent_r(&pw, buffer, sizeof(buffer), &error),
			NSS_STATUS_NOTFOUND);
		_nss_supportaccess_endpwent();
	}
}
END_TEST

/* --- group --- */

START_TEST(a_group_is_found_by_name_and_gid)
{
	ck_assert_int_eq(_nss_supportaccess_getgrnam_r(
				 "supportaccess-readonly", &gr, buffer, sizeof(buffer), &error),
		NSS_STATUS_SUCCESS);
	ck_assert_str_eq(gr.gr_passwd, "*");
	ck_assert_uint_eq(gr.gr_gid, ACCOUNT_GID_READONLY);
	ck_assert_str_eq(gr.gr_mem[0], "support-ana");
	ck_assert_ptr_null(gr.gr_mem[1]);
	ck_assert_int_eq(_nss_supportaccess_getgrgid_r(
				 ACCOUNT_GID_ADMIN, &gr, buffer, sizeof(buffer), &error),
		NSS_STATUS_SUCCESS);
	ck_assert_str_eq(gr.gr_name, "supportaccess-admin");
	ck_assert_ptr_null(gr.gr_mem[0]);
	ck_assert_int_eq(_nss_supportaccess_getgrgid_r(ACCOUNT_GID_ADMIN, &gr, buffer, 20, &error),
		NSS_STATUS_TRYAGAIN);
	ck_assert_int_eq(error, ERANGE);
}
END_TEST

START_TEST(all_groups_are_listed)
{
	int found = 0;

	_nss_supportaccess_setgrent(0);
	while (_nss_supportaccess_getgrent_r(&gr, buffer, sizeof(buffer), &error) ==
		NSS_STATUS_SUCCESS)
		ck_assert_uint_eq(gr.gr_gid, (gid_t)(ACCOUNT_GID + found++));
	_nss_supportaccess_endgrent();
	ck_assert_int_eq(found, 4);
}
END_TEST

START_TEST(an_accounts_groups_are_added_to_those_found_before)
{
	long int start = 2, size = 2;
	_cleanup_(freep) gid_t *list = malloc(2 * sizeof(gid_t));

	ck_assert_ptr_nonnull(list);
	list[0] = ACCOUNT_GID;
	list[1] = 101;
	ck_assert_int_eq(_nss_supportaccess_initgroups_dyn(
				 "support-ana", ACCOUNT_GID, &start, &size, &list, -1, &error),
		NSS_STATUS_SUCCESS);
	ck_assert_int_eq(start, 4);
	ck_assert_int_ge(size, 4);
	ck_assert_uint_eq(list[2], 4);
	ck_assert_uint_eq(list[3], ACCOUNT_GID_READONLY);
}
END_TEST

START_TEST(no_more_groups_are_added_than_the_caller_allows)
{
	long int start = 1, size = 1;
	_cleanup_(freep) gid_t *list = malloc(sizeof(gid_t));

	ck_assert_ptr_nonnull(list);
	list[0] = ACCOUNT_GID;
	ck_assert_int_eq(_nss_supportaccess_initgroups_dyn(
				 "support-ana", ACCOUNT_GID, &start, &size, &list, 2, &error),
		NSS_STATUS_SUCCESS);
	ck_assert_int_eq(start, 2);
	ck_assert_int_eq(size, 2);
	ck_assert_uint_eq(list[1], 4);
}
END_TEST

/* --- the view changes --- */

START_TEST(a_kept_map_is_asked_without_looking_at_the_path)
{
	int i;

	for (i = 0; i < 100; i++)
		ck_assert_int_eq(by_uid(70001), NSS_STATUS_SUCCESS);
	ck_assert_int_eq(by_name("support-nobody"), NSS_STATUS_NOTFOUND);
	ck_assert_int_eq(looks, 1);
}
END_TEST

START_TEST(a_new_view_is_seen_at_the_next_look_up)
{
	ck_assert_int_eq(by_name("support-ana"), NSS_STATUS_SUCCESS);
	ck_assert_int_eq(view_publish(path, samples, 1), 0);
	ck_assert_int_eq(by_name("support-ana"), NSS_STATUS_NOTFOUND);
	ck_assert_int_eq(by_name("support-ben"), NSS_STATUS_SUCCESS);
	ck_assert_int_eq(looks, 2);
}
END_TEST

START_TEST(a_marked_view_is_asked_but_the_path_is_looked_at_each_time)
{
	ck_assert_int_eq(view_mark_superseded(path), 0);
	ck_assert_int_eq(by_name("support-ana"), NSS_STATUS_SUCCESS);
	ck_assert_int_eq(by_name("support-ana"), NSS_STATUS_SUCCESS);
	ck_assert_int_eq(looks, 2);
	ck_assert_int_eq(view_publish(path, samples, SAMPLES), 0);
	ck_assert_int_eq(by_name("support-ana"), NSS_STATUS_SUCCESS);
	ck_assert_int_eq(by_name("support-ana"), NSS_STATUS_SUCCESS);
	ck_assert_int_eq(looks, 3);
}
END_TEST

START_TEST(a_missing_view_is_not_found_until_it_is_there)
{
	ck_assert_int_eq(by_name("support-ana"), NSS_STATUS_SUCCESS);
	ck_assert_int_eq(view_mark_superseded(path), 0);
	ck_assert_int_eq(unlink(path), 0);
	errno = EXDEV;
	ck_assert_int_eq(by_name("support-ana"), NSS_STATUS_NOTFOUND);
	_nss_supportaccess_setpwent(0);
	ck_assert_int_eq(_nss_supportaccess_getpwent_r(&pw, buffer, sizeof(buffer), &error),
		NSS_STATUS_NOTFOUND);
	ck_assert_int_eq(errno, EXDEV);
	ck_assert_int_eq(error, 0);
	ck_assert_int_eq(view_publish(path, samples, SAMPLES), 0);
	ck_assert_int_eq(by_name("support-ana"), NSS_STATUS_SUCCESS);
}
END_TEST

/* Writes one byte of the published file where it lies, as no program of ours does. */
static void scribble(off_t at, uint8_t value)
{
	_cleanup_(closep) int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_eq(pwrite(fd, &value, 1, at), 1);
}

START_TEST(a_byte_changed_below_a_kept_map_never_makes_a_wrong_answer)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	const off_t length = lseek(fd, 0, SEEK_END);
	uint8_t saved;
	off_t at;

	for (at = 0; at < length; at++) {
		ck_assert_int_eq(pread(fd, &saved, 1, at), 1);
		scribble(at, saved ^ 0x55);
		if (by_name("support-ana") == NSS_STATUS_SUCCESS) {
			ck_assert_uint_eq(pw.pw_uid, 70001);
			ck_assert_str_eq(pw.pw_dir, "/home/support-ana");
		}
		if (by_uid(70002) == NSS_STATUS_SUCCESS)
			ck_assert_str_eq(pw.pw_name, "support-ben");
		scribble(at, saved);
	}
	ck_assert_int_eq(by_name("support-ana"), NSS_STATUS_SUCCESS);
}
END_TEST

START_TEST(a_damaged_account_hides_itself_and_not_those_behind_it)
{
	struct view view;
	uint32_t first;
	int listed = 0;

	ck_assert_int_eq(view_open(path, geteuid(), &view), 0);
	memcpy(&first, view.bytes + view.header.order_at, sizeof(first));
	view_close(&view);
	scribble(first + (off_t)sizeof(struct view_record), 0xff);
	_nss_supportaccess_setpwent(0);
	while (_nss_supportaccess_getpwent_r(&pw, buffer, sizeof(buffer), &error) ==
		NSS_STATUS_SUCCESS)
		listed++;
	ck_assert_int_eq(listed, SAMPLES - 1);
	ck_assert_int_eq(by_uid(70001), NSS_STATUS_NOTFOUND);
	ck_assert_int_eq(by_uid(70002), NSS_STATUS_SUCCESS);
}
END_TEST

static int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

START_TEST(no_descriptor_stays_open)
{
	int before = count_descriptors();
	int i;

	for (i = 0; i < 20; i++) {
		ck_assert_int_eq(view_publish(path, samples, SAMPLES), 0);
		ck_assert_int_eq(by_uid(70001), NSS_STATUS_SUCCESS);
	}
	scribble(0, 1);
	ck_assert_int_eq(view_mark_superseded(path), 0);
	ck_assert_int_eq(by_uid(70001), NSS_STATUS_NOTFOUND);
	ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

/* --- threads and children --- */

static atomic_bool stop;
static atomic_long answers, wrong;

static void *ask_until_stopped(void *unused)
{
	char own[1024];
	struct passwd ret;
	int ignored;

	while (!atomic_load(&stop)) {
		if (_nss_supportaccess_getpwnam_r("support-ana", &ret, own, sizeof(own),
			    &ignored) != NSS_STATUS_SUCCESS ||
			ret.pw_uid != 70001 || strcmp(ret.pw_dir, "/home/support-ana") != 0)
			atomic_fetch_add(&wrong, 1);
		if (_nss_supportaccess_getpwuid_r(70002, &ret, own, sizeof(own), &ignored) !=
				NSS_STATUS_SUCCESS ||
			strcmp(ret.pw_name, "support-ben") != 0)
			atomic_fetch_add(&wrong, 1);
		atomic_fetch_add(&answers, 1);
	}
	return unused;
}

static void start_threads(pthread_t *threads)
{
	int i;

	for (i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_until_stopped, NULL), 0);
}

static void join_threads(const pthread_t *threads)
{
	int i;

	atomic_store(&stop, true);
	for (i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}

START_TEST(threads_get_right_answers_while_views_are_published)
{
	pthread_t threads[THREADS];
	int i;

	start_threads(threads);
	for (i = 0; i < PUBLISHED; i++)
		ck_assert_int_eq(view_publish(path, samples, SAMPLES), 0);
	join_threads(threads);
	ck_assert_int_gt(answers, 0);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

START_TEST(a_child_forked_amid_look_ups_of_other_threads_gets_its_answer)
{
	pthread_t threads[THREADS];
	int i, status;

	start_threads(threads);
	for (i = 0; i < 50; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			alarm(10);
			_exit(by_name("support-ana") == NSS_STATUS_SUCCESS ? 0 : 1);
		}
		ck_assert_int_gt(pid, 0);
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
	}
	join_threads(threads);
}
END_TEST

START_TEST(a_look_up_waits_for_no_cell)
{
	struct kept held[THREADS];
	int i;

	for (i = 0; i < THREADS; i++)
		ck_assert_int_eq(kept_take(&held[i]), 0);
	ck_assert_ptr_null(held[THREADS - 1].cell);
	ck_assert_int_eq(by_name("support-ana"), NSS_STATUS_SUCCESS);
	for (i = 0; i < THREADS; i++)
		kept_give(&held[i]);
	ck_assert_ptr_null(held[THREADS - 1].own.bytes);
}
END_TEST

static void add_case(Suite *suite, const char *name, const TTest *const *tests, size_t count)
{
	TCase *tcase = tcase_create(name);
	size_t i;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 60);
	for (i = 0; i < count; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static Suite *nss_suite(void)
{
	const TTest *const answers_of[] = {
		an_account_reads_like_a_line_of_passwd,
		an_answer_lies_in_the_callers_buffer,
		for_a_name_or_uid_that_is_not_ours_the_view_is_not_looked_for,
		a_buffer_that_is_too_small_is_asked_for_again,
		all_accounts_are_listed_once_and_again_after_setpwent,
		a_group_is_found_by_name_and_gid,
		all_groups_are_listed,
		an_accounts_groups_are_added_to_those_found_before,
		no_more_groups_are_added_than_the_caller_allows,
	};
	const TTest *const changes[] = {
		a_kept_map_is_asked_without_looking_at_the_path,
		a_new_view_is_seen_at_the_next_look_up,
		a_marked_view_is_asked_but_the_path_is_looked_at_each_time,
		a_missing_view_is_not_found_until_it_is_there,
		a_byte_changed_below_a_kept_map_never_makes_a_wrong_answer,
		a_damaged_account_hides_itself_and_not_those_behind_it,
		no_descriptor_stays_open,
		threads_get_right_answers_while_views_are_published,
		a_child_forked_amid_look_ups_of_other_threads_gets_its_answer,
		a_look_up_waits_for_no_cell,
	};
	Suite *suite = suite_create("nss");

	add_case(suite, "answers", answers_of, COUNT(answers_of));
	add_case(suite, "changes", changes, COUNT(changes));
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(nss_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
