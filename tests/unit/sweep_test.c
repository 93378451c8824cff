/* SPDX-License-Identifier: MIT */

#include "host/sweep.h"

#include "tests/unit/jail.h"

#include <pthread.h>
#include <sys/prctl.h>

#define MANY 100

static const struct sweep whole = {
	.uid = JAIL_UID,
	.audit_session = UINT32_MAX,
	.whole_agent = true,
};

static int64_t soon(void)
{
	return sweep_clock_ms() + JAIL_WAIT_MS;
}

static void ignore_signals(void *context)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	jail_as_agent(context);
	for (int signal = 1; signal < NSIG; signal++)
		(void)sigaction(signal, &ignore, NULL);
}

static void detach(void *context)
{
	jail_as_agent(context);
	(void)setsid();
}

static void hide_effective_uid(void *context)
{
	(void)context;
	ck_assert_int_eq(setresuid(JAIL_UID, JAIL_OTHER, JAIL_OTHER), 0);
}

static void *run_on(void *context)
{
	(void)context;
	for (;;)
		pause();
	return NULL;
}

static void log_in_as_other(void *context)
{
	(void)context;
	jail_log_in(JAIL_OTHER);
}

static const struct {
	const char *what;
	void (*body)(void *context);
} kinds[] = {
	{ "an ordinary one", jail_as_agent },
	{ "one that ignores every signal that can be", ignore_signals },
	{ "one that left its terminal's session", detach },
	{ "one that kept only its real uid", hide_effective_uid },
	{ "root's, that came through sudo", jail_through_sudo },
};

START_TEST(every_process_of_the_agent_is_killed_and_then_a_pass_is_clean)
{
	int fd = jail_start(kinds[_i].body, NULL, NULL);

	ck_assert_int_eq(sweep_pass(&whole, soon()), 1);
	ck_assert_msg(jail_gone(fd, 0), "%s lives on", kinds[_i].what);
	ck_assert_int_eq(sweep_pass(&whole, soon()), 0);
}
END_TEST

START_TEST(bystanders_are_left_alone)
{
	int other = jail_start(jail_as_other, NULL, NULL);
	int root = jail_start(jail_as_root, NULL, NULL);
	int logged_in = jail_start(log_in_as_other, NULL, NULL);

	ck_assert_int_eq(sweep_pass(&whole, soon()), 0);
	ck_assert(!jail_gone(other, 0));
	ck_assert(!jail_gone(root, 0));
	ck_assert(!jail_gone(logged_in, 0));
}
END_TEST

START_TEST(a_uid_that_is_not_ours_matches_nothing)
{
	struct sweep sweep = whole;
	int root = jail_start(jail_as_root, NULL, NULL);

	sweep.uid = 0;
	ck_assert_int_eq(sweep_pass(&sweep, soon()), 0);
	ck_assert_int_eq(sweep_uid(0, soon()), -EINVAL);
	ck_assert(!jail_gone(root, 0));
}
END_TEST

START_TEST(a_hundred_processes_go_at_once)
{
	int64_t killed, all = 0;
	int fds[MANY];

	for (int i = 0; i < MANY; i++)
		fds[i] = jail_start(i % 2 ? ignore_signals : detach, NULL, NULL);
	while ((killed = sweep_pass(&whole, soon())) > 0)
		all += killed;
	ck_assert_int_eq(killed, 0);
	ck_assert_int_eq(all, MANY);
	for (int i = 0; i < MANY; i++)
		ck_assert(jail_gone(fds[i], 0));
}
END_TEST

/* The first thread shows as a zombie while the others run. */
START_TEST(a_process_whose_first_thread_has_ended_is_not_overlooked)
{
	pthread_t thread;
	int64_t killed = 0, end = soon();
	pid_t pid = fork();
	int fd;

	if (pid == 0) {
		jail_as_agent(NULL);
		if (pthread_create(&thread, NULL, run_on, NULL) == 0)
			pthread_exit(NULL);
		_exit(1);
	}
	fd = pidfd_open(pid, 0);
	while (killed == 0 && sweep_clock_ms() < end)
		killed = sweep_pass(&whole, end);
	ck_assert_int_eq(killed, 1);
	ck_assert(jail_gone(fd, JAIL_WAIT_MS));
}
END_TEST

START_TEST(a_zombie_is_dead)
{
	pid_t pid = fork();
	int fd;

	if (pid == 0) {
		jail_as_agent(NULL);
		_exit(0);
	}
	fd = pidfd_open(pid, 0);
	ck_assert(jail_gone(fd, JAIL_WAIT_MS));
	ck_assert_int_eq(sweep_pass(&whole, soon()), 0);
}
END_TEST

START_TEST(another_session_of_the_agent_is_left_alone)
{
	struct sweep sweep = whole;
	pid_t mine, others;
	int my_fd = jail_start(jail_through_sudo, NULL, &mine);
	int other_fd = jail_start(jail_through_sudo, NULL, &others);

	ck_assert_uint_ne(jail_audit_session(mine), jail_audit_session(others));
	sweep.whole_agent = false;
	sweep.audit_session = jail_audit_session(mine);
	ck_assert_int_eq(sweep_pass(&sweep, soon()), 1);
	ck_assert(jail_gone(my_fd, 0));
	ck_assert(!jail_gone(other_fd, 0));
}
END_TEST

START_TEST(an_unset_audit_session_matches_nothing)
{
	struct sweep sweep = whole;
	int agent = jail_start(jail_as_agent, NULL, NULL);

	sweep.whole_agent = false;
	ck_assert_int_eq(sweep_pass(&sweep, soon()), 0);
	ck_assert(!jail_gone(agent, 0));
}
END_TEST

/* sshd without pam_loginuid keeps the audit session of who started it. */
START_TEST(an_administrators_audit_session_matches_nothing)
{
	struct sweep sweep = whole;
	pid_t admin;
	int fd = jail_start(log_in_as_other, NULL, &admin);

	sweep.whole_agent = false;
	sweep.audit_session = jail_audit_session(admin);
	ck_assert_int_eq(sweep_pass(&sweep, soon()), 0);
	ck_assert(!jail_gone(fd, 0));
}
END_TEST

START_TEST(the_monitor_is_spared_while_it_is_the_one_that_was_meant)
{
	struct sweep sweep = whole;
	struct process_name monitor;
	pid_t pid;
	int fd = jail_start(jail_through_sudo, NULL, &pid);

	ck_assert_int_eq(process_name_read(pid, &monitor), 0);
	sweep.spare = &monitor;
	ck_assert_int_eq(sweep_pass(&sweep, soon()), 0);
	ck_assert(!jail_gone(fd, 0));
	monitor.start_time++;
	ck_assert_int_eq(sweep_pass(&sweep, soon()), 1);
	ck_assert(jail_gone(fd, 0));
}
END_TEST

START_TEST(a_process_that_has_anothers_number_is_not_killed)
{
	struct process_name name;
	pid_t pid;
	int fd = jail_start(jail_as_root, NULL, &pid);

	ck_assert_int_eq(process_name_read(pid, &name), 0);
	name.start_time--;
	ck_assert_int_eq(sweep_process(&name, soon()), 0);
	ck_assert(!jail_gone(fd, 0));
	name.start_time++;
	ck_assert_int_eq(sweep_process(&name, soon()), 0);
	ck_assert(jail_gone(fd, 0));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sweep");
	TCase *tests = tcase_create("sweep");

	jail();
	tcase_set_timeout(tests, 30);
	tcase_add_loop_test(tests, every_process_of_the_agent_is_killed_and_then_a_pass_is_clean, 0,
		sizeof(kinds) / sizeof(kinds[0]));
	tcase_add_test(tests, bystanders_are_left_alone);
	tcase_add_test(tests, a_uid_that_is_not_ours_matches_nothing);
	tcase_add_test(tests, a_hundred_processes_go_at_once);
	tcase_add_test(tests, a_process_whose_first_thread_has_ended_is_not_overlooked);
	tcase_add_test(tests, a_zombie_is_dead);
	tcase_add_test(tests, another_session_of_the_agent_is_left_alone);
	tcase_add_test(tests, an_unset_audit_session_matches_nothing);
	tcase_add_test(tests, an_administrators_audit_session_matches_nothing);
	tcase_add_test(tests, the_monitor_is_spared_while_it_is_the_one_that_was_meant);
	tcase_add_test(tests, a_process_that_has_anothers_number_is_not_killed);
	suite_add_tcase(suite, tests);
	jail_run(srunner_create(suite));
}
