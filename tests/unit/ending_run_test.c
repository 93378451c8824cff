/* SPDX-License-Identifier: MIT */

/* Which sessions are ended, and what is written of it: with a store, with one that cannot be
 * written, and with none. */

#include "host/ending.h"

#include "host/keeping.h"
#include "host/machine.h"
#include "lib/moment.h"
#include "tests/unit/host_fixture.h"
#include "tests/unit/jail.h"

#include <sys/file.h>

static const struct ending_order uncovered = {
	.uncovered_only = true, .by = "supportaccessd", .cause = "no grant covers it"
};
static struct ending_report report;

static void set_up_in_jail(void)
{
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(mount("test", "/run", "tmpfs", 0, "mode=755"), 0);
	ck_assert_int_eq(mount("test", "/var/lib", "tmpfs", 0, "mode=755"), 0);
	ck_assert_int_eq(mount("test", PATH_HOMES, "tmpfs", 0, "mode=755"), 0);
	ck_assert_int_eq(mkdir(PATH_STATE, 0700), 0);
	ck_assert_int_eq(mkdir(PATH_RUN, 0755), 0);
	ck_assert_int_eq(mkdir(PATH_SESSIONS, 0700), 0);
	ck_assert_int_eq(mkdir(PATH_KEYS, 0755), 0);
	report = (struct ending_report){ 0 };
	set_up();
}

/* --- sessions ----------------------------------------------------------------------------- */

/* An approved request of an agent. */
static struct made granted_to(const char *login)
{
	struct document wanted = a_request(login), decision;
	struct made request;
	char key[32];

	snprintf(key, sizeof(key), "%s-cert.pub", login);
	ACCEPTED(send(&wanted, key, &request));
	decision = a_decision(&request);
	ACCEPTED(send(&decision, "carol", NULL));
	return request;
}

/* Opens a session with a monitor and one process of `body`; returns the latter's pidfd. */
static int open_session(const char *id, const char *login, const struct made *request,
	void (*body)(void *context), uint32_t uid)
{
	struct session session = { .uid = uid,
		.scope = SCOPE_READ_ONLY,
		.audit_session = UINT32_MAX,
		.opened = NOW,
		.until = NOW - 60 + 4 * HOUR };
	struct keeping keeping = { .uid = uid, .until = session.until };
	struct machine machine;
	pid_t monitor;

	ck_assert_int_eq(machine_read(&machine), 0);
	strcpy(session.id, id);
	strcpy(session.login, login);
	strcpy(session.request, request->digest);
	strcpy(session.boot_id, machine.boot_id);
	strcpy(keeping.id, id);
	(void)jail_start(jail_as_root, NULL, &monitor);
	ck_assert_int_eq(process_name_read(monitor, &session.monitor), 0);
	ck_assert_int_eq(sessions_add(store, &session), 0);
	ck_assert_int_eq(keeping_write(PATH_SESSIONS, &keeping), 0);
	return jail_start(body, NULL, NULL);
}

static bool is_open(const char *id)
{
	struct session session;

	ck_assert_int_eq(sessions_find(store, id, &session), 0);
	return session.ended == 0;
}

static int order(const struct ending_order *order)
{
	problem = PROBLEM_NONE;
	return ending_run(store, &config, order, NOW, &report, &problem);
}

static void expect_report(int64_t sessions, int64_t processes)
{
	ck_assert_int_eq(report.sessions, sessions);
	ck_assert_int_eq(report.processes, processes);
	ck_assert(report.clean);
}

/* --- which are ended ---------------------------------------------------------------------- */

START_TEST(what_a_grant_covers_goes_on)
{
	struct made request = granted_to("ana");
	int process = open_session("s1", "ana", &request, jail_as_agent, JAIL_UID);

	ck_assert_int_eq(order(&uncovered), 0);
	expect_report(0, 0);
	ck_assert(!jail_gone(process, 0));
	ck_assert(is_open("s1"));
	made_done(&request);
}
END_TEST

START_TEST(what_was_revoked_ends_and_is_written_and_another_agents_goes_on)
{
	struct made anas = granted_to("ana"), bens = granted_to("ben");
	int ana = open_session("s1", "ana", &anas, jail_as_agent, JAIL_UID);
	int ben = open_session("s2", "ben", &bens, jail_as_other, JAIL_OTHER);
	struct document revocation = a_revocation(&anas);
	struct keeping keeping;

	ACCEPTED(send(&revocation, "carol", NULL));
	ck_assert_int_eq(order(&uncovered), 0);
	expect_report(1, 1);
	ck_assert(jail_gone(ana, 0));
	ck_assert(!jail_gone(ben, 0));
	ck_assert(!is_open("s1"));
	ck_assert(is_open("s2"));
	ck_assert_int_eq(events("ended", "revoked: done, thank you"), 1);
	ck_assert_int_eq(events("confirmed", ""), 1);
	ck_assert_int_eq(keeping_read(PATH_SESSIONS, "s1", &keeping), -ENOENT);
	ck_assert_int_eq(keeping_read(PATH_SESSIONS, "s2", &keeping), 0);
	ck_assert_int_eq(order(&uncovered), 0);
	expect_report(0, 0);
	ck_assert_int_eq(events("ended", ""), 1);
	ck_assert_int_eq(events("confirmed", ""), 1);
	made_done(&anas);
	made_done(&bens);
}
END_TEST

START_TEST(what_is_over_before_that_was_recorded_ended_since_its_time_was_over)
{
	struct made request = granted_to("ana");
	int process = open_session("s1", "ana", &request, jail_as_agent, JAIL_UID);

	problem = PROBLEM_NONE;
	ck_assert_int_eq(
		ending_run(store, &config, &uncovered, NOW + 4 * HOUR, &report, &problem), 0);
	ck_assert(jail_gone(process, 0));
	ck_assert_int_eq(events("ended", "its time was over"), 1);
	made_done(&request);
}
END_TEST

/* `named` names what is ben's; a request of "" is his, too. */
static void only_what_is_named_ends(struct ending_order wanted)
{
	struct made anas = granted_to("ana"), bens = granted_to("ben");
	int ana = open_session("s1", "ana", &anas, jail_as_agent, JAIL_UID);
	int ben = open_session("s2", "ben", &bens, jail_as_other, JAIL_OTHER);

	wanted.by = "root";
	wanted.cause = "asked for";
	if (wanted.request)
		wanted.request = bens.digest;
	ck_assert_int_eq(order(&wanted), 0);
	expect_report(1, 1);
	ck_assert(!jail_gone(ana, 0));
	ck_assert(jail_gone(ben, 0));
	ck_assert(is_open("s1"));
	ck_assert(!is_open("s2"));
	ck_assert_int_eq(events("ended", "asked for"), 1);
	ck_assert_int_eq(events("confirmed", ""), 0); /* its grant stands */
	made_done(&anas);
	made_done(&bens);
}

START_TEST(all_of_an_agent_end)
{
	only_what_is_named_ends((struct ending_order){ .login = "ben" });
}
END_TEST

START_TEST(all_of_a_request_end)
{
	only_what_is_named_ends((struct ending_order){ .request = "" });
}
END_TEST

START_TEST(one_session_ends)
{
	only_what_is_named_ends((struct ending_order){ .session = "s2" });
}
END_TEST

START_TEST(who_ended_it_before_knows_best_why)
{
	struct made request = granted_to("ana");
	struct keeping_end over = {
		.id = "s1", .uid = JAIL_UID, .when = NOW, .cause = "its time was over"
	};
	const struct ending_order all = { .by = "root", .cause = "asked for" };

	(void)open_session("s1", "ana", &request, jail_as_agent, JAIL_UID);
	ck_assert_int_eq(keeping_bury(PATH_SESSIONS, &over), 0);
	ck_assert_int_eq(order(&all), 0);
	ck_assert_int_eq(events("ended", "its time was over"), 1);
	ck_assert_int_eq(keeping_read_end(PATH_SESSIONS, "s1", &over), -ENOENT);
	made_done(&request);
}
END_TEST

/* Another source has the number, too: what bears it may be that one's. */
START_TEST(processes_of_a_number_that_another_source_has_are_left_alone)
{
	struct made request = granted_to("ana");
	int process = open_session("s1", "ana", &request, jail_as_agent, JAIL_UID);
	const struct ending_order all = { .by = "root", .cause = "asked for" };

	foreign_name = "support-ana";
	ck_assert_int_eq(accounts_check(store, probe, NOW, &problem), 0);
	ck_assert_int_eq(order(&all), 0);
	expect_report(1, 0);
	ck_assert(!jail_gone(process, 0));
	ck_assert(!is_open("s1"));
	made_done(&request);
}
END_TEST

/* --- what cannot be written --------------------------------------------------------------- */

START_TEST(a_store_that_is_locked_keeps_nothing_from_ending)
{
	struct made request = granted_to("ana");
	int process = open_session("s1", "ana", &request, jail_as_agent, JAIL_UID);
	const struct ending_order all = { .by = "root", .cause = "asked for" };
	struct keeping_end over;
	struct store *other;

	ck_assert_int_eq(store_open(path, false, &other, &problem), 0);
	ck_assert_int_eq(store_begin(other, &problem), 0);
	ck_assert_int_lt(order(&all), 0);
	expect_report(1, 1);
	ck_assert(jail_gone(process, 0));
	ck_assert(is_open("s1"));
	ck_assert_int_eq(keeping_read_end(PATH_SESSIONS, "s1", &over), 0);
	ck_assert_str_eq(over.cause, "asked for");
	store_rollback(other);
	store_free(other);
	ck_assert_int_eq(order(&all), 0); /* and now it is written, with what the tombstone says */
	ck_assert(!is_open("s1"));
	ck_assert_int_eq(events("ended", "asked for"), 1);
	ck_assert_int_eq(keeping_read_end(PATH_SESSIONS, "s1", &over), -ENOENT);
	made_done(&request);
}
END_TEST

/* --- two at once -------------------------------------------------------------------------- */

START_TEST(whoever_yields_waits_for_who_is_ending_and_no_longer_than_it_may)
{
	int ending = open(PATH_SESSIONS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int64_t start = moment_boot_ns();

	ending_yield(60 * 1000);
	ck_assert_int_lt(moment_boot_ns() - start, 30 * MOMENT_NS);
	ck_assert_int_eq(flock(ending, LOCK_SH | LOCK_NB), 0);
	start = moment_boot_ns();
	ending_yield(50);
	ck_assert_int_ge(moment_boot_ns() - start, 40 * (MOMENT_NS / 1000));
	ck_assert_int_eq(close(ending), 0);
}
END_TEST

/* --- without a store ---------------------------------------------------------------------- */

START_TEST(blind_every_session_ends_and_the_store_is_condemned)
{
	struct made anas = granted_to("ana"), bens = granted_to("ben");
	int ana = open_session("s1", "ana", &anas, jail_as_agent, JAIL_UID);
	int ben = open_session("s2", "ben", &bens, jail_as_other, JAIL_OTHER);
	int root = jail_start(jail_as_root, NULL, NULL);
	struct keeping_end over;
	struct store *later;

	write_text(PATH_KEYS "/support-ana", "key");
	write_text(PATH_KEYS "/somebody", "key");
	ck_assert_msg(
		ending_blind("revoked by root", NOW, &report, &problem) == 0, "%s", problem.text);
	expect_report(2, 2);
	ck_assert(jail_gone(ana, 0));
	ck_assert(jail_gone(ben, 0));
	ck_assert(!jail_gone(root, 0));
	ck_assert_int_eq(access(PATH_KEYS "/support-ana", F_OK), -1);
	ck_assert_int_eq(access(PATH_KEYS "/somebody", F_OK), 0);
	ck_assert_int_eq(keeping_read_end(PATH_SESSIONS, "s2", &over), 0);
	ck_assert_str_eq(over.cause, "revoked by root");
	ck_assert_msg(store_open(PATH_STORE, true, &later, &problem) == 0, "%s", problem.text);
	ck_assert_int_eq(store_use_tombstones(later, PATH_SESSIONS), 0);
	ck_assert_ptr_nonnull(store_closed(later));
	store_free(later);
	made_done(&anas);
	made_done(&bens);
}
END_TEST

START_TEST(blind_what_is_over_already_is_not_counted)
{
	struct made request = granted_to("ana");

	(void)open_session("s1", "ana", &request, jail_as_agent, JAIL_UID);
	ck_assert_int_eq(ending_blind("first", NOW, &report, &problem), 0);
	expect_report(1, 1);
	ck_assert_int_eq(ending_blind("second", NOW, &report, &problem), 0);
	expect_report(0, 0);
	made_done(&request);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		what_a_grant_covers_goes_on,
		what_was_revoked_ends_and_is_written_and_another_agents_goes_on,
		what_is_over_before_that_was_recorded_ended_since_its_time_was_over,
		all_of_an_agent_end,
		all_of_a_request_end,
		one_session_ends,
		who_ended_it_before_knows_best_why,
		processes_of_a_number_that_another_source_has_are_left_alone,
		a_store_that_is_locked_keeps_nothing_from_ending,
		whoever_yields_waits_for_who_is_ending_and_no_longer_than_it_may,
		blind_every_session_ends_and_the_store_is_condemned,
		blind_what_is_over_already_is_not_counted,
	};

	jail();
	jail_run(make_runner(
		"ending_run", tests, sizeof(tests) / sizeof(tests[0]), set_up_in_jail, tear_down));
}
