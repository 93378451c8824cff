/* SPDX-License-Identifier: MIT */

/* Denials, revocations and closings, in every order of arrival. */

#include "tests/unit/host_fixture.h"

static void stays_shut_after(const struct document *ending, const char *key,
	const struct made *request, enum verdict expected)
{
	struct document decision = a_decision(request);

	strcpy(decision.decision.comment, "again");
	ACCEPTED(send(ending, key, NULL));
	ck_assert_int_eq(verdict("ana"), expected);
	REFUSED(send(&decision, "carol", NULL), "for good");
	ck_assert_int_eq(verdict("ana"), expected);
}

START_TEST(a_denial_is_final)
{
	struct made request = asked();
	struct document denial = a_decision(&request);

	approved(&request);
	denial.decision.approve = false;
	stays_shut_after(&denial, "carol", &request, VERDICT_DENIED);
	made_done(&request);
}
END_TEST

START_TEST(a_revocation_is_final)
{
	struct made request = asked();
	struct document revocation = a_revocation(&request);

	approved(&request);
	stays_shut_after(&revocation, "carol", &request, VERDICT_REVOKED);
	ck_assert_int_eq(events("revoked", "done, thank you"), 1);
	ck_assert_str_eq(granted("ana", NOW).by, "carol");
	made_done(&request);
}
END_TEST

START_TEST(a_closing_is_final)
{
	struct made request = asked();
	struct document closing = a_closing(&request, "ana");

	approved(&request);
	stays_shut_after(&closing, "ana-cert.pub", &request, VERDICT_CLOSED);
	made_done(&request);
}
END_TEST

START_TEST(a_revocation_needs_no_signature_and_is_then_centrals)
{
	struct made request = asked();
	struct document revocation = a_revocation(&request);

	approved(&request);
	ACCEPTED(send(&revocation, "mallory", NULL));
	ck_assert_int_eq(verdict("ana"), VERDICT_REVOKED);
	ck_assert_str_eq(granted("ana", NOW).by, "central");
	made_done(&request);
}
END_TEST

START_TEST(a_revocation_for_other_hosts_changes_nothing)
{
	struct made request = asked();
	struct document revocation = a_revocation(&request);

	approved(&request);
	strcpy(revocation.revocation.hosts[0], host_id);
	revocation.revocation.hosts[0][1] = host_id[1] == '0' ? '1' : '0';
	revocation.revocation.n_hosts = 1;
	ck_assert_int_eq(send(&revocation, "carol", NULL), INGEST_KNOWN);
	ck_assert_int_eq(verdict("ana"), VERDICT_OK);
	made_done(&request);
}
END_TEST

START_TEST(an_ending_that_comes_before_the_approval_holds)
{
	struct document wanted = a_request("ana"), revocation, decision;
	struct made made = make(&wanted, "ana-cert.pub");

	revocation = a_revocation(&made);
	decision = a_decision(&made);
	ACCEPTED(send(&revocation, "", NULL));
	REFUSED(send(&decision, "carol", NULL), "for good");
	ACCEPTED(take_in(&made));
	ck_assert_int_eq(verdict("ana"), VERDICT_REVOKED);
	made_done(&made);
}
END_TEST

START_TEST(a_denial_that_comes_before_its_request_holds)
{
	struct document wanted = a_request("ana"), denial;
	struct made made = make(&wanted, "ana-cert.pub");

	denial = a_decision(&made);
	denial.decision.approve = false;
	ACCEPTED(send(&denial, "carol", NULL));
	ACCEPTED(take_in(&made));
	ck_assert_int_eq(verdict("ana"), VERDICT_DENIED);
	made_done(&made);
}
END_TEST

START_TEST(one_agent_does_not_close_anothers_request)
{
	struct document wanted = a_request("ana"), closing, decision, revocation;
	struct made made = make(&wanted, "ana-cert.pub");

	closing = a_closing(&made, "ben");
	decision = a_decision(&made);
	revocation = a_revocation(&made);
	ACCEPTED(send(&closing, "ben-cert.pub", NULL));
	ACCEPTED(send(&decision, "carol", NULL));
	ACCEPTED(take_in(&made));
	ck_assert_int_eq(verdict("ana"), VERDICT_OK);
	strcpy(closing.closing.summary, "again");
	REFUSED(send(&closing, "ben-cert.pub", NULL), "ben closes a request of ana");
	ACCEPTED(send(&revocation, "carol", NULL));
	ck_assert_int_eq(verdict("ana"), VERDICT_REVOKED);
	made_done(&made);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_denial_is_final,
		a_revocation_is_final,
		a_closing_is_final,
		a_revocation_needs_no_signature_and_is_then_centrals,
		a_revocation_for_other_hosts_changes_nothing,
		an_ending_that_comes_before_the_approval_holds,
		a_denial_that_comes_before_its_request_holds,
		one_agent_does_not_close_anothers_request,
	};

	return RUN_TESTS("ingest_ending", tests);
}
