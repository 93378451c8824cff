/* SPDX-License-Identifier: MIT */

/* Names of groups as this machine knows them, whose /etc/group is the test's own. */

#include "host/groups.h"

#include "tests/unit/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define FIRST "adm:x:4:ana\nsystemd-journal:x:101:\nbig:x:2000000000:\nlast:x:4294967294:a,b\n"

static struct config_list names;
static gid_t gids[CONFIG_LIST_MAX];
static size_t n_gids;

static void write_groups(const char *text)
{
	int fd = open("/run/group", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void set_up(void)
{
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0); /* of this test alone */
	ck_assert_int_eq(mount("test", "/run", "tmpfs", 0, "mode=755"), 0);
	write_groups(FIRST);
	ck_assert_int_eq(mount("/run/group", "/etc/group", NULL, MS_BIND, NULL), 0);
	names.n_items = 0;
	n_gids = 99;
}

static void name(const char *group)
{
	names.items[names.n_items++] = (char *)group;
}

static bool has(gid_t gid)
{
	for (size_t i = 0; i < n_gids; i++)
		if (gids[i] == gid)
			return true;
	return false;
}

static int resolve(size_t max)
{
	return groups_resolve(&names, gids, max, &n_gids);
}

START_TEST(no_names_are_no_groups)
{
	ck_assert_int_eq(resolve(CONFIG_LIST_MAX), 0);
	ck_assert_uint_eq(n_gids, 0);
}
END_TEST

START_TEST(what_the_machine_knows_is_resolved_and_the_rest_left_out)
{
	name("adm");
	name("no-such-group");
	name("systemd-journal");
	ck_assert_int_eq(resolve(CONFIG_LIST_MAX), 0);
	ck_assert_uint_eq(n_gids, 2);
	ck_assert(has(4));
	ck_assert(has(101));
}
END_TEST

START_TEST(a_directorys_large_numbers_are_numbers)
{
	name("big");
	name("last");
	ck_assert_int_eq(resolve(CONFIG_LIST_MAX), 0);
	ck_assert_uint_eq(n_gids, 2);
	ck_assert(has(2000000000));
	ck_assert(has(4294967294));
}
END_TEST

START_TEST(nobody_known_is_no_error)
{
	name("no-such-group");
	ck_assert_int_eq(resolve(CONFIG_LIST_MAX), 0);
	ck_assert_uint_eq(n_gids, 0);
}
END_TEST

START_TEST(more_than_there_is_room_for_are_an_error_also_from_memory)
{
	name("adm");
	name("systemd-journal");
	ck_assert_int_eq(resolve(1), -E2BIG);
	ck_assert_int_eq(resolve(2), 0);
	ck_assert_uint_eq(n_gids, 2);
	ck_assert_int_eq(resolve(1), -E2BIG);
}
END_TEST

START_TEST(an_answer_is_kept_for_its_names_alone)
{
	name("adm");
	ck_assert_int_eq(resolve(CONFIG_LIST_MAX), 0);
	write_groups("adm:x:5:\nsystemd-journal:x:101:\n");
	ck_assert_int_eq(resolve(CONFIG_LIST_MAX), 0);
	ck_assert(has(4));
	name("systemd-journal");
	ck_assert_int_eq(resolve(CONFIG_LIST_MAX), 0);
	ck_assert_uint_eq(n_gids, 2);
	ck_assert(has(5));
	ck_assert(has(101));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("groups");
	TCase *tests = tcase_create("groups");

	jail();
	tcase_set_timeout(tests, 30);
	tcase_add_checked_fixture(tests, set_up, NULL);
	tcase_add_test(tests, no_names_are_no_groups);
	tcase_add_test(tests, what_the_machine_knows_is_resolved_and_the_rest_left_out);
	tcase_add_test(tests, a_directorys_large_numbers_are_numbers);
	tcase_add_test(tests, nobody_known_is_no_error);
	tcase_add_test(tests, more_than_there_is_room_for_are_an_error_also_from_memory);
	tcase_add_test(tests, an_answer_is_kept_for_its_names_alone);
	suite_add_tcase(suite, tests);
	jail_run(srunner_create(suite));
}
