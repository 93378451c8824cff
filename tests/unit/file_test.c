/* SPDX-License-Identifier: MIT */

#include "lib/cleanup.h"
#include "lib/file.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>

#define SIZE (256 * 1024) /* four times what a pipe holds */

static void pattern(char *ret)
{
	for (size_t i = 0; i < SIZE; i++)
		ret[i] = (char)(i % 251);
}

static void ignore(int number)
{
	(void)number;
}

/* Signals without SA_RESTART, which cut reads and writes short. */
static void interrupt_often(void)
{
	const struct sigaction action = { .sa_handler = ignore };
	const struct itimerval every = { { 0, 1000 }, { 0, 1000 } };

	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &every, NULL), 0);
}

START_TEST(all_passes_a_pipe_whatever_interrupts)
{
	static char sent[SIZE], got[SIZE];
	int fds[2], status;
	pid_t child;

	pattern(sent);
	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		interrupt_often();
		close(fds[0]);
		_exit(file_write(fds[1], sent, SIZE) == 0 ? 0 : 1);
	}
	close(fds[1]);
	interrupt_often();
	ck_assert_int_eq(file_read(fds[0], got, SIZE), SIZE);
	setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 0, 0 } }, NULL);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(memcmp(sent, got, SIZE), 0);
	close(fds[0]);
}
END_TEST

START_TEST(reading_ends_at_the_end_or_the_limit)
{
	char got[8] = "";
	int fds[2];

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	ck_assert_int_eq(file_write(fds[1], "abcdef", 6), 0);
	close(fds[1]);
	ck_assert_int_eq(file_read(fds[0], got, 4), 4);
	ck_assert_str_eq(got, "abcd");
	ck_assert_int_eq(file_read(fds[0], got, 8), 2);
	ck_assert_int_eq(file_read(fds[0], got, 8), 0);
	close(fds[0]);
}
END_TEST

START_TEST(errors_are_told)
{
	_cleanup_(closep) int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	char byte;

	ck_assert_int_eq(file_write(full, "x", 1), -ENOSPC);
	ck_assert_int_eq(file_write(-1, "x", 1), -EBADF);
	ck_assert_int_eq(file_read(-1, &byte, 1), -EBADF);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("file");
	TCase *tests = tcase_create("file");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, all_passes_a_pipe_whatever_interrupts);
	tcase_add_test(tests, reading_ends_at_the_end_or_the_limit);
	tcase_add_test(tests, errors_are_told);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
