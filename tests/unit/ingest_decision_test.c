/* SPDX-License-Identifier: MIT */

/* Decisions: the only thing that opens, so everything that could be wrong with one. */

#include "tests/unit/host_fixture.h"

START_TEST(an_approval_opens_as_long_as_it_says)
{
	struct made request = asked();
	struct grant grant;

	approved(&request);
	grant = granted("ana", NOW);
	ck_assert_int_eq(grant.verdict, VERDICT_OK);
	ck_assert_int_eq(grant.until, NOW - 60 + 4 * HOUR);
	ck_assert_int_eq(granted("ana", grant.until - 1).verdict, VERDICT_OK);
	ck_assert_int_eq(granted("ana", grant.until).verdict, VERDICT_EXPIRED);
	ck_assert_int_eq(events("approved", ""), 1);
	made_done(&request);
}
END_TEST

static void not_opened(void)
{
	ck_assert_int_ne(verdict("ana"), VERDICT_OK);
	ck_assert_int_eq(events("approved", ""), 0);
	ck_assert_int_ge(events("refused-document", ""), 1);
}

START_TEST(a_decision_without_signature_is_refused)
{
	struct made request = asked();
	struct document decision = a_decision(&request);

	REFUSED(send(&decision, "", NULL), "no signature");
	not_opened();
	made_done(&request);
}
END_TEST

START_TEST(a_decision_by_a_key_that_is_not_in_approvers_is_refused)
{
	struct made request = asked();
	struct document decision = a_decision(&request);

	REFUSED(send(&decision, "mallory", NULL), "");
	strcpy(decision.decision.approver, "mallory");
	REFUSED(send(&decision, "mallory", NULL), "");
	not_opened();
	made_done(&request);
}
END_TEST

START_TEST(a_decision_in_another_approvers_name_is_refused)
{
	struct made request = asked();
	struct document decision = a_decision(&request);

	REFUSED(send(&decision, "dan", NULL), "");
	not_opened();
	made_done(&request);
}
END_TEST

START_TEST(a_decision_signed_in_another_namespace_is_refused)
{
	struct made request = asked();
	struct document decision = a_decision(&request);
	struct made made = make(&decision, "");

	free(made.signature);
	ck_assert_int_eq(signature_make(KEY("carol"), DOCUMENT_REVOCATION, false, made.bytes,
				 made.size, &made.signature, &made.signature_size, NULL),
		0);
	REFUSED(take_in(&made), "");
	not_opened();
	made_done(&made);
	made_done(&request);
}
END_TEST

START_TEST(a_decision_with_one_byte_changed_is_refused)
{
	struct made request = asked();
	struct document decision = a_decision(&request);
	struct made made = make(&decision, "carol");
	char *length = strstr(made.bytes, "\"length\":14400");

	ck_assert_ptr_nonnull(length);
	length[9] = '2';
	REFUSED(take_in(&made), "");
	not_opened();
	made_done(&made);
	made_done(&request);
}
END_TEST

START_TEST(a_decision_for_another_request_opens_only_that)
{
	struct made request = asked(), other;
	struct document second = a_request("ana"), decision;

	second.request.scope = SCOPE_READ_WRITE;
	second.request.length = HOUR;
	other = make(&second, "ana-cert.pub");
	decision = a_decision(&other);
	ACCEPTED(send(&decision, "carol", NULL));
	ck_assert_int_eq(verdict("ana"), VERDICT_PENDING);
	made_done(&other);
	made_done(&request);
}
END_TEST

START_TEST(a_request_that_is_swapped_after_approval_is_not_approved)
{
	struct document wanted = a_request("ana"), swapped = wanted, decision;
	struct made made = make(&wanted, "ana-cert.pub");

	decision = a_decision(&made);
	ACCEPTED(send(&decision, "carol", NULL));
	strcpy(swapped.request.reason, "something else");
	ACCEPTED(send(&swapped, "ana-cert.pub", NULL));
	ck_assert_int_eq(verdict("ana"), VERDICT_PENDING);
	made_done(&made);
}
END_TEST

START_TEST(a_decision_that_comes_before_its_request_waits_for_it)
{
	struct document wanted = a_request("ana"), decision;
	struct made made = make(&wanted, "ana-cert.pub");

	decision = a_decision(&made);
	ACCEPTED(send(&decision, "carol", NULL));
	ck_assert_int_eq(verdict("ana"), VERDICT_NONE);
	ACCEPTED(take_in(&made));
	ck_assert_int_eq(verdict("ana"), VERDICT_OK);
	ck_assert_int_eq(events("approved", ""), 1);
	made_done(&made);
}
END_TEST

START_TEST(a_wider_decision_is_refused_also_when_it_came_first)
{
	struct document wanted = a_request("ana"), decision;
	struct made made = make(&wanted, "ana-cert.pub");

	decision = a_decision(&made);
	decision.decision.scope = SCOPE_READ_WRITE;
	ACCEPTED(send(&decision, "carol", NULL));
	ACCEPTED(take_in(&made));
	not_opened();
	made_done(&made);
}
END_TEST

START_TEST(a_decision_wider_than_the_request_is_refused)
{
	struct made request = asked();
	struct document decision = a_decision(&request);

	decision.decision.scope = SCOPE_READ_WRITE;
	REFUSED(send(&decision, "carol", NULL), "wider scope");
	decision = a_decision(&request);
	decision.decision.length = 3 * DAY + 1;
	REFUSED(send(&decision, "carol", NULL), "longer");
	decision = a_decision(&request);
	decision.decision.hosts[0][1] = decision.decision.hosts[0][1] == '0' ? '1' : '0';
	REFUSED(send(&decision, "carol", NULL), "not asked for");
	not_opened();
	made_done(&request);
}
END_TEST

START_TEST(a_decision_wider_than_the_hosts_ceilings_is_refused)
{
	struct document wanted = a_request("ana"), decision;
	struct made request;

	wanted.request.scope = SCOPE_ADMIN;
	ACCEPTED(send(&wanted, "ana-cert.pub", &request));
	decision = a_decision(&request);
	decision.decision.scope = SCOPE_ADMIN;
	REFUSED(send(&decision, "carol", NULL), "max_scope");
	decision = a_decision(&request);
	decision.decision.scope = SCOPE_READ_WRITE;
	decision.decision.length = 8 * HOUR + 1;
	REFUSED(send(&decision, "carol", NULL), "max_length");
	not_opened();
	made_done(&request);
}
END_TEST

START_TEST(ceilings_that_root_lowered_hold_for_what_was_asked_before)
{
	struct document wanted = a_request("ana"), decision;
	struct made request;

	wanted.request.scope = SCOPE_READ_WRITE;
	ACCEPTED(send(&wanted, "ana-cert.pub", &request));
	config.max_scope = SCOPE_READ_ONLY;
	config.max_length = HOUR;
	decision = a_decision(&request);
	decision.decision.scope = SCOPE_READ_WRITE;
	decision.decision.length = HOUR;
	REFUSED(send(&decision, "carol", NULL), "at most read-only (max_scope");
	decision.decision.scope = SCOPE_READ_ONLY;
	decision.decision.length = HOUR + 1;
	REFUSED(send(&decision, "carol", NULL), "at most 1 h of read-only (max_length");
	not_opened();
	decision.decision.length = HOUR;
	ACCEPTED(send(&decision, "carol", NULL));
	made_done(&request);
}
END_TEST

static int find_refusal(void *context, const char *bytes, size_t size, const struct event *event)
{
	(void)bytes;
	(void)size;
	if (strcmp(event->kind, "refused-document") == 0)
		*(struct event *)context = *event;
	return 0;
}

/* That of a decision, written last. */
static void refusal_names(const struct document *decision)
{
	struct event event = { 0 };

	ck_assert_int_eq(chain_each(store, 0, SIZE_MAX, find_refusal, &event), 0);
	ck_assert_str_eq(event.request, decision->decision.request);
	ck_assert_int_eq(event.scope, decision->decision.scope);
	ck_assert_int_eq(event.until, decision->decision.latest_end);
}

START_TEST(a_refusal_tells_which_decision_it_was)
{
	struct document wanted = a_request("ana"), decision;
	struct made request = make(&wanted, "ana-cert.pub");

	decision = a_decision(&request);
	decision.decision.scope =
		SCOPE_READ_WRITE; /* wider than what is asked for, as is seen later */
	ACCEPTED(send(&decision, "carol", NULL));
	ACCEPTED(take_in(&request));
	refusal_names(&decision);
	decision.decision.scope = SCOPE_ADMIN;
	decision.decision.latest_end++;
	REFUSED(send(&decision, "carol", NULL), "");
	refusal_names(&decision);
	decision.decision.approve = false;
	decision.decision.latest_end++;
	REFUSED(send(&decision, "mallory", NULL), "");
	refusal_names(&decision);
	made_done(&request);
}
END_TEST

START_TEST(a_decision_at_a_wrong_time_is_refused)
{
	struct made request = asked();
	struct document decision = a_decision(&request);

	decision.decision.decided = NOW + 301;
	REFUSED(send(&decision, "carol", NULL), "future");
	decision.decision.decided = NOW - DAY - 1;
	REFUSED(send(&decision, "carol", NULL), "epoch");
	decision = a_decision(&request);
	decision.decision.latest_end = NOW;
	REFUSED(send(&decision, "carol", NULL), "over");
	not_opened();
	made_done(&request);
}
END_TEST

START_TEST(a_decision_after_the_time_to_decide_is_refused)
{
	struct document wanted = a_request("ana"), decision;
	struct made request;

	wanted.request.pending_until = NOW - 120;
	ACCEPTED(send(&wanted, "ana-cert.pub", &request));
	decision = a_decision(&request);
	REFUSED(send(&decision, "carol", NULL), "time to decide");
	decision.decision.decided = NOW - 180;
	ACCEPTED(send(&decision, "carol", NULL));
	made_done(&request);
}
END_TEST

START_TEST(who_asks_cannot_decide)
{
	struct document wanted = a_request("ana"), decision;
	char key[DOCUMENT_KEY_MAX + 1], text[2048];
	struct made request;

	ACCEPTED(send(&wanted, "ana-cert.pub", &request));
	read_key("ana", key);
	snprintf(text, sizeof(text), "boss,ana %s\n", key);
	write_text(approvers_file, text);
	decision = a_decision(&request);
	strcpy(decision.decision.approver, "boss");
	REFUSED(send(&decision, "ana", NULL), "by who asked");
	not_opened();
	made_done(&request);
}
END_TEST

START_TEST(root_decides_here_and_never_through_central)
{
	struct made request = asked(), made;
	struct document decision = a_decision(&request);

	strcpy(decision.decision.approver, "root@db1");
	made = make(&decision, "");
	REFUSED(take_in(&made), "never through central");
	ingest.caller = "dan";
	ck_assert_int_eq(ingest_document(&ingest, INGEST_ROOT, made.bytes, made.size, "", 0, -1,
				 NULL, &problem),
		INGEST_ACCEPTED);
	ck_assert_int_eq(verdict("ana"), VERDICT_OK);
	ck_assert_int_eq(events("approved", "by dan, who had become root"), 1);
	made_done(&made);
	made_done(&request);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		an_approval_opens_as_long_as_it_says,
		a_decision_without_signature_is_refused,
		a_decision_by_a_key_that_is_not_in_approvers_is_refused,
		a_decision_in_another_approvers_name_is_refused,
		a_decision_signed_in_another_namespace_is_refused,
		a_decision_with_one_byte_changed_is_refused,
		a_decision_for_another_request_opens_only_that,
		a_request_that_is_swapped_after_approval_is_not_approved,
		a_decision_that_comes_before_its_request_waits_for_it,
		a_wider_decision_is_refused_also_when_it_came_first,
		a_decision_wider_than_the_request_is_refused,
		a_decision_wider_than_the_hosts_ceilings_is_refused,
		ceilings_that_root_lowered_hold_for_what_was_asked_before,
		a_refusal_tells_which_decision_it_was,
		a_decision_at_a_wrong_time_is_refused,
		a_decision_after_the_time_to_decide_is_refused,
		who_asks_cannot_decide,
		root_decides_here_and_never_through_central,
	};

	return RUN_TESTS("ingest_decision", tests);
}
