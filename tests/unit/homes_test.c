/* SPDX-License-Identifier: MIT */

/* Homes of sessions without namespaces. */

#include "host/homes.h"

#include "tests/unit/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static char homes[] = "/tmp/homes-test-XXXXXX";
static struct problem problem;

static const char *in(const char *name)
{
	static char paths[4][256];
	static int next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", homes, name);
	return path;
}

static void start(void)
{
	ck_assert_ptr_nonnull(mkdtemp(homes));
	ck_assert_int_eq(mount("tmpfs", homes, "tmpfs", 0, "mode=755"), 0);
}

static void stop(void)
{
	(void)umount2(homes, MNT_DETACH);
	(void)rmdir(homes);
	strcpy(homes + strlen(homes) - 6, "XXXXXX");
}

static void make(void)
{
	problem = PROBLEM_NONE;
	ck_assert_msg(home_make(homes, "ana", JAIL_UID, &problem) == 0, "%s", problem.text);
}

static void take_away(void)
{
	problem = PROBLEM_NONE;
	ck_assert_msg(home_retire(homes, "ana", JAIL_UID, &problem) == 0, "%s", problem.text);
	ck_assert_msg(home_remove(homes, "ana", &problem) == 0, "%s", problem.text);
}

static void touch(const char *name)
{
	int fd = open(in(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	(void)close(fd);
}

static bool is_there(const char *name)
{
	struct stat st;

	return lstat(in(name), &st) == 0;
}

static void check_owner(const char *name, mode_t mode, uid_t uid)
{
	struct stat st;

	ck_assert_int_eq(lstat(in(name), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, mode);
	ck_assert_uint_eq(st.st_uid, uid);
}

START_TEST(a_home_is_the_agents_alone_and_what_sshd_reads_there_is_roots)
{
	make();
	check_owner("support-ana", 0700, JAIL_UID);
	check_owner("support-ana/.ssh", 0755, 0);
	check_owner("support-ana/.pam_environment", 0444, 0);
}
END_TEST

START_TEST(a_second_session_gets_the_home_of_the_first)
{
	make();
	touch("support-ana/notes");
	make();
	ck_assert(is_there("support-ana/notes"));
}
END_TEST

START_TEST(it_is_removed_with_all_that_is_in_it)
{
	make();
	ck_assert_int_eq(mkdir(in("support-ana/a"), 0700), 0);
	ck_assert_int_eq(mkdir(in("support-ana/a/b"), 0), 0);
	touch("support-ana/a/file");
	ck_assert_int_eq(mkfifo(in("support-ana/fifo"), 0600), 0);
	take_away();
	ck_assert(!is_there("support-ana"));
	ck_assert(!is_there(".support-ana.gone"));
}
END_TEST

START_TEST(no_link_is_followed)
{
	make();
	ck_assert_int_eq(mkdir(in("others"), 0755), 0);
	touch("others/file");
	ck_assert_int_eq(symlink(in("others"), in("support-ana/link")), 0);
	take_away();
	ck_assert(!is_there("support-ana"));
	ck_assert(is_there("others/file"));
}
END_TEST

START_TEST(what_is_mounted_in_it_is_left_alone_and_said)
{
	make();
	ck_assert_int_eq(mkdir(in("others"), 0755), 0);
	ck_assert_int_eq(mkdir(in("support-ana/bound"), 0755), 0);
	touch("others/file");
	ck_assert_int_eq(mount(in("others"), in("support-ana/bound"), NULL, MS_BIND, NULL), 0);
	ck_assert_int_eq(home_retire(homes, "ana", JAIL_UID, &problem), 0);
	ck_assert_int_eq(home_remove(homes, "ana", &problem), -EXDEV);
	ck_assert_ptr_nonnull(strstr(problem.text, "look and remove it"));
	ck_assert(is_there("others/file"));
	make(); /* and nobody is kept out by it */
}
END_TEST

START_TEST(a_session_that_opens_meanwhile_gets_a_new_one)
{
	make();
	touch("support-ana/notes");
	ck_assert_int_eq(home_retire(homes, "ana", JAIL_UID, &problem), 0);
	make();
	ck_assert(!is_there("support-ana/notes"));
	ck_assert_int_eq(home_remove(homes, "ana", &problem), 0);
	check_owner("support-ana", 0700, JAIL_UID);
}
END_TEST

START_TEST(one_that_was_left_half_made_is_in_nobodys_way)
{
	ck_assert_int_eq(mkdir(in(".support-ana.new"), 0700), 0);
	touch(".support-ana.new/half");
	make();
	check_owner("support-ana", 0700, JAIL_UID);
	ck_assert(!is_there(".support-ana.new"));
	ck_assert(!is_there("support-ana/half"));
}
END_TEST

START_TEST(what_is_not_the_agents_is_neither_used_nor_removed)
{
	ck_assert_int_eq(mkdir(in("support-ana"), 0755), 0);
	touch("support-ana/file");
	ck_assert_int_eq(home_make(homes, "ana", JAIL_UID, &problem), -EEXIST);
	ck_assert_ptr_nonnull(strstr(problem.text, "belongs to uid 0; move it away"));
	take_away();
	ck_assert(is_there("support-ana/file"));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_home_is_the_agents_alone_and_what_sshd_reads_there_is_roots,
		a_second_session_gets_the_home_of_the_first,
		it_is_removed_with_all_that_is_in_it,
		no_link_is_followed,
		what_is_mounted_in_it_is_left_alone_and_said,
		a_session_that_opens_meanwhile_gets_a_new_one,
		one_that_was_left_half_made_is_in_nobodys_way,
		what_is_not_the_agents_is_neither_used_nor_removed,
	};
	Suite *suite = suite_create("homes");
	TCase *tcase = tcase_create("homes");

	jail();
	tcase_add_checked_fixture(tcase, start, stop);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	jail_run(srunner_create(suite));
}
