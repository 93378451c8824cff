/* SPDX-License-Identifier: MIT */

/* What is final stays, in whichever order it and its request come. */

#include "host/finals.h"

#include "tests/unit/host_fixture.h"

#define UNKNOWN "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static int add(const char *request, enum grant_final kind, const char *agent, const char *text)
{
	struct final final = { .request = request,
		.kind = kind,
		.at = NOW,
		.by = "carol",
		.text = text,
		.agent = agent,
		.is_signed = true };
	int r;

	ck_assert_int_eq(store_begin(store, &problem), 0);
	r = finals_add(store, &final);
	ck_assert_int_eq(store_commit(store, &problem), 0);
	return r;
}

static void expect(const char *request, enum grant_final kind, const char *text)
{
	struct final_row row;

	ck_assert_int_eq(finals_find(store, request, &row), 0);
	ck_assert_int_eq(row.kind, kind);
	ck_assert_str_eq(row.text, text);
	ck_assert_str_eq(row.by, "carol");
	ck_assert_int_eq(row.at, NOW);
}

static int64_t unknown(const char *agent, bool is_signed)
{
	int64_t n = -1;

	ck_assert_int_eq(finals_count_unknown(store, agent, is_signed, &n), 0);
	return n;
}

START_TEST(what_is_not_final_is_not_found)
{
	struct made request = asked();
	struct final_row row;

	ck_assert_int_eq(finals_find(store, request.digest, &row), -ENOENT);
	ck_assert_int_eq(finals_find(store, UNKNOWN, &row), -ENOENT);
	made_done(&request);
}
END_TEST

static const enum grant_final kinds[] = { GRANT_FINAL_DENIED, GRANT_FINAL_REVOKED,
	GRANT_FINAL_EXPIRED };

START_TEST(the_first_ending_stays)
{
	struct made request = asked();

	ck_assert_int_eq(add(request.digest, kinds[_i], "", "first"), 0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		ck_assert_int_eq(add(request.digest, kinds[i], "", "second"), 1);
	ck_assert_int_eq(add(request.digest, GRANT_FINAL_CLOSED, "ana", "second"), 1);
	expect(request.digest, kinds[_i], "first");
	ck_assert_int_ne(verdict("ana"), VERDICT_PENDING);
	made_done(&request);
}
END_TEST

START_TEST(what_an_agent_closed_gives_way_to_what_the_customer_ended)
{
	ck_assert_int_eq(add(UNKNOWN, GRANT_FINAL_CLOSED, "ben", "done"), 0);
	ck_assert_int_eq(add(UNKNOWN, GRANT_FINAL_CLOSED, "ana", "done, too"), 1);
	expect(UNKNOWN, GRANT_FINAL_CLOSED, "done");
	ck_assert_int_eq(add(UNKNOWN, GRANT_FINAL_REVOKED, "", "enough"), 0);
	expect(UNKNOWN, GRANT_FINAL_REVOKED, "enough");
	ck_assert_int_eq(add(UNKNOWN, GRANT_FINAL_CLOSED, "ben", "done"), 1);
	expect(UNKNOWN, GRANT_FINAL_REVOKED, "enough");
}
END_TEST

START_TEST(an_ending_holds_for_a_request_that_comes_later)
{
	struct document wanted = a_request("ana");
	struct made request = make(&wanted, "ana-cert.pub");
	struct document decision = a_decision(&request);

	ck_assert_int_eq(add(request.digest, GRANT_FINAL_REVOKED, "", "enough"), 0);
	(void)take_in(&request);
	ck_assert_int_ne(send(&decision, "carol", NULL), INGEST_ACCEPTED);
	ck_assert_int_ne(verdict("ana"), VERDICT_OK);
	made_done(&request);
}
END_TEST

START_TEST(only_what_another_agent_closed_is_dropped)
{
	struct final_row row;

	ck_assert_int_eq(add(UNKNOWN, GRANT_FINAL_CLOSED, "ben", "done"), 0);
	ck_assert_int_eq(finals_drop_foreign(store, UNKNOWN, "ben"), 0);
	expect(UNKNOWN, GRANT_FINAL_CLOSED, "done");
	ck_assert_int_eq(finals_drop_foreign(store, UNKNOWN, "ana"), 0);
	ck_assert_int_eq(finals_find(store, UNKNOWN, &row), -ENOENT);
	ck_assert_int_eq(add(UNKNOWN, GRANT_FINAL_REVOKED, "", "enough"), 0);
	ck_assert_int_eq(finals_drop_foreign(store, UNKNOWN, "ana"), 0);
	expect(UNKNOWN, GRANT_FINAL_REVOKED, "enough");
}
END_TEST

START_TEST(endings_of_requests_that_nobody_has_seen_are_counted_by_kind)
{
	struct made request = asked();
	char digest[sizeof(UNKNOWN)] = UNKNOWN;

	ck_assert_int_eq(unknown("", true), 0);
	ck_assert_int_eq(add(request.digest, GRANT_FINAL_DENIED, "", ""), 0);
	ck_assert_int_eq(unknown("", true), 0);
	ck_assert_int_eq(add(digest, GRANT_FINAL_REVOKED, "", ""), 0);
	digest[0] = '1';
	ck_assert_int_eq(add(digest, GRANT_FINAL_CLOSED, "ben", ""), 0);
	ck_assert_int_eq(unknown("", true), 1);
	ck_assert_int_eq(unknown("", false), 0);
	ck_assert_int_eq(unknown("ben", true), 1);
	ck_assert_int_eq(unknown("ana", true), 0);
	made_done(&request);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("finals");
	TCase *tests = tcase_create("finals");

	tcase_add_unchecked_fixture(tests, make_keys, remove_keys);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, what_is_not_final_is_not_found);
	tcase_add_loop_test(tests, the_first_ending_stays, 0, sizeof(kinds) / sizeof(kinds[0]));
	tcase_add_test(tests, what_an_agent_closed_gives_way_to_what_the_customer_ended);
	tcase_add_test(tests, an_ending_holds_for_a_request_that_comes_later);
	tcase_add_test(tests, only_what_another_agent_closed_is_dropped);
	tcase_add_test(tests, endings_of_requests_that_nobody_has_seen_are_counted_by_kind);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(make_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
