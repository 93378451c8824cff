/* SPDX-License-Identifier: MIT */

/* A cgroup for each session, in a mount of the test's own. */

#include "host/cgroup.h"

#include "tests/unit/jail.h"

#include <errno.h>

#define FOLDER "/" CGROUP_FOLDER

static struct session session;
static int monitor;

static void set_up(void)
{
	pid_t pid;

	ck_assert_int_eq(unshare(CLONE_NEWNS), 0); /* of this test alone */
	ck_assert_int_eq(mount("test", "/run", "tmpfs", 0, "mode=755"), 0);
	jail_cgroups();
	monitor = jail_start(jail_as_root, NULL, &pid);
	session = (struct session){ .id = "unit-1", .uid = JAIL_UID };
	ck_assert_int_eq(process_name_read(pid, &session.monitor), 0);
}

static const char *below(const char *path)
{
	static char text[512];

	(void)snprintf(text, sizeof(text), JAIL_CGROUPS "%s", path);
	return text;
}

/* Nothing of the test's is left in the machine's cgroups. */
static void tear_down(void)
{
	static const char *const left[] = { FOLDER "/unit-1", FOLDER "/unit-10", FOLDER,
		"/session-77.scope" };

	(void)pidfd_send_signal(monitor, SIGKILL, NULL, 0);
	ck_assert(jail_gone(monitor, JAIL_WAIT_MS));
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		(void)rmdir(below(left[i]));
}

static void join(const char *path, pid_t pid)
{
	char name[512];
	FILE *file;

	(void)snprintf(name, sizeof(name), JAIL_CGROUPS "%s/cgroup.procs", path);
	file = fopen(name, "we");
	ck_assert_msg(file != NULL, "%s: %m", name);
	ck_assert_int_gt(fprintf(file, "%d", (int)pid), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void count_pid(void *context, int32_t pid)
{
	(void)pid;
	++*(int *)context;
}

static int64_t count(const char *path)
{
	int n = 0;
	int64_t r = cgroup_each(path, count_pid, &n);

	ck_assert_int_eq(n, r < 0 ? 0 : r);
	return r;
}

/* --- paths -------------------------------------------------------------------------------- */

static const struct {
	const char *path;
	bool ours;
} paths[] = {
	{ FOLDER "/s1", true },
	{ FOLDER "/7k2f9-qxm4t", true },
	{ "/user.slice/user-70001.slice/session-7.scope", true },
	{ "/session-c1.scope", true },
	{ "", false },
	{ "/", false },
	{ FOLDER, false },
	{ FOLDER "/", false },
	{ FOLDER "/.", false },
	{ FOLDER "/..", false },
	{ FOLDER "/../user.slice", false },
	{ FOLDER "/s1/..", false },
	{ FOLDER "/s1/below", false },
	{ FOLDER "2/s1", false },
	{ "supportaccess/s1", false },
	{ "/user.slice", false },
	{ "/system.slice/ssh.service", false },
	{ "/user.slice/user@70001.service", false },
	{ "/a/../session-7.scope", false },
	{ "/session-.scope", false },
	{ "/session-7.scope/below", false },
	{ "/session-7.service", false },
	{ "/session-7.scope.d", false },
	{ "/session-1234567890123456789012345678901.scope", true },
	{ "/session-12345678901234567890123456789012.scope", false },
};

START_TEST(only_a_sessions_own_path_is_ours)
{
	ck_assert_msg(cgroup_path_is_ours(paths[_i].path) == paths[_i].ours, "%s", paths[_i].path);
}
END_TEST

START_TEST(nothing_happens_to_what_is_not_ours)
{
	(void)mkdir(below("/unit-foreign"), 0755);
	ck_assert_int_eq(cgroup_kill("/unit-foreign"), -EINVAL);
	ck_assert_int_eq(cgroup_kill(FOLDER), -EINVAL);
	ck_assert_int_eq(count("/unit-foreign"), -ENOENT);
	cgroup_remove("/unit-foreign");
	ck_assert_int_eq(rmdir(below("/unit-foreign")), 0);
}
END_TEST

/* --- a session's -------------------------------------------------------------------------- */

START_TEST(who_is_born_in_it_is_held_by_it)
{
	pid_t other, child;

	cgroup_enter(&session, 100);
	ck_assert_str_eq(session.cgroup, FOLDER "/unit-1");
	ck_assert(cgroup_holds(session.cgroup, session.monitor.pid));
	(void)jail_start(jail_as_agent, NULL, &other);
	ck_assert(!cgroup_holds(session.cgroup, other));
	ck_assert_int_eq(mkdir(below(FOLDER "/unit-1/below"), 0755), 0);
	(void)jail_start(jail_as_agent, NULL, &child);
	join(FOLDER "/unit-1/below", child);
	ck_assert(cgroup_holds(session.cgroup, child));
	ck_assert_int_eq(count(session.cgroup), 2);
	ck_assert_int_eq(cgroup_kill(session.cgroup), 0);
	ck_assert(jail_gone(monitor, JAIL_WAIT_MS));
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	ck_assert_int_eq(kill(other, 0), 0);
	ck_assert_int_eq(waitpid(session.monitor.pid, NULL, 0), session.monitor.pid);
	ck_assert_int_eq(count(session.cgroup), 0);
	cgroup_remove(session.cgroup);
	ck_assert_int_eq(access(below(FOLDER "/unit-1"), F_OK), -1);
	ck_assert_int_eq(count(session.cgroup), -ENOENT);
}
END_TEST

START_TEST(one_whose_name_begins_alike_is_another)
{
	cgroup_enter(&session, 100);
	ck_assert_int_eq(mkdir(below(FOLDER "/unit-10"), 0755), 0);
	join(FOLDER "/unit-10", session.monitor.pid);
	ck_assert(!cgroup_holds(FOLDER "/unit-1", session.monitor.pid));
	ck_assert(cgroup_holds(FOLDER "/unit-10", session.monitor.pid));
	ck_assert_int_eq(cgroup_kill(FOLDER "/unit-1"), 0);
	ck_assert(!jail_gone(monitor, 0));
}
END_TEST

START_TEST(one_with_somebody_in_it_is_not_removed)
{
	cgroup_enter(&session, 100);
	cgroup_remove(session.cgroup);
	ck_assert_int_eq(count(session.cgroup), 1);
	ck_assert(!jail_gone(monitor, 0));
}
END_TEST

START_TEST(another_process_with_the_monitors_number_gets_none)
{
	session.monitor.start_time++;
	cgroup_enter(&session, 100);
	ck_assert_str_eq(session.cgroup, "");
	session.monitor.pid = 0;
	cgroup_enter(&session, 100);
	ck_assert_str_eq(session.cgroup, "");
}
END_TEST

START_TEST(without_a_mount_that_can_be_written_the_path_is_empty)
{
	ck_assert_int_eq(
		mount(NULL, JAIL_CGROUPS, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
	cgroup_enter(&session, 100);
	ck_assert_str_eq(session.cgroup, "");
	ck_assert_int_eq(mount(NULL, JAIL_CGROUPS, NULL, MS_REMOUNT | MS_BIND, NULL), 0);
}
END_TEST

/* --- logind's ----------------------------------------------------------------------------- */

static const struct {
	const char *what, *text; /* of logind; %d is the monitor */
	bool adopted;
} scopes[] = {
	{ "its leader is the monitor, its user the agent", "UID=70123\nUSER=x\nLEADER=%d\n", true },
	{ "another leads it", "UID=70123\nLEADER=1\n", false },
	{ "it is an administrator's", "UID=1000\nLEADER=%d\n", false },
	{ "logind does not say whose", "LEADER=%d\n", false },
	{ "logind does not say who leads", "UID=70123\n", false },
};

START_TEST(loginds_scope_is_adopted_if_it_is_this_connections)
{
	FILE *file;

	ck_assert_int_eq(mkdir("/run/systemd", 0755), 0);
	ck_assert_int_eq(mkdir("/run/systemd/sessions", 0755), 0);
	file = fopen("/run/systemd/sessions/77", "we");
	ck_assert_ptr_nonnull(file);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	ck_assert_int_gt(fprintf(file, scopes[_i].text, session.monitor.pid), 0);
#pragma GCC diagnostic pop
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(mkdir(below("/session-77.scope"), 0755), 0);
	join("/session-77.scope", session.monitor.pid);
	cgroup_enter(&session, 100);
	ck_assert_msg(strcmp(session.cgroup,
			      scopes[_i].adopted ? "/session-77.scope" : FOLDER "/unit-1") == 0,
		"%s: %s", scopes[_i].what, session.cgroup);
	cgroup_remove("/session-77.scope"); /* logind's are logind's */
	ck_assert_int_eq(access(below("/session-77.scope"), F_OK), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cgroup");
	TCase *tests = tcase_create("cgroup"), *pure = tcase_create("paths");

	jail();
	tcase_add_loop_test(
		pure, only_a_sessions_own_path_is_ours, 0, sizeof(paths) / sizeof(paths[0]));
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 30);
	tcase_add_test(tests, nothing_happens_to_what_is_not_ours);
	tcase_add_test(tests, who_is_born_in_it_is_held_by_it);
	tcase_add_test(tests, one_whose_name_begins_alike_is_another);
	tcase_add_test(tests, one_with_somebody_in_it_is_not_removed);
	tcase_add_test(tests, another_process_with_the_monitors_number_gets_none);
	tcase_add_test(tests, without_a_mount_that_can_be_written_the_path_is_empty);
	tcase_add_loop_test(tests, loginds_scope_is_adopted_if_it_is_this_connections, 0,
		sizeof(scopes) / sizeof(scopes[0]));
	suite_add_tcase(suite, pure);
	suite_add_tcase(suite, tests);
	jail_run(srunner_create(suite));
}
