/* SPDX-License-Identifier: MIT */

#include "lib/wire.h"

#include "tests/unit/fake_daemon.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>

#define TIMEOUT_MS 150

static int ask(const char *path, struct wire_verdict *ret, int *ret_fds, size_t *ret_n_fds)
{
	struct wire_login login = { .header = wire_header(WIRE_ACCOUNT) };
	size_t size;

	return wire_ask(path, TIMEOUT_MS, &login, sizeof(login), ret, sizeof(*ret), &size, ret_fds,
		ret_n_fds);
}

static size_t count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t n = 0;

	ck_assert_ptr_nonnull(folder);
	while (readdir(folder))
		n++;
	closedir(folder);
	return n;
}

static const struct {
	enum fake_way way;
	uid_t uid;
	int expected;
} ways[] = {
	{ FAKE_ANSWERS, 0, 0 },
	{ FAKE_HANGS, 0, -ETIMEDOUT },
	{ FAKE_IS_DEAF, 0, -ETIMEDOUT },
	{ FAKE_HANGS_UP, 0, -EPROTO },
	{ FAKE_SAYS_GARBAGE, 0, -EPROTO },
	{ FAKE_SAYS_MUCH, 0, -EPROTO },
	{ FAKE_SPEAKS_LATER_VERSION, 0, -EPROTO },
	{ FAKE_ANSWERS_ANOTHER_QUESTION, 0, -EPROTO },
	{ FAKE_ANSWERS, 65534, -EPERM },
};

START_TEST(only_a_whole_answer_of_roots_in_time_is_taken)
{
	struct fake_daemon fake = { .way = ways[_i].way, .uid = ways[_i].uid };
	size_t before = count_descriptors();
	struct wire_verdict verdict;
	int r;

	fake_start(&fake);
	r = ask(fake.path, &verdict, NULL, NULL);
	/* Whoever hangs up may do so before the question is sent. */
	if (fake.way == FAKE_HANGS_UP && (r == -EPIPE || r == -ECONNRESET))
		r = -EPROTO;
	ck_assert_int_eq(r, ways[_i].expected);
	ck_assert_uint_eq(count_descriptors(), before);
	fake_stop(&fake);
}
END_TEST

START_TEST(nobody_there_is_said_at_once)
{
	struct fake_daemon fake = { 0 };
	struct wire_verdict verdict;

	ck_assert_int_eq(ask("/nonexistent/control.sock", &verdict, NULL, NULL), -ENOENT);
	fake_start(&fake);
	kill(fake.pid, SIGKILL);
	waitpid(fake.pid, NULL, 0);
	ck_assert_int_eq(ask(fake.path, &verdict, NULL, NULL), -ECONNREFUSED);
	unlink(fake.path);
	rmdir(fake.folder);
}
END_TEST

START_TEST(a_path_that_is_too_long_is_refused)
{
	char path[200];
	struct wire_verdict verdict;

	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	ck_assert_int_eq(ask(path, &verdict, NULL, NULL), -ENAMETOOLONG);
}
END_TEST

/* The listener's queue holds 8 and one; the next has to wait for a place. */
START_TEST(a_full_queue_is_waited_for_no_longer_than_the_deadline)
{
	struct fake_daemon fake = { .way = FAKE_IS_DEAF };
	struct wire_header question = wire_header(WIRE_CLOSE);
	struct timespec begin, end;
	int r = 0;

	fake_start(&fake);
	for (int i = 0; i < 32 && r == 0; i++) {
		clock_gettime(CLOCK_MONOTONIC, &begin);
		r = wire_tell(fake.path, TIMEOUT_MS, &question, sizeof(question));
		clock_gettime(CLOCK_MONOTONIC, &end);
	}
	ck_assert_int_eq(r, -ETIMEDOUT);
	ck_assert_int_ge(
		(end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000,
		TIMEOUT_MS - 20);
	ck_assert_int_le(
		(end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000,
		10 * TIMEOUT_MS);
	fake_stop(&fake);
}
END_TEST

START_TEST(descriptors_arrive_and_die_on_exec)
{
	struct fake_daemon fake = { .n_fds = 3 };
	struct wire_verdict verdict;
	size_t n_fds = 0, before;
	int fds[WIRE_FDS_MAX];

	for (size_t i = 0; i < fake.n_fds; i++)
		fake.fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	fake_start(&fake);
	before = count_descriptors();
	ck_assert_int_eq(ask(fake.path, &verdict, fds, &n_fds), 0);
	ck_assert_uint_eq(n_fds, 3);
	ck_assert_uint_eq(count_descriptors(), before + 3);
	for (size_t i = 0; i < n_fds; i++) {
		ck_assert_int_eq(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
		close(fds[i]);
	}
	fake_stop(&fake);
}
END_TEST

START_TEST(descriptors_that_nobody_wants_are_closed)
{
	struct fake_daemon fake = { .n_fds = _i == 0 ? 3 : WIRE_FDS_MAX + 1 };
	struct wire_verdict verdict;
	int fds[WIRE_FDS_MAX];
	size_t n_fds = 0, before;

	for (size_t i = 0; i < fake.n_fds; i++)
		fake.fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	fake_start(&fake);
	before = count_descriptors();
	if (_i == 0)
		ck_assert_int_eq(ask(fake.path, &verdict, NULL, NULL), 0);
	else
		ck_assert_int_eq(ask(fake.path, &verdict, fds, &n_fds), -EPROTO);
	ck_assert_uint_eq(count_descriptors(), before);
	fake_stop(&fake);
}
END_TEST

static void ignore_signal(int signal)
{
	(void)signal;
}

/* A timer that interrupts every few ms: neither the deadline nor the answer may suffer. */
START_TEST(signals_do_not_disturb)
{
	struct sigaction action = { .sa_handler = ignore_signal };
	timer_t timer;
	struct itimerspec every = { .it_interval.tv_nsec = 3000000, .it_value.tv_nsec = 3000000 };
	struct fake_daemon fake = { .way = FAKE_HANGS };
	struct wire_verdict verdict;

	fake_start(&fake);
	sigaction(SIGALRM, &action, NULL);
	ck_assert_int_eq(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
	ck_assert_int_eq(timer_settime(timer, 0, &every, NULL), 0);
	ck_assert_int_eq(ask(fake.path, &verdict, NULL, NULL), -ETIMEDOUT);
	timer_delete(timer);
	fake_stop(&fake);
}
END_TEST

START_TEST(a_text_is_clean_to_its_end)
{
	char text[4] = { 'a', 0, 0, 0 };

	ck_assert(wire_text_is_clean(text, sizeof(text)));
	text[3] = 'x';
	ck_assert(!wire_text_is_clean(text, sizeof(text)));
	memset(text, 'x', sizeof(text));
	ck_assert(!wire_text_is_clean(text, sizeof(text)));
	ck_assert(wire_text_is_clean("\0\0\0", 4));
}
END_TEST

START_TEST(a_login_is_whole_clean_and_ours)
{
	struct wire_login login = {
		.header = wire_header(WIRE_ACCOUNT), .user = "support-ana", .service = "sshd"
	};

	ck_assert(wire_login_is_sound(&login, sizeof(login)));
	ck_assert(!wire_login_is_sound(&login, sizeof(login) - 1));
	memset(login.remote_host, 'x', sizeof(login.remote_host));
	ck_assert(!wire_login_is_sound(&login, sizeof(login)));
	memset(login.remote_host, 0, sizeof(login.remote_host));
	memcpy(login.user, "dan", sizeof("dan"));
	ck_assert(!wire_login_is_sound(&login, sizeof(login)));
	memcpy(login.user, "dan\0port-ana", sizeof("dan\0port-ana"));
	ck_assert(!wire_login_is_sound(&login, sizeof(login)));
}
END_TEST

START_TEST(a_daemon_speaks_its_version_and_the_one_before)
{
	static const struct {
		uint16_t newest, version;
		bool spoken;
	} rows[] = {
		{ 1, 0, false },
		{ 1, 1, true },
		{ 1, 2, false },
		{ 2, 0, false },
		{ 2, 1, true },
		{ 2, 2, true },
		{ 2, 3, false },
		{ 3, 1, false },
		{ 3, 2, true },
		{ UINT16_MAX, 0, false },
		{ UINT16_MAX, UINT16_MAX, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(wire_speaks(rows[i].newest, rows[i].version) == rows[i].spoken,
			"one of version %u, asked in %u", rows[i].newest, rows[i].version);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wire");
	TCase *tests = tcase_create("wire");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_loop_test(tests, only_a_whole_answer_of_roots_in_time_is_taken, 0,
		sizeof(ways) / sizeof(ways[0]));
	tcase_add_test(tests, nobody_there_is_said_at_once);
	tcase_add_test(tests, a_path_that_is_too_long_is_refused);
	tcase_add_test(tests, a_full_queue_is_waited_for_no_longer_than_the_deadline);
	tcase_add_test(tests, descriptors_arrive_and_die_on_exec);
	tcase_add_loop_test(tests, descriptors_that_nobody_wants_are_closed, 0, 2);
	tcase_add_test(tests, signals_do_not_disturb);
	tcase_add_test(tests, a_text_is_clean_to_its_end);
	tcase_add_test(tests, a_login_is_whole_clean_and_ours);
	tcase_add_test(tests, a_daemon_speaks_its_version_and_the_one_before);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
