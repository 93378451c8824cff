/* SPDX-License-Identifier: MIT */

/* Who may be verified in vain, and how often. */

#include "host/budget.h"
#include "tests/unit/host_fixture.h"

static struct budget budget;

static int64_t tried(const char *name, int64_t now)
{
	return budget_take(&budget, DOCUMENT_REQUEST, name, now);
}

static void spend(const char *name)
{
	for (int i = 0; i < BUDGET_TRIES; i++)
		ck_assert_int_eq(tried(name, NOW), 0);
}

START_TEST(a_name_has_so_many_tries_in_a_minute)
{
	spend("ana");
	ck_assert_int_eq(tried("ana", NOW), BUDGET_WINDOW_S);
	ck_assert_int_eq(tried("ana", NOW + BUDGET_WINDOW_S - 1), 1);
	ck_assert_int_eq(tried("ana", NOW + BUDGET_WINDOW_S), 0);
}
END_TEST

START_TEST(what_was_not_in_vain_costs_nothing)
{
	for (int i = 0; i < 10 * BUDGET_TRIES; i++) {
		ck_assert_int_eq(tried("ana", NOW), 0);
		budget_give_back(&budget, DOCUMENT_REQUEST, "ana");
	}
}
END_TEST

START_TEST(a_clock_that_was_set_back_locks_nobody_out)
{
	spend("ana");
	ck_assert_int_eq(tried("ana", NOW - DAY), 0);
}
END_TEST

START_TEST(garbage_in_one_name_keeps_hardly_any_other_out)
{
	int out = 0;

	spend("mallory");
	for (int i = 0; i < 1000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "agent%d", i);
		out += tried(name, NOW) > 0;
		budget_give_back(&budget, DOCUMENT_REQUEST, name);
	}
	ck_assert_int_le(out, 1000 / BUDGET_PLACES * 4);
}
END_TEST

START_TEST(garbage_in_all_names_is_verified_a_bounded_number_of_times)
{
	int verified = 0;

	for (int i = 0; i < 100000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "agent%d", i);
		verified += tried(name, NOW) == 0;
	}
	ck_assert_int_eq(verified, BUDGET_PLACES * BUDGET_TRIES);
}
END_TEST

/* --- as ingest spends it --- */

static void refuse_times(int n, const char *key)
{
	struct document request = a_request("ana");

	for (int i = 0; i < n; i++) {
		request = a_request("ana");
		REFUSED(send(&request, key, NULL), "does not hold");
	}
}

START_TEST(bad_signatures_in_one_name_are_not_looked_at_for_ever)
{
	struct document request = a_request("ana");

	ingest.budget = &budget;
	refuse_times(BUDGET_TRIES, "mallory");
	ck_assert_int_eq(send(&request, "ana-cert.pub", NULL), INGEST_LATER);
	ck_assert_ptr_nonnull(strstr(problem.text, "8 times within 60 s"));
	ck_assert_int_eq(events("refused-document", "8 times within 60 s"), 1);
	ingest.now += BUDGET_WINDOW_S;
	ACCEPTED(send(&request, "ana-cert.pub", NULL));
}
END_TEST

START_TEST(what_is_well_signed_is_not_limited)
{
	struct document request;

	ingest.budget = &budget;
	for (int i = 0; i < BUDGET_TRIES + 1; i++) {
		request = a_request("ana");
		ACCEPTED(send(&request, "ana-cert.pub", NULL));
	}
}
END_TEST

START_TEST(an_ending_is_taken_also_when_signatures_are_not_looked_at)
{
	struct made request = asked();
	struct document revocation;

	ingest.budget = &budget;
	for (int i = 0; i < BUDGET_TRIES + 1; i++) {
		revocation = a_revocation(&request);
		snprintf(revocation.revocation.request, sizeof(revocation.revocation.request),
			"%064d", i);
		ACCEPTED(send(&revocation, "mallory", NULL));
	}
	revocation = a_revocation(&request);
	ACCEPTED(send(&revocation, "carol", NULL));
	ck_assert_int_eq(verdict("ana"), VERDICT_REVOKED);
	ck_assert_str_eq(granted("ana", NOW).by, "central");
	made_done(&request);
}
END_TEST

START_TEST(a_denial_is_taken_also_when_signatures_are_not_looked_at)
{
	struct made request = asked();
	struct document denial = a_decision(&request);

	approved(&request);
	ingest.budget = &budget;
	for (int i = 0; i < BUDGET_TRIES; i++)
		ck_assert_int_eq(budget_take(&budget, DOCUMENT_DECISION, "carol", NOW), 0);
	denial.decision.approve = false;
	ACCEPTED(send(&denial, "carol", NULL));
	ck_assert_int_eq(verdict("ana"), VERDICT_REVOKED);
	ck_assert_str_eq(granted("ana", NOW).by, "central");
	made_done(&request);
}
END_TEST

static void start(void)
{
	set_up();
	ck_assert_int_eq(budget_init(&budget), 0);
}

START_TEST(what_is_not_judged_in_time_may_return_a_few_times)
{
	char one[DIGEST_HEX_LEN + 1] = "1", other[DIGEST_HEX_LEN + 1] = "2";

	for (int i = 1; i < BUDGET_TIMEOUTS; i++)
		ck_assert(budget_may_return(&budget, one));
	ck_assert(!budget_may_return(&budget, one));
	ck_assert(!budget_may_return(&budget, one));
	ck_assert(budget_may_return(&budget, other));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_name_has_so_many_tries_in_a_minute,
		what_was_not_in_vain_costs_nothing,
		a_clock_that_was_set_back_locks_nobody_out,
		garbage_in_one_name_keeps_hardly_any_other_out,
		garbage_in_all_names_is_verified_a_bounded_number_of_times,
		bad_signatures_in_one_name_are_not_looked_at_for_ever,
		what_is_well_signed_is_not_limited,
		an_ending_is_taken_also_when_signatures_are_not_looked_at,
		a_denial_is_taken_also_when_signatures_are_not_looked_at,
		what_is_not_judged_in_time_may_return_a_few_times,
	};

	return run_tests_with("budget", tests, sizeof(tests) / sizeof(tests[0]), start, tear_down);
}
