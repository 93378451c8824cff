/* SPDX-License-Identifier: MIT */

/* Sessions in the store, and processes by their whole names. */

#include "host/sessions.h"
#include "tests/unit/host_fixture.h"

#include <signal.h>
#include <sys/wait.h>

static struct session a_session(const char *id, const char *login)
{
	struct session session = { .uid = 70010,
		.scope = SCOPE_READ_ONLY,
		.audit_session = UINT32_MAX,
		.opened = NOW,
		.until = NOW + HOUR,
		.monitor = { 4711, 123456789012345 } };

	strcpy(session.id, id);
	strcpy(session.login, login);
	strcpy(session.boot_id, "boot-1");
	strcpy(session.remote_host, "192.0.2.7");
	return session;
}

static int count_one(void *context, const struct session *session)
{
	(void)session;
	++*(int *)context;
	return 0;
}

static int count(const char *login, bool all)
{
	int n = 0;

	ck_assert_int_eq(sessions_each(store, login, all, count_one, &n), 0);
	return n;
}

START_TEST(a_session_is_found_as_it_was_added)
{
	struct session added = a_session("s1", "ana"), found;

	ck_assert_int_eq(sessions_add(store, &added), 0);
	ck_assert_int_eq(sessions_find(store, "s1", &found), 0);
	ck_assert_int_eq(memcmp(&added, &found, sizeof(found)), 0);
	ck_assert_int_eq(sessions_find(store, "s2", &found), -ENOENT);
	ck_assert_int_eq(sessions_add(store, &added), -EEXIST);
}
END_TEST

START_TEST(an_ended_session_is_no_longer_open)
{
	struct session first = a_session("s1", "ana"), second = a_session("s2", "ben");

	ck_assert_int_eq(sessions_add(store, &first), 0);
	ck_assert_int_eq(sessions_add(store, &second), 0);
	ck_assert_int_eq(count(NULL, false), 2);
	ck_assert_int_eq(count("ana", false), 1);
	ck_assert_int_eq(sessions_set_ended(store, "s1", NOW), 0);
	ck_assert_int_eq(count("ana", false), 0);
	ck_assert_int_eq(count("ana", true), 1);
}
END_TEST

START_TEST(the_end_of_a_session_can_be_moved)
{
	struct session session = a_session("s1", "ana");

	ck_assert_int_eq(sessions_add(store, &session), 0);
	ck_assert_int_eq(sessions_set_until(store, "s1", NOW + 60), 0);
	ck_assert_int_eq(sessions_find(store, "s1", &session), 0);
	ck_assert_int_eq(session.until, NOW + 60);
}
END_TEST

START_TEST(a_process_is_opened_by_its_whole_name_only)
{
	struct process_name name;
	pid_t pid = fork();
	int fd;

	if (pid == 0) {
		pause();
		_exit(0);
	}
	ck_assert_int_eq(process_name_read(pid, &name), 0);
	fd = process_open(&name);
	ck_assert_int_ge(fd, 0);
	close(fd);
	name.start_time++;
	ck_assert_int_eq(process_open(&name), -ESRCH);
	name.start_time--;
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_int_eq(process_open(&name), -ESRCH);
	ck_assert_int_eq(process_name_read(0, &name), -ESRCH);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_session_is_found_as_it_was_added,
		an_ended_session_is_no_longer_open,
		the_end_of_a_session_can_be_moved,
		a_process_is_opened_by_its_whole_name_only,
	};

	return RUN_TESTS("sessions", tests);
}
