/* SPDX-License-Identifier: MIT */

#include "lib/child.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

static int run_shell(const char *script, struct child child, struct child_result *ret)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	child.path = "/bin/sh";
	child.argv = argv;
	if (!child.timeout_ms)
		child.timeout_ms = 10000;
	return child_run(&child, ret);
}

START_TEST(a_child_gives_its_status_and_what_it_said)
{
	_cleanup_(child_result_done) struct child_result result = { 0 };

	ck_assert_int_eq(
		run_shell("echo out; echo err >&2; exit 3", (struct child){ 0 }, &result), 0);
	ck_assert_int_eq(result.status, 3);
	ck_assert_str_eq(result.output, "out\n");
	ck_assert_str_eq(result.error, "err\n");
	ck_assert_uint_eq(result.output_size, 4);
}
END_TEST

START_TEST(a_signal_shows_in_the_status)
{
	_cleanup_(child_result_done) struct child_result result = { 0 };

	ck_assert_int_eq(run_shell("kill -TERM $$", (struct child){ 0 }, &result), 0);
	ck_assert_int_eq(result.status, 128 + SIGTERM);
	ck_assert_str_eq(result.output, "");
}
END_TEST

START_TEST(a_child_reads_the_input_or_nothing)
{
	_cleanup_(child_result_done) struct child_result result = { 0 }, none = { 0 };
	struct child child = { .input = "two\nlines", .input_size = 9 };

	ck_assert_int_eq(run_shell("cat", child, &result), 0);
	ck_assert_str_eq(result.output, "two\nlines");
	ck_assert_int_eq(run_shell("cat", (struct child){ 0 }, &none), 0);
	ck_assert_str_eq(none.output, "");
}
END_TEST

START_TEST(a_child_that_ignores_its_input_raises_no_signal)
{
	_cleanup_(child_result_done) struct child_result result = { 0 };
	static char much[1024 * 1024];
	struct child child = { .input = much, .input_size = sizeof(much) };

	ck_assert_int_eq(run_shell("exit 0", child, &result), 0);
}
END_TEST

START_TEST(a_child_has_no_descriptor_but_those_handed_over)
{
	_cleanup_(child_result_done) struct child_result result = { 0 };
	int leaked = open("/dev/null", O_RDONLY), handed = child_file("handed", "hello", 5);
	struct child child = { .fds = &handed, .n_fds = 1 };

	ck_assert_int_ge(leaked, 0);
	ck_assert_int_ge(handed, 0);
	ck_assert_int_eq(
		run_shell("cat /proc/self/fd/3; for f in 4 5 6 7 8 9 10 11 12 13 14 15; do "
			  "[ -e /proc/$$/fd/$f ] && echo leaked $f; done; true",
			child, &result),
		0);
	ck_assert_str_eq(result.output, "hello");
	closep(&leaked);
	closep(&handed);
}
END_TEST

/* The descriptors to hand over are in the way of each other, and standard input is closed. */
START_TEST(descriptors_in_the_way_of_each_other_arrive)
{
	_cleanup_(child_result_done) struct child_result result = { 0 };
	int fds[2] = { child_file("a", "a", 1), child_file("b", "b", 1) };
	struct child child = { .fds = (int[]){ 4, 3 }, .n_fds = 2 };
	int first = fcntl(fds[0], F_DUPFD_CLOEXEC, 20), second = fcntl(fds[1], F_DUPFD_CLOEXEC, 20);

	ck_assert_int_eq(dup3(first, 4, O_CLOEXEC), 4);
	ck_assert_int_eq(dup3(second, 3, O_CLOEXEC), 3);
	close(STDIN_FILENO);
	ck_assert_int_eq(run_shell("cat /proc/self/fd/3 /proc/self/fd/4 -", child, &result), 0);
	ck_assert_str_eq(result.output, "ab");
}
END_TEST

START_TEST(a_child_gets_a_clean_environment)
{
	_cleanup_(child_result_done) struct child_result result = { 0 }, given = { 0 };
	const char *const envp[] = { "A=b", NULL }, *const argv[] = { "env", NULL };
	struct child child = { .path = "/usr/bin/env", .argv = argv, .timeout_ms = 10000 };

	setenv("LD_LIBRARY_PATH", "/nowhere", 1);
	ck_assert_int_eq(child_run(&child, &result), 0);
	ck_assert_str_eq(result.output, "PATH=/usr/bin:/bin\nLC_ALL=C.UTF-8\n");
	child.envp = envp;
	ck_assert_int_eq(child_run(&child, &given), 0);
	ck_assert_str_eq(given.output, "A=b\n");
}
END_TEST

START_TEST(a_child_begins_with_no_signal_blocked_or_ignored)
{
	_cleanup_(child_result_done) struct child_result result = { 0 };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* Signals 32 and 33 are glibc's own: no program can set or restore them. */
	ck_assert_int_eq(
		run_shell("while read key value; do case $key in SigBlk:|SigIgn:) "
			  "echo $((0x$value & 0x7fffffff));; esac; done </proc/self/status",
			(struct child){ 0 }, &result),
		0);
	ck_assert_str_eq(result.output, "0\n0\n");
}
END_TEST

START_TEST(a_child_that_hangs_is_killed_with_what_it_started)
{
	_cleanup_(child_result_done) struct child_result result = { 0 };
	struct timespec before, after;
	int holder[2];
	char byte;

	ck_assert_int_eq(pipe(holder), 0);
	struct child child = { .timeout_ms = 200, .fds = &holder[1], .n_fds = 1 };

	clock_gettime(CLOCK_MONOTONIC, &before);
	ck_assert_int_eq(run_shell("sleep 60 & sleep 60", child, &result), -ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &after);
	ck_assert_int_lt(after.tv_sec - before.tv_sec, 5);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* reaped */
	close(holder[1]);
	ck_assert_int_eq(read(holder[0], &byte, 1), 0); /* the last that held it is gone */
	close(holder[0]);
}
END_TEST

START_TEST(what_its_children_hold_open_is_not_waited_for)
{
	_cleanup_(child_result_done) struct child_result result = { 0 };
	struct child child = { .timeout_ms = 5000 };

	ck_assert_int_eq(run_shell("sleep 7 & echo done", child, &result), 0);
	ck_assert_str_eq(result.output, "done\n");
}
END_TEST

START_TEST(a_child_that_says_too_much_is_killed)
{
	_cleanup_(child_result_done) struct child_result result = { 0 }, fits = { 0 };
	struct child child = { .output_max = 1000 };

	ck_assert_int_eq(run_shell("yes", child, &result), -EMSGSIZE);
	ck_assert_int_eq(run_shell("yes >&2", child, &result), -EMSGSIZE);
	ck_assert_int_eq(run_shell("head -c 1001 /dev/zero", child, &result), -EMSGSIZE);
	ck_assert_int_eq(run_shell("head -c 1000 /dev/zero", child, &fits), 0);
	ck_assert_uint_eq(fits.output_size, 1000);
}
END_TEST

START_TEST(a_missing_program_is_an_error)
{
	_cleanup_(child_result_done) struct child_result result = { 0 };
	const char *const argv[] = { "none", NULL };
	struct child child = { .path = "/nowhere/none", .argv = argv, .timeout_ms = 1000 };

	ck_assert_int_eq(child_run(&child, &result), -ENOENT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("child");
	TCase *tests = tcase_create("child");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_set_timeout(tests, 20);
	tcase_add_test(tests, a_child_gives_its_status_and_what_it_said);
	tcase_add_test(tests, a_signal_shows_in_the_status);
	tcase_add_test(tests, a_child_reads_the_input_or_nothing);
	tcase_add_test(tests, a_child_that_ignores_its_input_raises_no_signal);
	tcase_add_test(tests, a_child_has_no_descriptor_but_those_handed_over);
	tcase_add_test(tests, descriptors_in_the_way_of_each_other_arrive);
	tcase_add_test(tests, a_child_gets_a_clean_environment);
	tcase_add_test(tests, a_child_begins_with_no_signal_blocked_or_ignored);
	tcase_add_test(tests, a_child_that_hangs_is_killed_with_what_it_started);
	tcase_add_test(tests, what_its_children_hold_open_is_not_waited_for);
	tcase_add_test(tests, a_child_that_says_too_much_is_killed);
	tcase_add_test(tests, a_missing_program_is_an_error);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
