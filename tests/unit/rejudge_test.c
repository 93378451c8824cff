/* SPDX-License-Identifier: MIT */

/* Approvers, agents, revoked keys and ceilings change while something is open. */

#include "tests/unit/host_fixture.h"

static struct rejudged judged;

static void judge_again(void)
{
	problem = PROBLEM_NONE;
	ck_assert_msg(rejudge(&ingest, &judged, &problem) == 0, "%s", problem.text);
}

START_TEST(nothing_changes_while_all_are_vouched_for)
{
	struct made request = asked();

	approved(&request);
	judge_again();
	ck_assert_int_eq(judged.signers, 2);
	ck_assert_int_eq(judged.documents, 0);
	ck_assert_int_eq(verdict("ana"), VERDICT_OK);
	made_done(&request);
}
END_TEST

START_TEST(an_approver_who_is_removed_no_longer_backs_a_grant)
{
	struct made request = asked();

	approved(&request);
	trust(false, true);
	judge_again();
	ck_assert_int_eq(verdict("ana"), VERDICT_UNBACKED);
	ck_assert_int_eq(events("unbacked", "carol"), 1);
	made_done(&request);
}
END_TEST

START_TEST(an_approver_who_comes_back_brings_nothing_back)
{
	struct made request = asked();

	approved(&request);
	trust(false, true);
	judge_again();
	trust(true, true);
	judge_again();
	ck_assert_int_eq(verdict("ana"), VERDICT_UNBACKED);
	made_done(&request);
}
END_TEST

START_TEST(a_key_in_the_list_of_revoked_keys_no_longer_backs_a_grant)
{
	struct made request = asked();
	char key[DOCUMENT_KEY_MAX + 1];

	approved(&request);
	read_key("carol", key);
	strcat(key, "\n");
	write_text(revoked_file, key);
	judge_again();
	ck_assert_int_eq(verdict("ana"), VERDICT_UNBACKED);
	made_done(&request);
}
END_TEST

START_TEST(another_authority_unbacks_what_the_old_one_vouched_for)
{
	struct made request = asked();

	approved(&request);
	trust_authority("other-ca");
	judge_again();
	ck_assert_int_eq(verdict("ana"), VERDICT_UNBACKED);
	made_done(&request);
}
END_TEST

START_TEST(only_the_removed_approvers_grants_end)
{
	struct made request = asked(), second;
	struct document wanted = a_request("ben"), decision;

	approved(&request);
	ACCEPTED(send(&wanted, "ben-cert.pub", &second));
	decision = a_decision(&second);
	strcpy(decision.decision.approver, "dan");
	ACCEPTED(send(&decision, "dan", NULL));
	trust(false, true);
	judge_again();
	ck_assert_int_eq(verdict("ana"), VERDICT_UNBACKED);
	ck_assert_int_eq(verdict("ben"), VERDICT_OK);
	made_done(&request);
	made_done(&second);
}
END_TEST

static int judge_one(const struct made *request)
{
	struct digest digest;

	ck_assert_int_eq(digest_from_hex(request->digest, &digest), 0);
	problem = PROBLEM_NONE;
	return rejudge_request(&ingest, &digest, &problem);
}

START_TEST(one_request_is_judged_alone_and_nothing_is_written)
{
	struct made request = asked(), second;
	struct document wanted = a_request("ben"), decision;

	approved(&request);
	ACCEPTED(send(&wanted, "ben-cert.pub", &second));
	decision = a_decision(&second);
	strcpy(decision.decision.approver, "dan");
	ACCEPTED(send(&decision, "dan", NULL));
	ck_assert_int_eq(judge_one(&request), 0);
	trust(false, true);
	ck_assert_int_eq(judge_one(&request), -EKEYREJECTED);
	ck_assert_int_eq(judge_one(&second), 0);
	ck_assert_int_eq(verdict("ana"), VERDICT_OK);
	ck_assert_int_eq(events("unbacked", "carol"), 0);
	made_done(&request);
	made_done(&second);
}
END_TEST

START_TEST(a_damaged_file_of_approvers_says_nothing_of_a_request)
{
	struct made request = asked();

	approved(&request);
	write_text(approvers_file, "carol no-key\n");
	ck_assert_int_eq(judge_one(&request), -EINVAL);
	ck_assert_ptr_nonnull(strstr(problem.text, ":1: "));
	made_done(&request);
}
END_TEST

START_TEST(many_grants_of_one_signer_cost_two_verifications)
{
	config.max_pending = 800;
	for (int i = 0; i < 10; i++) {
		struct made request = asked();

		approved(&request);
		made_done(&request);
	}
	trust(false, true);
	judge_again();
	ck_assert_int_eq(judged.signers, 2);
	ck_assert_int_eq(judged.documents, 10);
}
END_TEST

START_TEST(what_an_approver_decided_since_the_key_was_lost_ends)
{
	struct made first = asked(), second;
	struct document wanted = a_request("ben"), decision;

	approved(&first);
	ingest.now = NOW + HOUR;
	ACCEPTED(send(&wanted, "ben-cert.pub", &second));
	decision = a_decision(&second);
	ACCEPTED(send(&decision, "carol", NULL));
	ck_assert_int_eq(rejudge_lost_since(&ingest, "carol", NOW + 1, &judged, &problem), 0);
	ck_assert_int_eq(judged.documents, 1);
	ck_assert_int_eq(verdict("ana"), VERDICT_OK);
	ck_assert_int_eq(granted("ben", NOW + HOUR).verdict, VERDICT_UNBACKED);
	made_done(&first);
	made_done(&second);
}
END_TEST

START_TEST(a_lowered_ceiling_narrows_at_once)
{
	struct document wanted = a_request("ana"), decision;
	struct made request;

	wanted.request.scope = SCOPE_READ_WRITE;
	ACCEPTED(send(&wanted, "ana-cert.pub", &request));
	decision = a_decision(&request);
	decision.decision.scope = SCOPE_READ_WRITE;
	ACCEPTED(send(&decision, "carol", NULL));
	ck_assert_int_eq(granted("ana", NOW).scope, SCOPE_READ_WRITE);
	config.max_scope = SCOPE_READ_ONLY;
	ck_assert_int_eq(granted("ana", NOW).scope, SCOPE_READ_ONLY);
	made_done(&request);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		nothing_changes_while_all_are_vouched_for,
		an_approver_who_is_removed_no_longer_backs_a_grant,
		an_approver_who_comes_back_brings_nothing_back,
		a_key_in_the_list_of_revoked_keys_no_longer_backs_a_grant,
		another_authority_unbacks_what_the_old_one_vouched_for,
		only_the_removed_approvers_grants_end,
		one_request_is_judged_alone_and_nothing_is_written,
		a_damaged_file_of_approvers_says_nothing_of_a_request,
		many_grants_of_one_signer_cost_two_verifications,
		what_an_approver_decided_since_the_key_was_lost_ends,
		a_lowered_ceiling_narrows_at_once,
	};

	return RUN_TESTS("rejudge", tests);
}
