/* SPDX-License-Identifier: MIT */

/* One agent, one uid, never shared and never given again. */

#include "host/query.h"
#include "tests/unit/host_fixture.h"

static int make_account(const char *login)
{
	struct document_agent agent = { 0 };
	uint32_t uid = 0;
	int r;

	problem = PROBLEM_NONE;
	snprintf(agent.login, sizeof(agent.login), "%s", login);
	strcpy(agent.name, "Some Body");
	r = accounts_place(store, login, probe, &uid, &problem);
	if (r < 0)
		return r;
	ck_assert_int_eq(store_begin(store, &problem), 0);
	r = accounts_make(store, &config, &agent, uid, NOW, &problem);
	if (r < 0) {
		store_rollback(store);
		return r;
	}
	ck_assert_int_eq(store_commit(store, &problem), 0);
	return (int)uid;
}

START_TEST(each_agent_gets_the_next_uid_and_keeps_it)
{
	int first = make_account("ana");

	ck_assert(account_uid_is_ours((uid_t)first));
	ck_assert_int_gt(first, (int)ACCOUNT_GID_ADMIN);
	ck_assert_int_eq(make_account("ben"), first + 1);
	ck_assert_int_eq(make_account("ana"), first);
	ck_assert_int_eq(events("account", "support-ana has uid"), 1);
}
END_TEST

START_TEST(a_uid_of_another_source_is_passed_over)
{
	foreign_uid = ACCOUNT_GID_ADMIN + 1;
	ck_assert_int_eq(make_account("ana"), (int)foreign_uid + 1);
}
END_TEST

START_TEST(a_name_of_another_source_gets_no_account)
{
	foreign_name = "support-ana";
	ck_assert_int_eq(make_account("ana"), -EEXIST);
	ck_assert_ptr_nonnull(strstr(problem.text, "getent passwd support-ana"));
}
END_TEST

START_TEST(there_are_no_more_accounts_than_allowed)
{
	config.max_accounts = 1;
	ck_assert_int_gt(make_account("ana"), 0);
	ck_assert_int_eq(make_account("ben"), -ENOSPC);
	ck_assert_ptr_nonnull(strstr(problem.text, "max_accounts"));
	ck_assert_int_gt(make_account("ana"), 0);
}
END_TEST

START_TEST(the_range_of_uids_has_an_end)
{
	ck_assert_int_eq(store_set_int(store, FACT_NEXT_UID, ACCOUNT_UID_LAST), 0);
	ck_assert_int_eq(make_account("ana"), (int)ACCOUNT_UID_LAST);
	ck_assert_int_eq(make_account("ben"), -ENOSPC);
}
END_TEST

START_TEST(a_uid_that_somebody_else_got_meanwhile_is_not_given)
{
	struct document_agent agent = { .login = "ben", .name = "Ben Okri" };
	int first = make_account("ana");

	ck_assert_int_eq(store_begin(store, &problem), 0);
	ck_assert_int_eq(
		accounts_make(store, &config, &agent, (uint32_t)first, NOW, &problem), -EAGAIN);
	store_rollback(store);
}
END_TEST

static int count_grant(void *context, const struct grants_row *row)
{
	int *n = context;

	*n += row->grant.verdict == VERDICT_OK;
	return 0;
}

START_TEST(a_conflict_is_recorded_when_it_comes_and_when_it_goes)
{
	struct made request = asked();
	struct account_row account;

	ck_assert_int_eq(accounts_find(store, "ana", &account), 0);
	foreign_uid = account.uid;
	ck_assert_int_eq(accounts_check(store, probe, NOW, &problem), 0);
	ck_assert_int_eq(accounts_check(store, probe, NOW, &problem), 0);
	ck_assert_int_eq(events("account", "withdrawn"), 1);
	ck_assert_int_eq(accounts_find(store, "ana", &account), 0);
	ck_assert(account.conflict);
	foreign_uid = 0;
	ck_assert_int_eq(accounts_check(store, probe, NOW, &problem), 0);
	ck_assert_int_eq(events("account", "any more"), 1);
	made_done(&request);
}
END_TEST

static size_t questions;

static int counting_probe(const struct account_key *keys, size_t n)
{
	questions++;
	return probe(keys, n);
}

START_TEST(many_accounts_are_asked_about_with_few_questions_and_told_apart)
{
	_cleanup_(query_done) struct query all = QUERY_NONE;
	char login[16];

	config.max_accounts = 1000;
	for (int i = 0; i < 3 * ACCOUNTS_PROBE_MAX + 1; i++) {
		snprintf(login, sizeof(login), "agent%d", i);
		ck_assert_int_gt(make_account(login), 0);
	}
	ck_assert_int_eq(query_open(store, "UPDATE accounts SET conflict = 1", &all), 0);
	ck_assert_int_eq(query_run(&all), 0);
	query_done(&all);
	foreign_name = "support-agent40";
	ck_assert_int_eq(accounts_check(store, counting_probe, NOW, &problem), 0);
	ck_assert_int_eq(events("account", "any more"), 3 * ACCOUNTS_PROBE_MAX);
	ck_assert_int_eq(events("account", "no other source has support-agent40 "), 0);
	ck_assert_uint_le(questions, 4 + 2 * 5); /* one a batch, and two for each halving of 32 */
	ck_assert_int_eq(accounts_check(store, counting_probe, NOW, &problem), 0);
	ck_assert_int_eq(events("account", ""), 2 * 3 * ACCOUNTS_PROBE_MAX + 1);
}
END_TEST

START_TEST(an_account_in_conflict_gets_nothing_from_its_grant)
{
	_cleanup_(grants_host_done) struct grant_host host = { 0 };
	struct made request = asked();
	struct account_row account;
	int n = 0;

	approved(&request);
	ck_assert_int_eq(accounts_find(store, "ana", &account), 0);
	foreign_uid = account.uid;
	ck_assert_int_eq(grants_host(store, &config, NOW, &host, &problem), 0);
	ck_assert_int_eq(grants_each_open(store, &host, "ana", NOW, count_grant, &n), 0);
	ck_assert_int_eq(n, 1);
	ck_assert_int_eq(accounts_check(store, probe, NOW, &problem), 0);
	ck_assert_int_eq(grants_each_open(store, &host, "ana", NOW, count_grant, &n), 0);
	ck_assert_int_eq(grants_each_open(store, &host, NULL, NOW, count_grant, &n), 0);
	ck_assert_int_eq(n, 1);
	made_done(&request);
}
END_TEST

START_TEST(the_machines_other_sources_are_asked_by_a_child)
{
	static const struct account_key keys[ACCOUNTS_PROBE_MAX + 1] = {
		{ "support-nobody-here", ACCOUNT_UID_LAST },
		{ "support-nobody-else", 0 },
		{ NULL, 1 },
		{ "root", 0 },
	};

	ck_assert_int_eq(accounts_probe_system(&keys[3], 1), 1);
	ck_assert_int_eq(accounts_probe_system(&keys[2], 1), 1);
	ck_assert_int_eq(accounts_probe_system(&keys[0], 1), 0);
	ck_assert_int_eq(accounts_probe_system(keys, 2), 0);
	ck_assert_int_eq(accounts_probe_system(keys, 3), 1);
	ck_assert_int_eq(accounts_probe_system(keys, 0), 0);
	ck_assert_int_eq(accounts_probe_system(keys, ACCOUNTS_PROBE_MAX + 1), -E2BIG);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		each_agent_gets_the_next_uid_and_keeps_it,
		a_uid_of_another_source_is_passed_over,
		a_name_of_another_source_gets_no_account,
		there_are_no_more_accounts_than_allowed,
		the_range_of_uids_has_an_end,
		a_uid_that_somebody_else_got_meanwhile_is_not_given,
		a_conflict_is_recorded_when_it_comes_and_when_it_goes,
		many_accounts_are_asked_about_with_few_questions_and_told_apart,
		an_account_in_conflict_gets_nothing_from_its_grant,
		the_machines_other_sources_are_asked_by_a_child,
	};

	return RUN_TESTS("accounts", tests);
}
