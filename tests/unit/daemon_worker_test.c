/* SPDX-License-Identifier: MIT */

/* A worker that stays, dies, is asked anew. It is this program again, as the daemon's is the
 * daemon: with --worker it answers questions about itself. */

#include "daemon/daemon.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define TURN_US (10 * 1000 * 1000)

/* --- the worker --------------------------------------------------------------------------- */

static size_t count_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	size_t n = 0;

	while (directory && readdir(directory))
		n++;
	closedir(directory);
	return n - 3; /* ".", ".." and its own */
}

static long long answer_to(const char *question)
{
	struct config config;
	sigset_t blocked;

	if (strcmp(question, "pid") == 0)
		return getpid();
	if (strcmp(question, "descriptors") == 0)
		return (long long)count_descriptors();
	if (strcmp(question, "max_pending") == 0)
		return config_read(WORKER_SETTINGS_FD, &config, NULL) < 0 ? -1 : config.max_pending;
	if (strcmp(question, "blocked") == 0)
		return sigprocmask(SIG_BLOCK, NULL, &blocked) < 0 ||
		       sigismember(&blocked, SIGCHLD) || sigismember(&blocked, SIGTERM);
	_exit(strcmp(question, "end with 3") == 0 ? 3 : 4);
}

static int work(void)
{
	char question[64];
	ssize_t n;

	while ((n = recv(STDIN_FILENO, question, sizeof(question) - 1, 0)) > 0) {
		long long answer;

		question[n] = '\0';
		answer = answer_to(question);
		if (send(STDIN_FILENO, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(EXIT_SUCCESS);
}

/* --- who asks ----------------------------------------------------------------------------- */

static struct daemon daemon_;
static struct worker worker = WORKER_NONE;
static struct {
	ssize_t size; /* -1: none yet */
	long long value;
	int times;
} answer;

static int on_answer(sd_event_source *source, int fd, uint32_t events, void *context)
{
	(void)source, (void)events;
	ck_assert_ptr_eq(context, &daemon_);
	answer.times++;
	answer.size = recv(fd, &answer.value, sizeof(answer.value), MSG_DONTWAIT);
	if (answer.size <= 0)
		worker_stop(&worker);
	return 0;
}

static const struct worker_kind kind = { "--worker", "is asked about itself", on_answer };

static void turn(void)
{
	ck_assert_int_gt(sd_event_run(daemon_.event, TURN_US), 0);
}

/* Its answer; -1 when it is gone instead. */
static long long ask(const char *question)
{
	int times = answer.times;

	ck_assert_int_eq(worker_ask(&worker, &daemon_, &kind, question, strlen(question)), 0);
	while (answer.times == times)
		turn();
	return answer.size == (ssize_t)sizeof(answer.value) ? answer.value : -1;
}

/* Reaped by the loop, and so by nobody else. */
static void wait_until_reaped(pid_t pid)
{
	siginfo_t info;

	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
		turn();
	ck_assert_int_eq(errno, ECHILD);
}

static void write_settings(char *folder, const char *text)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/supportaccess.conf", folder);
	file = fopen(path, "we");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void setup(void)
{
	char folder[] = "/tmp/worker-XXXXXX", path[64];
	struct problem problem = PROBLEM_NONE;
	sigset_t signals;

	/* As in the daemon; Check has descriptors that are not close-on-exec. */
	ck_assert_int_eq(close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC), 0);
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	ck_assert_int_eq(sigprocmask(SIG_BLOCK, &signals, NULL), 0);
	ck_assert_int_ge(sd_event_new(&daemon_.event), 0);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	write_settings(folder, "max_pending = 7\n");
	ck_assert_msg(config_load("/nonexistent", folder, &daemon_.config, &problem) == 0, "%s",
		problem.text);
	snprintf(path, sizeof(path), "%s/supportaccess.conf", folder);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}

static void teardown(void)
{
	worker_stop(&worker);
	config_done(&daemon_.config);
	sd_event_unref(daemon_.event);
}

START_TEST(a_worker_answers_and_stays)
{
	long long pid = ask("pid");

	ck_assert_int_gt(pid, 0);
	ck_assert_int_ne(pid, getpid());
	ck_assert_int_eq(ask("pid"), pid);
	ck_assert_int_eq(ask("pid"), pid);
	ck_assert_int_eq(answer.times, 3);
}
END_TEST

START_TEST(one_that_dies_over_a_question_is_replaced_with_the_next)
{
	pid_t pid = (pid_t)ask("pid");

	ck_assert_int_eq(ask("end with 3"), -1);
	ck_assert_int_eq(answer.size, 0);
	ck_assert_int_eq(worker.fd, -EBADF);
	wait_until_reaped(pid);
	ck_assert_int_gt(ask("pid"), 0);
	ck_assert_int_ne(answer.value, pid);
}
END_TEST

START_TEST(one_that_is_killed_while_it_has_nothing_to_do_is_noticed)
{
	pid_t pid = (pid_t)ask("pid");

	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	while (answer.times == 1)
		turn();
	ck_assert_int_eq(answer.size, 0);
	wait_until_reaped(pid);
	ck_assert_int_gt(ask("pid"), 0);
	ck_assert_int_ne(answer.value, pid);
}
END_TEST

START_TEST(one_that_is_stopped_ends_by_itself)
{
	pid_t pid = (pid_t)ask("pid");

	worker_stop(&worker);
	worker_stop(&worker); /* again does nothing */
	wait_until_reaped(pid);
	ck_assert_int_eq(answer.times, 1);
	ck_assert_int_gt(ask("pid"), 0);
	ck_assert_int_ne(answer.value, pid);
}
END_TEST

START_TEST(its_settings_are_the_daemons)
{
	ck_assert_int_eq(ask("max_pending"), 7);
}
END_TEST

START_TEST(it_has_its_socket_its_settings_and_nothing_else_of_the_daemons)
{
	ck_assert_int_eq(ask("descriptors"), WORKER_SETTINGS_FD + 1);
	ck_assert_int_eq(ask("blocked"), 0);
}
END_TEST

START_TEST(what_cannot_be_started_is_an_error_and_no_worker)
{
	struct rlimit limit, none = { 0 };

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none.rlim_max = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	ck_assert_int_eq(worker_ask(&worker, &daemon_, &kind, "pid", 3), -EMFILE);
	ck_assert_int_eq(worker.fd, -EBADF);
	ck_assert_ptr_null(worker.answer);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_gt(ask("pid"), 0);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite;
	TCase *tests;
	SRunner *runner;
	int failed;

	if (argc == 2 && strcmp(argv[1], kind.option) == 0)
		return work();
	suite = suite_create("daemon/worker");
	tests = tcase_create("daemon/worker");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 30);
	suite_add_tcase(suite, tests);
	tcase_add_test(tests, a_worker_answers_and_stays);
	tcase_add_test(tests, one_that_dies_over_a_question_is_replaced_with_the_next);
	tcase_add_test(tests, one_that_is_killed_while_it_has_nothing_to_do_is_noticed);
	tcase_add_test(tests, one_that_is_stopped_ends_by_itself);
	tcase_add_test(tests, its_settings_are_the_daemons);
	tcase_add_test(tests, it_has_its_socket_its_settings_and_nothing_else_of_the_daemons);
	tcase_add_test(tests, what_cannot_be_started_is_an_error_and_no_worker);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
