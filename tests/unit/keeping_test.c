/* SPDX-License-Identifier: MIT */

/* What daemon and keeper leave for each other, and for whoever ends sessions without either. */

#include "host/keeping.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANA 70001
#define BEN 70002

static char folder[64], dir[80];

static void set_up(void)
{
	strcpy(folder, "/tmp/keeping-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(dir, sizeof(dir), "%s/sessions", folder);
}

static void empty(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static void keep(const char *id, uint32_t uid, int64_t until)
{
	struct keeping keeping = { .uid = uid, .until = until };

	snprintf(keeping.id, sizeof(keeping.id), "%s", id);
	ck_assert_int_eq(keeping_write(dir, &keeping), 0);
}

static void bury(const char *id, uint32_t uid, const char *cause)
{
	struct keeping_end end = { .uid = uid, .when = 1800000000 };

	snprintf(end.id, sizeof(end.id), "%s", id);
	snprintf(end.cause, sizeof(end.cause), "%s", cause);
	ck_assert_int_eq(keeping_bury(dir, &end), 0);
}

/* What somebody else wrote there. */
static void put(const char *name, const char *bytes, size_t size)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	close(fd);
}

/* --- an end that holds -------------------------------------------------------------------- */

START_TEST(an_end_is_read_as_it_was_written_last)
{
	struct keeping keeping;
	struct stat st;

	ck_assert_int_eq(keeping_read(dir, "s1", &keeping), -ENOENT);
	keep("s1", ANA, 1800000000);
	keep("s1", ANA, 1800003600);
	ck_assert_int_eq(keeping_read(dir, "s1", &keeping), 0);
	ck_assert_str_eq(keeping.id, "s1");
	ck_assert_uint_eq(keeping.uid, ANA);
	ck_assert_int_eq(keeping.until, 1800003600);
	ck_assert_int_eq(keeping_read(dir, "s2", &keeping), -ENOENT);
	ck_assert_int_eq(stat(dir, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0700);
}
END_TEST

static const char *const no_ids[] = { "", ".", "..", "../s1", "s/1", "S1", "s1.ended", "s 1",
	"s\n1" };

START_TEST(what_is_no_id_names_no_file)
{
	const char *id = no_ids[_i];
	struct keeping keeping = { .uid = ANA };
	struct keeping_end end = { .uid = ANA };

	keep("s1", ANA, 1);
	strcpy(keeping.id, id);
	strcpy(end.id, id);
	ck_assert_int_eq(keeping_write(dir, &keeping), -EINVAL);
	ck_assert_int_eq(keeping_bury(dir, &end), -EINVAL);
	ck_assert_int_eq(keeping_read(dir, id, &keeping), -EINVAL);
	ck_assert_int_eq(keeping_read_end(dir, id, &end), -EINVAL);
	keeping_forget(dir, id);
	ck_assert_int_eq(keeping_read(dir, "s1", &keeping), 0);
}
END_TEST

static const struct {
	const char *bytes;
	size_t size;
} senseless[] = {
#define BYTES(text)                                                                                \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}
	BYTES(""),
	BYTES("\n"),
	BYTES("70001\n"),
	BYTES("70001 1800000000"), /* not all of it was written */
	BYTES("70001 1800000000\nx"),
	BYTES("70001 1800000000\n\n"),
	BYTES("70001  1800000000\n"),
	BYTES(" 70001 1800000000\n"),
	BYTES("70001 1800000000 \n"),
	BYTES("+70001 1800000000\n"),
	BYTES("070001 1800000000\n"),
	BYTES("-1 1800000000\n"),
	BYTES("4295037297 1800000000\n"), /* 70001 and 2^32 */
	BYTES("70001 18446744073709551617\n"),
	BYTES("70001 18000\0\n"),
	BYTES("ana later\n"),
#undef BYTES
};

START_TEST(what_nobody_of_us_wrote_makes_no_sense)
{
	struct keeping keeping;

	keep("s1", ANA, 1);
	put("s1", senseless[_i].bytes, senseless[_i].size);
	ck_assert_int_eq(keeping_read(dir, "s1", &keeping), -EBADMSG);
}
END_TEST

START_TEST(a_link_is_not_followed)
{
	char path[160];
	struct keeping keeping;

	keep("s1", ANA, 1);
	snprintf(path, sizeof(path), "%s/s2", dir);
	ck_assert_int_eq(symlink("s1", path), 0);
	ck_assert_int_eq(keeping_read(dir, "s2", &keeping), -ELOOP);
	keep("s2", BEN, 2);
	ck_assert_int_eq(keeping_read(dir, "s1", &keeping), 0);
	ck_assert_uint_eq(keeping.uid, ANA);
	ck_assert_int_eq(keeping_read(dir, "s2", &keeping), 0);
	ck_assert_uint_eq(keeping.uid, BEN);
}
END_TEST

/* --- tombstones --------------------------------------------------------------------------- */

START_TEST(who_buries_first_knows_why)
{
	struct keeping_end end;

	keep("s1", ANA, 1);
	ck_assert_int_eq(keeping_read_end(dir, "s1", &end), -ENOENT);
	bury("s1", ANA, "its time was over");
	bury("s1", ANA, "revoked by root");
	ck_assert_int_eq(keeping_read_end(dir, "s1", &end), 0);
	ck_assert_str_eq(end.id, "s1");
	ck_assert_str_eq(end.cause, "its time was over");
	ck_assert_uint_eq(end.uid, ANA);
	ck_assert_int_eq(end.when, 1800000000);
}
END_TEST

START_TEST(a_cause_may_be_so_long_and_has_one_line)
{
	struct keeping_end end = { .id = "s1", .uid = UINT32_MAX, .when = INT64_MAX }, found;

	keep("s2", ANA, 1);
	memset(end.cause, 'x', sizeof(end.cause) - 1);
	ck_assert_int_eq(keeping_bury(dir, &end), 0);
	ck_assert_int_eq(keeping_read_end(dir, "s1", &found), 0);
	ck_assert_str_eq(found.cause, end.cause);
	ck_assert_int_eq(found.when, INT64_MAX);
	strcpy(end.cause, "one\ntwo");
	strcpy(end.id, "s3");
	ck_assert_int_eq(keeping_bury(dir, &end), -EINVAL);
	ck_assert_int_eq(keeping_read_end(dir, "s3", &found), -ENOENT);
}
END_TEST

START_TEST(what_is_forgotten_leaves_nothing)
{
	struct keeping keeping;
	struct keeping_end end;

	keep("s1", ANA, 1);
	bury("s1", ANA, "over");
	keep("s10", BEN, 1);
	keeping_forget(dir, "s1");
	keeping_forget(dir, "s1");
	ck_assert_int_eq(keeping_read(dir, "s1", &keeping), -ENOENT);
	ck_assert_int_eq(keeping_read_end(dir, "s1", &end), -ENOENT);
	ck_assert_int_eq(keeping_read(dir, "s10", &keeping), 0);
	keeping_forget(dir, "s10");
	ck_assert_int_eq(rmdir(dir), 0); /* no half-written file either */
}
END_TEST

/* --- all of them -------------------------------------------------------------------------- */

START_TEST(others_of_the_agent_are_seen_while_they_live)
{
	ck_assert(!keeping_others(dir, ANA, "s1")); /* nobody was ever here */
	keep("s1", ANA, 1);
	ck_assert(!keeping_others(dir, ANA, "s1"));
	keep("s2", BEN, 1);
	ck_assert(!keeping_others(dir, ANA, "s1"));
	keep("s3", ANA, 1);
	ck_assert(keeping_others(dir, ANA, "s1"));
	bury("s3", ANA, "over");
	ck_assert(!keeping_others(dir, ANA, "s1"));
	ck_assert(keeping_others(dir, ANA, "s3"));
}
END_TEST

START_TEST(who_is_unsure_says_that_there_are_others)
{
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	put("s2", "what?", 5);
	ck_assert(keeping_others(dir, ANA, "s1"));
	ck_assert(!keeping_others(dir, ANA, "s2"));
	put("s2.ended", "what?", 5); /* a tombstone that cannot be read is none */
	ck_assert(keeping_others(dir, ANA, "s1"));
	bury("s3", ANA, "over");
	put("s2.ended", "70001 1 over\n", 13);
	ck_assert(!keeping_others(dir, ANA, "s1"));
	strcat(dir, "/s2");
	ck_assert(keeping_others(dir, ANA, "s1")); /* it is no folder */
}
END_TEST

static int note(void *context, const struct keeping *keeping)
{
	strcat(strcat(context, keeping->id), " ");
	return 0;
}

static int note_end(void *context, const struct keeping_end *end)
{
	strcat(strcat(context, end->cause), " ");
	return 0;
}

static int stop(void *context, const struct keeping *keeping)
{
	(void)keeping;
	++*(int *)context;
	return -ECANCELED;
}

START_TEST(each_that_lives_and_each_that_is_over_is_told_once)
{
	char ids[256] = "", causes[256] = "";
	int n = 0;

	ck_assert_int_eq(keeping_each(dir, note, ids), 0);
	ck_assert_int_eq(keeping_each_end(dir, note_end, causes), 0);
	keep("s1", ANA, 1);
	keep("s2", BEN, 1);
	put("s3", "what?", 5);
	put(".9.s4", "70001 1\n", 8); /* half-written, by one who died */
	bury("s2", BEN, "over");
	bury("s5", BEN, "later");
	put("s6.ended", "what?", 5);
	put("s7.ended.bak", "70001 1 not this\n", 17);
	ck_assert_int_eq(keeping_each(dir, note, ids), 0);
	ck_assert_str_eq(ids, "s1 ");
	ck_assert_int_eq(keeping_each_end(dir, note_end, causes), 0);
	ck_assert(strcmp(causes, "over later ") == 0 || strcmp(causes, "later over ") == 0);
	keep("s8", ANA, 1);
	ck_assert_int_eq(keeping_each(dir, stop, &n), -ECANCELED);
	ck_assert_int_eq(n, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("keeping");
	TCase *tests = tcase_create("keeping");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, set_up, empty);
	tcase_add_test(tests, an_end_is_read_as_it_was_written_last);
	tcase_add_loop_test(
		tests, what_is_no_id_names_no_file, 0, sizeof(no_ids) / sizeof(no_ids[0]));
	tcase_add_loop_test(tests, what_nobody_of_us_wrote_makes_no_sense, 0,
		sizeof(senseless) / sizeof(senseless[0]));
	tcase_add_test(tests, a_link_is_not_followed);
	tcase_add_test(tests, who_buries_first_knows_why);
	tcase_add_test(tests, a_cause_may_be_so_long_and_has_one_line);
	tcase_add_test(tests, what_is_forgotten_leaves_nothing);
	tcase_add_test(tests, others_of_the_agent_are_seen_while_they_live);
	tcase_add_test(tests, who_is_unsure_says_that_there_are_others);
	tcase_add_test(tests, each_that_lives_and_each_that_is_over_is_told_once);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
