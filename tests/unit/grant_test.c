/* SPDX-License-Identifier: MIT */

/* The rules alone: facts and a clock in, a verdict out. */

#include "core/grant.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW  ((int64_t)1800000000)
#define HOUR ((int64_t)3600)
#define DAY  (24 * HOUR)

static struct request request;
static struct decision carol, dan;
static struct grant_decision decisions[2];
static struct grant_facts facts;
static struct grant_host host;

static void approve(struct decision *decision, const char *approver, int64_t length)
{
	*decision = (struct decision){ .approve = true,
		.scope = SCOPE_READ_WRITE,
		.n_hosts = 1,
		.length = length,
		.latest_end = NOW + 30 * DAY,
		.decided = NOW - HOUR };
	strcpy(decision->hosts[0], "h1");
	strcpy(decision->approver, approver);
}

static void set_up(void)
{
	request = (struct request){ .scope = SCOPE_READ_WRITE,
		.length = 3 * DAY,
		.created = NOW - 2 * HOUR,
		.pending_until = NOW + DAY };
	approve(&carol, "carol", 4 * HOUR);
	approve(&dan, "dan", 2 * HOUR);
	decisions[0] = (struct grant_decision){ .decision = &carol, .backed = true };
	decisions[1] = (struct grant_decision){ .decision = &dan, .backed = true };
	facts = (struct grant_facts){ .request = &request,
		.agent_backed = true,
		.decisions = decisions,
		.n_decisions = 1,
		.final_by = "",
		.final_text = "" };
	host = (struct grant_host){ .host_id = "h1",
		.host_name = "db1",
		.customer = "acme",
		.max_scope = SCOPE_READ_WRITE };
}

static struct grant derive(int64_t now)
{
	struct grant grant;

	grant_derive(&host, &facts, now, &grant);
	return grant;
}

START_TEST(an_approval_holds_from_its_decision_for_its_length)
{
	struct grant grant = derive(NOW);

	ck_assert_int_eq(grant.verdict, VERDICT_OK);
	ck_assert_int_eq(grant.scope, SCOPE_READ_WRITE);
	ck_assert_int_eq(grant.from, NOW - HOUR);
	ck_assert_int_eq(grant.until, NOW + 3 * HOUR);
	ck_assert_int_eq(derive(NOW + 3 * HOUR - 1).verdict, VERDICT_OK);
	ck_assert_int_eq(derive(NOW + 3 * HOUR).verdict, VERDICT_EXPIRED);
}
END_TEST

START_TEST(a_later_start_is_early_until_then)
{
	carol.start = NOW + HOUR;
	ck_assert_int_eq(derive(NOW).verdict, VERDICT_EARLY);
	ck_assert_int_eq(derive(NOW + HOUR).verdict, VERDICT_OK);
	ck_assert_int_eq(derive(NOW).until, NOW + 5 * HOUR);
}
END_TEST

START_TEST(nothing_lives_longer_than_the_latest_end)
{
	carol.latest_end = NOW + 60;
	ck_assert_int_eq(derive(NOW).until, NOW + 60);
}
END_TEST

START_TEST(a_second_approval_narrows_and_never_prolongs)
{
	facts.n_decisions = 2;
	ck_assert_int_eq(derive(NOW).until, NOW + HOUR);
	dan.length = 3 * DAY;
	dan.decided = NOW;
	dan.scope = SCOPE_READ_ONLY;
	ck_assert_int_eq(derive(NOW).until, NOW + 3 * HOUR);
	ck_assert_int_eq(derive(NOW).scope, SCOPE_READ_ONLY);
}
END_TEST

START_TEST(ceilings_narrow_what_is_open)
{
	host.max_length = 2 * HOUR;
	ck_assert_int_eq(derive(NOW).until, NOW + HOUR);
	host.max_length = 0;
	host.max_scope = SCOPE_READ_ONLY;
	ck_assert_int_eq(derive(NOW).scope, SCOPE_READ_ONLY);
}
END_TEST

START_TEST(each_scope_has_its_own_longest)
{
	ck_assert_int_eq(grant_max_length(&host, SCOPE_READ_ONLY), 3 * DAY);
	ck_assert_int_eq(grant_max_length(&host, SCOPE_READ_WRITE), 8 * HOUR);
	ck_assert_int_eq(grant_max_length(&host, SCOPE_ADMIN), 0);
	host.max_scope = SCOPE_ADMIN;
	ck_assert_int_eq(grant_max_length(&host, SCOPE_ADMIN), 4 * HOUR);
}
END_TEST

START_TEST(an_approval_for_other_hosts_does_not_open_this_one)
{
	strcpy(carol.hosts[0], "h2");
	ck_assert_int_eq(derive(NOW).verdict, VERDICT_NOT_HERE);
}
END_TEST

START_TEST(who_is_not_vouched_for_opens_nothing)
{
	decisions[0].backed = false;
	ck_assert_int_eq(derive(NOW).verdict, VERDICT_UNBACKED);
	decisions[0].backed = true;
	facts.agent_backed = false;
	ck_assert_int_eq(derive(NOW).verdict, VERDICT_UNBACKED);
}
END_TEST

START_TEST(a_request_waits_until_its_time_to_decide_is_over)
{
	facts.n_decisions = 0;
	ck_assert_int_eq(derive(NOW).verdict, VERDICT_PENDING);
	ck_assert_int_eq(derive(request.pending_until).verdict, VERDICT_UNANSWERED);
}
END_TEST

START_TEST(what_is_final_stays_final_whatever_else_holds)
{
	static const struct {
		enum grant_final final;
		enum verdict verdict;
	} rows[] = {
		{ GRANT_FINAL_DENIED, VERDICT_DENIED },
		{ GRANT_FINAL_REVOKED, VERDICT_REVOKED },
		{ GRANT_FINAL_CLOSED, VERDICT_CLOSED },
		{ GRANT_FINAL_EXPIRED, VERDICT_EXPIRED },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		facts.final = rows[i].final;
		facts.final_at = NOW;
		ck_assert_int_eq(derive(NOW - 60).verdict, rows[i].verdict);
		host.off = true;
		ck_assert_int_eq(derive(NOW).verdict, rows[i].verdict);
		host.off = false;
	}
}
END_TEST

START_TEST(what_is_wrong_with_the_host_shuts_it)
{
	static const enum verdict expected[] = { VERDICT_STORE_CLOSED, VERDICT_COPIED,
		VERDICT_CLOCK_BEHIND, VERDICT_CLOCK_AHEAD, VERDICT_OFF };

	for (size_t i = 0; i < 5; i++) {
		host.store_closed = i == 0;
		host.copied = i == 1;
		host.high_water = i == 2 ? NOW + GRANT_CLOCK_TOLERANCE + 1 : NOW;
		host.clock_ahead = i == 3;
		host.off = i == 4;
		ck_assert_int_eq(derive(NOW).verdict, expected[i]);
	}
}
END_TEST

START_TEST(a_clock_within_the_tolerance_is_not_behind)
{
	host.high_water = NOW + GRANT_CLOCK_TOLERANCE;
	ck_assert_int_eq(derive(NOW).verdict, VERDICT_OK);
}
END_TEST

START_TEST(the_boot_clock_ends_what_the_wall_clock_would_prolong)
{
	facts.used = 4 * HOUR - 120;
	ck_assert_int_eq(derive(NOW).until, NOW + 120);
	facts.used = 4 * HOUR;
	ck_assert_int_eq(derive(NOW).verdict, VERDICT_EXPIRED);
	facts.used = HOUR + 1;
	ck_assert_int_eq(derive(NOW).until, NOW + 3 * HOUR);
}
END_TEST

START_TEST(a_login_gets_the_widest_and_then_the_longest)
{
	struct grant grants[] = {
		{ .verdict = VERDICT_PENDING, .since = NOW },
		{ .verdict = VERDICT_OK, .scope = SCOPE_READ_ONLY, .until = NOW + DAY },
		{ .verdict = VERDICT_OK, .scope = SCOPE_READ_WRITE, .until = NOW + 1 },
		{ .verdict = VERDICT_OK, .scope = SCOPE_READ_WRITE, .until = NOW + 2 },
	};
	struct grant chosen;

	grant_choose(grants, 4, &chosen);
	ck_assert_int_eq(chosen.scope, SCOPE_READ_WRITE);
	ck_assert_int_eq(chosen.until, NOW + 2);
	grant_choose(grants, 1, &chosen);
	ck_assert_int_eq(chosen.verdict, VERDICT_PENDING);
	grant_choose(grants, 0, &chosen);
	ck_assert_int_eq(chosen.verdict, VERDICT_NONE);
}
END_TEST

START_TEST(of_what_is_over_the_newest_is_told)
{
	struct grant grants[] = {
		{ .verdict = VERDICT_DENIED, .since = NOW - DAY },
		{ .verdict = VERDICT_REVOKED, .since = NOW - 60 },
		{ .verdict = VERDICT_EXPIRED, .since = NOW - HOUR },
	};
	struct grant chosen;

	grant_choose(grants, 3, &chosen);
	ck_assert_int_eq(chosen.verdict, VERDICT_REVOKED);
}
END_TEST

START_TEST(a_session_is_covered_by_what_is_at_least_as_wide)
{
	struct grant grants[] = {
		{ .verdict = VERDICT_OK, .scope = SCOPE_READ_ONLY, .until = NOW + DAY },
		{ .verdict = VERDICT_EXPIRED, .scope = SCOPE_READ_WRITE, .until = NOW },
	};
	int64_t until;

	ck_assert(grant_covers(grants, 2, SCOPE_READ_ONLY, &until));
	ck_assert_int_eq(until, NOW + DAY);
	ck_assert(!grant_covers(grants, 2, SCOPE_READ_WRITE, &until));
}
END_TEST

START_TEST(every_sentence_is_short_ascii_and_ends_its_first_line_in_the_word)
{
	struct grant grant = { .since = NOW, .from = NOW, .until = NOW + HOUR };
	char text[1024], word[32];

	memset(grant.text, '\xc3', 500);
	for (int v = VERDICT_NONE; v <= VERDICT_LAST; v++) {
		int lines = 1;
		char *end;

		grant.verdict = (enum verdict)v;
		grant_sentence(&host, &request, &grant, NOW, text, sizeof(text));
		for (const char *p = text; *p; p++) {
			ck_assert(*p == '\n' || (*p >= ' ' && *p <= '~'));
			lines += *p == '\n';
		}
		ck_assert_int_le(lines, 5);
		ck_assert_uint_lt(strlen(text), sizeof(text) - 1);
		end = strchr(text, '\n');
		snprintf(word, sizeof(word), "[%s]", verdict_word(grant.verdict));
		ck_assert_ptr_nonnull(end);
		ck_assert_msg(strncmp(end - strlen(word), word, strlen(word)) == 0, "%s", text);
	}
}
END_TEST

START_TEST(the_banner_says_scope_host_end_and_customer)
{
	struct grant grant = derive(NOW);
	char text[1024];

	grant_sentence(&host, &request, &grant, NOW, text, sizeof(text));
	ck_assert_msg(strncmp(text, "Read-write on db1 until ", 24) == 0, "%s", text);
	ck_assert_ptr_nonnull(strstr(text, "approved by acme"));
}
END_TEST

START_TEST(who_decided_is_named_only_where_the_host_says_so)
{
	const enum verdict verdicts[] = { VERDICT_OK, VERDICT_DENIED, VERDICT_REVOKED };
	struct grant grant = {
		.since = NOW, .until = NOW + HOUR, .scope = SCOPE_READ_ONLY, .by = "carol"
	};
	struct grant_host open = host;
	char text[1024];

	open.show_approvers = true;
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		grant.verdict = verdicts[i];
		grant_sentence(&host, &request, &grant, NOW, text, sizeof(text));
		ck_assert_ptr_null(strstr(text, "carol"));
		grant_sentence(&open, &request, &grant, NOW, text, sizeof(text));
		ck_assert_ptr_nonnull(strstr(text, "carol of acme"));
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		an_approval_holds_from_its_decision_for_its_length,
		a_later_start_is_early_until_then,
		nothing_lives_longer_than_the_latest_end,
		a_second_approval_narrows_and_never_prolongs,
		ceilings_narrow_what_is_open,
		each_scope_has_its_own_longest,
		an_approval_for_other_hosts_does_not_open_this_one,
		who_is_not_vouched_for_opens_nothing,
		a_request_waits_until_its_time_to_decide_is_over,
		what_is_final_stays_final_whatever_else_holds,
		what_is_wrong_with_the_host_shuts_it,
		a_clock_within_the_tolerance_is_not_behind,
		the_boot_clock_ends_what_the_wall_clock_would_prolong,
		a_login_gets_the_widest_and_then_the_longest,
		of_what_is_over_the_newest_is_told,
		a_session_is_covered_by_what_is_at_least_as_wide,
		every_sentence_is_short_ascii_and_ends_its_first_line_in_the_word,
		the_banner_says_scope_host_end_and_customer,
		who_decided_is_named_only_where_the_host_says_so,
	};
	Suite *suite = suite_create("grant");
	TCase *tcase = tcase_create("grant");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, NULL);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
