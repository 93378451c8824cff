/* SPDX-License-Identifier: MIT */

/* Ending one session: all that is its own, and nobody else's. */

#include "host/ending.h"

#include "host/cgroup.h"
#include "host/keeping.h"
#include "host/machine.h"
#include "lib/paths.h"
#include "tests/unit/jail.h"

#include <errno.h>

static struct session session;
static struct problem problem;
static int monitor;

static void begin(void (*body)(void *context))
{
	struct machine machine;
	pid_t pid;

	ck_assert_int_eq(unshare(CLONE_NEWNS), 0); /* of this test alone */
	ck_assert_int_eq(mount("test", "/run", "tmpfs", 0, "mode=755"), 0);
	ck_assert_int_eq(mount("test", PATH_HOMES, "tmpfs", 0, "mode=755"), 0);
	ck_assert_int_eq(mkdir(PATH_RUN, 0755), 0);
	ck_assert_int_eq(machine_read(&machine), 0);
	monitor = jail_start(body, NULL, &pid);
	session = (struct session){
		.id = "unit-2", .login = "ana", .uid = JAIL_UID, .audit_session = UINT32_MAX
	};
	strcpy(session.boot_id, machine.boot_id);
	ck_assert_int_eq(process_name_read(pid, &session.monitor), 0);
	problem = PROBLEM_NONE;
}

static struct ended end(const struct struck *struck, bool whole_agent, int timeout_ms, int wanted)
{
	struct ended ended;
	int r = ending_session(&session, struck, whole_agent, timeout_ms, &ended, &problem);

	ck_assert_msg(r == wanted, "%d: %s", r, problem.text);
	ck_assert_int_eq(ended.clean, r == 0);
	return ended;
}

/* --- who goes ----------------------------------------------------------------------------- */

START_TEST(all_that_is_the_agents_goes_and_then_the_monitor)
{
	int shell, detached;

	begin(jail_as_root);
	shell = jail_start(jail_as_agent, NULL, NULL);
	detached = jail_start(jail_through_sudo, NULL, NULL);
	ck_assert_int_eq(end(NULL, true, JAIL_WAIT_MS, 0).processes, 2);
	ck_assert(jail_gone(shell, 0));
	ck_assert(jail_gone(detached, 0));
	ck_assert(jail_gone(monitor, 0));
	ck_assert_int_eq(end(NULL, true, JAIL_WAIT_MS, 0).processes, 0);
}
END_TEST

START_TEST(bystanders_are_left_alone)
{
	int other, root;

	begin(jail_as_root);
	other = jail_start(jail_as_other, NULL, NULL);
	root = jail_start(jail_as_root, NULL, NULL);
	ck_assert_int_eq(end(NULL, true, JAIL_WAIT_MS, 0).processes, 0);
	ck_assert(!jail_gone(other, 0));
	ck_assert(!jail_gone(root, 0));
}
END_TEST

START_TEST(of_two_sessions_of_an_agent_the_other_goes_on)
{
	int mine, others;
	pid_t pid;

	begin(jail_as_root);
	mine = jail_start(jail_through_sudo, NULL, &pid);
	others = jail_start(jail_through_sudo, NULL, NULL);
	session.audit_session = jail_audit_session(pid);
	ck_assert_int_eq(end(NULL, false, JAIL_WAIT_MS, 0).processes, 1);
	ck_assert(jail_gone(mine, 0));
	ck_assert(jail_gone(monitor, 0));
	ck_assert(!jail_gone(others, 0));
}
END_TEST

/* As sshd's monitor does: it waits for its child, logs the user out, and goes. */
static void log_out_when_the_child_is_gone(void *context)
{
	pid_t child = fork();

	if (child == 0) {
		jail_as_agent(context);
		(void)raise(SIGSTOP);
		_exit(1);
	}
	(void)waitpid(child, NULL, WUNTRACED); /* it is the agent's now */
	if (fork() == 0)
		return; /* goes on as what jail_start waits for: root's, and no part of it */
	(void)waitpid(child, NULL, 0);
	_exit(7);
}

START_TEST(a_monitor_that_ends_by_itself_is_not_killed)
{
	int status;

	begin(log_out_when_the_child_is_gone);
	ck_assert_int_eq(end(NULL, true, JAIL_WAIT_MS, 0).processes, 1);
	ck_assert_int_eq(waitpid(session.monitor.pid, &status, 0), session.monitor.pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 7);
}
END_TEST

START_TEST(another_process_with_the_monitors_number_is_left_alone)
{
	begin(jail_as_root);
	session.monitor.start_time++;
	ck_assert_int_eq(end(NULL, true, JAIL_WAIT_MS, 0).processes, 0);
	ck_assert(!jail_gone(monitor, 0));
}
END_TEST

START_TEST(a_session_of_an_earlier_boot_is_over)
{
	struct struck struck;
	int agent;

	begin(jail_as_root);
	agent = jail_start(jail_as_agent, NULL, NULL);
	strcpy(session.boot_id, "00000000-0000-0000-0000-000000000000");
	ending_strike(&session, &struck);
	ck_assert_int_eq(struck.count, 0);
	ck_assert_int_eq(end(&struck, true, JAIL_WAIT_MS, 0).processes, 0);
	ck_assert(!jail_gone(agent, 0));
	ck_assert(!jail_gone(monitor, 0));
}
END_TEST

START_TEST(what_cannot_be_seen_gone_in_time_is_told)
{
	begin(jail_as_root);
	(void)jail_start(jail_as_agent, NULL, NULL);
	(void)end(NULL, true, 0, -ETIMEDOUT);
	ck_assert_msg(strstr(problem.text, "session unit-2 of ana is not over") != NULL, "%s",
		problem.text);
	ck_assert_msg(strstr(problem.text, "ps -U 70123") != NULL, "%s", problem.text);
}
END_TEST

/* --- its cgroup and its keeper ------------------------------------------------------------ */

static void enter_cgroup(void *context)
{
	FILE *file = fopen(JAIL_CGROUPS "/" CGROUP_FOLDER "/unit-2/cgroup.procs", "we");

	(void)context;
	ck_assert_ptr_nonnull(file);
	ck_assert_int_gt(fprintf(file, "%d", (int)getpid()), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void begin_with_cgroup(void)
{
	begin(jail_as_root);
	jail_cgroups();
	cgroup_enter(&session, 100);
	ck_assert_str_eq(session.cgroup, "/" CGROUP_FOLDER "/unit-2");
}

static void leave_no_cgroup(void)
{
	(void)rmdir(JAIL_CGROUPS "/" CGROUP_FOLDER "/unit-2");
	(void)rmdir(JAIL_CGROUPS "/" CGROUP_FOLDER);
}

START_TEST(whatever_is_in_its_cgroup_goes_and_what_was_struck_is_counted_once)
{
	struct struck struck;
	int inside;

	begin_with_cgroup();
	inside = jail_start(enter_cgroup, NULL, NULL); /* root's, and of no audit session */
	ending_strike(&session, &struck);
	ck_assert_int_eq(struck.count, 1);
	ck_assert(jail_gone(inside, JAIL_WAIT_MS));
	ck_assert(!jail_gone(monitor, 0));
	ck_assert_int_eq(end(&struck, false, JAIL_WAIT_MS, 0).processes, 1);
	ck_assert(jail_gone(monitor, 0));
	ck_assert_int_eq(ending_clean(&session, false, &problem), 0);
	ck_assert_int_eq(access(JAIL_CGROUPS "/" CGROUP_FOLDER "/unit-2", F_OK), -1);
}
END_TEST

START_TEST(the_keeper_goes_and_another_with_its_number_does_not)
{
	int keeper;
	pid_t pid;

	begin(jail_as_root);
	keeper = jail_start(jail_as_root, NULL, &pid);
	ck_assert_int_eq(process_name_read(pid, &session.keeper), 0);
	session.keeper.start_time++;
	(void)end(NULL, false, JAIL_WAIT_MS, 0);
	ck_assert(!jail_gone(keeper, 0));
	session.keeper.start_time--;
	(void)end(NULL, false, JAIL_WAIT_MS, 0);
	ck_assert(jail_gone(keeper, JAIL_WAIT_MS));
}
END_TEST

/* --- what it leaves ----------------------------------------------------------------------- */

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static void leave_things(void)
{
	struct keeping keeping = { .id = "unit-2", .uid = JAIL_UID, .until = 1 };
	struct keeping_end over = { .id = "unit-2", .uid = JAIL_UID, .when = 1, .cause = "over" };

	ck_assert_int_eq(keeping_write(PATH_SESSIONS, &keeping), 0);
	ck_assert_int_eq(keeping_bury(PATH_SESSIONS, &over), 0);
	ck_assert_int_eq(mkdir(PATH_HOMES "/support-ana", 0700), 0);
	ck_assert_int_eq(chown(PATH_HOMES "/support-ana", JAIL_UID, JAIL_UID), 0);
	ck_assert_int_eq(mkdir(PATH_HOMES "/support-ana/left", 0700), 0);
	ck_assert_int_eq(mkdir(PATH_HOMES "/ana", 0700), 0);
}

START_TEST(the_agents_last_session_takes_the_home_along)
{
	begin(jail_as_root);
	leave_things();
	ck_assert_int_eq(ending_clean(&session, true, &problem), 0);
	ck_assert(!is_there(PATH_SESSIONS "/unit-2"));
	ck_assert(!is_there(PATH_SESSIONS "/unit-2.ended"));
	ck_assert(!is_there(PATH_HOMES "/support-ana"));
	ck_assert(is_there(PATH_HOMES "/ana"));
	ck_assert_int_eq(ending_clean(&session, true, &problem), 0);
}
END_TEST

START_TEST(while_another_session_is_open_the_home_stays)
{
	begin(jail_as_root);
	leave_things();
	ck_assert_int_eq(ending_clean(&session, false, &problem), 0);
	ck_assert(!is_there(PATH_SESSIONS "/unit-2"));
	ck_assert(is_there(PATH_HOMES "/support-ana/left"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ending");
	TCase *tests = tcase_create("ending"), *grouped = tcase_create("cgroup");

	jail();
	tcase_set_timeout(tests, 30);
	tcase_add_test(tests, all_that_is_the_agents_goes_and_then_the_monitor);
	tcase_add_test(tests, bystanders_are_left_alone);
	tcase_add_test(tests, of_two_sessions_of_an_agent_the_other_goes_on);
	tcase_add_test(tests, a_monitor_that_ends_by_itself_is_not_killed);
	tcase_add_test(tests, another_process_with_the_monitors_number_is_left_alone);
	tcase_add_test(tests, a_session_of_an_earlier_boot_is_over);
	tcase_add_test(tests, what_cannot_be_seen_gone_in_time_is_told);
	tcase_add_test(tests, the_keeper_goes_and_another_with_its_number_does_not);
	tcase_add_test(tests, the_agents_last_session_takes_the_home_along);
	tcase_add_test(tests, while_another_session_is_open_the_home_stays);
	tcase_set_timeout(grouped, 30);
	tcase_add_checked_fixture(grouped, NULL, leave_no_cgroup);
	tcase_add_test(grouped, whatever_is_in_its_cgroup_goes_and_what_was_struck_is_counted_once);
	suite_add_tcase(suite, tests);
	suite_add_tcase(suite, grouped);
	jail_run(srunner_create(suite));
}
