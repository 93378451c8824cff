/* SPDX-License-Identifier: MIT */

/* What a host takes in, row by row: everything that central, or whoever holds its database, could
 * send. */

#include "tests/unit/host_fixture.h"

/* --- requests --- */

START_TEST(a_request_makes_an_account_and_waits)
{
	struct made request = asked();
	struct account_row account;

	ck_assert_int_eq(verdict("ana"), VERDICT_PENDING);
	ck_assert_int_eq(accounts_find(store, "ana", &account), 0);
	ck_assert_str_eq(account.full_name, "Ana Sousa");
	ck_assert_int_eq(events("requested", "Index rebuild"), 1);
	made_done(&request);
}
END_TEST

START_TEST(the_same_document_twice_changes_nothing)
{
	struct made request = asked();
	int64_t before, after;

	ck_assert_int_eq(chain_last(store, &before), 0);
	ck_assert_int_eq(take_in(&request), INGEST_KNOWN);
	ck_assert_int_eq(chain_last(store, &after), 0);
	ck_assert_int_eq(before, after);
	made_done(&request);
}
END_TEST

static void no_account(const char *login)
{
	struct account_row account;

	ck_assert_int_eq(accounts_find(store, login, &account), -ENOENT);
	ck_assert_int_eq(verdict(login), VERDICT_NONE);
	ck_assert_int_ge(events("refused-document", ""), 1);
}

START_TEST(an_agent_whom_central_invents_gets_no_account)
{
	struct document request = a_request("ana");

	REFUSED(send(&request, "", NULL), "no signature");
	REFUSED(send(&request, "ana", NULL), "");
	read_key("mallory", request.request.agent.key);
	REFUSED(send(&request, "mallory", NULL), "");
	no_account("ana");
}
END_TEST

START_TEST(a_certificate_of_another_authority_is_refused)
{
	struct document request = a_request("ana");

	trust_authority("other-ca");
	REFUSED(send(&request, "ana-cert.pub", NULL), "");
	no_account("ana");
}
END_TEST

START_TEST(an_expired_certificate_is_refused)
{
	struct document request = a_request("ana");

	certify("ca", "mallory", "20200101:20210101");
	strcpy(request.request.agent.login, "mallory");
	read_key("mallory", request.request.agent.key);
	REFUSED(send(&request, "mallory-cert.pub", NULL), "");
	no_account("mallory");
}
END_TEST

START_TEST(a_certificate_of_another_name_is_refused)
{
	struct document request = a_request("ana");

	read_key("ben", request.request.agent.key);
	REFUSED(send(&request, "ben-cert.pub", NULL), "");
	no_account("ana");
}
END_TEST

START_TEST(a_request_that_names_another_key_is_refused)
{
	struct document request = a_request("ana");

	read_key("mallory", request.request.agent.key);
	REFUSED(send(&request, "ana-cert.pub", NULL), "another key");
	no_account("ana");
}
END_TEST

START_TEST(a_request_for_others_is_refused)
{
	struct document request = a_request("ana");

	strcpy(request.request.customer, "other");
	REFUSED(send(&request, "ana-cert.pub", NULL), "another customer");
	request = a_request("ana");
	strcpy(request.request.hosts[0].name, "db2");
	REFUSED(send(&request, "ana-cert.pub", NULL), "its name is db1");
	request = a_request("ana");
	request.request.hosts[0].id[1] = request.request.hosts[0].id[1] == '0' ? '1' : '0';
	REFUSED(send(&request, "ana-cert.pub", NULL), "other hosts");
	no_account("ana");
}
END_TEST

START_TEST(an_agent_called_root_is_refused)
{
	struct document request = a_request("root");

	certify("ca", "ana", VALID);
	REFUSED(send(&request, "ana-cert.pub", NULL), "cannot be called root");
	no_account("root");
}
END_TEST

START_TEST(a_request_from_the_future_or_long_over_is_refused)
{
	struct document request = a_request("ana");

	request.request.created = NOW + 301;
	request.request.pending_until = NOW + DAY;
	REFUSED(send(&request, "ana-cert.pub", NULL), "future");
	request = a_request("ana");
	request.request.created = NOW - 20 * DAY;
	request.request.pending_until = NOW - 10 * DAY;
	REFUSED(send(&request, "ana-cert.pub", NULL), "over");
}
END_TEST

START_TEST(an_account_of_another_source_wins)
{
	struct document request = a_request("ana");
	struct account_row account;

	foreign_name = "support-ana";
	REFUSED(send(&request, "ana-cert.pub", NULL), "another source");
	no_account("ana");
	foreign_name = "";
	foreign_uid = ACCOUNT_GID_ADMIN + 1;
	request = a_request("ana");
	ACCEPTED(send(&request, "ana-cert.pub", NULL));
	ck_assert_int_eq(accounts_find(store, "ana", &account), 0);
	ck_assert_uint_ne(account.uid, foreign_uid);
}
END_TEST

START_TEST(one_agents_flood_does_not_lock_others_out)
{
	struct document request;

	config.max_pending = 16;
	for (int i = 0; i < 2; i++) {
		request = a_request("ana");
		ACCEPTED(send(&request, "ana-cert.pub", NULL));
	}
	request = a_request("ana");
	ck_assert_int_eq(send(&request, "ana-cert.pub", NULL), INGEST_LATER);
	ck_assert_ptr_nonnull(strstr(problem.text, "share"));
	request = a_request("ben");
	ACCEPTED(send(&request, "ben-cert.pub", NULL));
}
END_TEST

START_TEST(a_flood_of_refused_documents_writes_a_bounded_record)
{
	struct document request = a_request("ana");
	int64_t last;

	for (int i = 0; i < 200; i++) {
		snprintf(request.request.nonce, sizeof(request.request.nonce), "%026d", 900 + i);
		ck_assert_int_eq(send(&request, "", NULL), INGEST_REFUSED);
	}
	ck_assert_int_eq(events("refused-document", ""), 60);
	ingest.now += HOUR;
	ck_assert_int_eq(send(&request, "", NULL), INGEST_REFUSED);
	ck_assert_int_eq(events("refused-document", ""), 61);
	ck_assert_int_eq(chain_last(store, &last), 0);
	ck_assert_int_le(last, 70);
}
END_TEST

/* --- decisions --- */

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

/* --- what is final --- */

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

/* --- the form of what comes --- */

START_TEST(what_is_no_document_is_refused_with_an_event)
{
	static char big[17 * 1024], deep[256];
	const struct {
		const char *bytes;
		size_t size;
	} bad[] = {
		{ "", 0 },
		{ "{}", 2 },
		{ "{\"type\":\"request\",\"type\":\"request\"}", 35 },
		{ "{\"type\":\"nothing\",\"version\":1}", 30 },
		{ "{\"type\":\"request\",\"version\":2}", 30 },
		{ "\xff\xfe\x1b[31m", 7 },
		{ big, sizeof(big) },
		{ deep, 200 },
	};

	memset(big, ' ', sizeof(big));
	memset(deep, '[', 100);
	memset(deep + 100, ']', 100);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		problem = PROBLEM_NONE;
		ck_assert_int_eq(ingest_document(&ingest, INGEST_CENTRAL, bad[i].bytes, bad[i].size,
					 "", 0, (int64_t)i, "e", &problem),
			INGEST_REFUSED);
		ck_assert_ptr_null(strchr(problem.text, '\x1b'));
	}
	ck_assert_int_eq(events("refused-document", ""), 8);
}
END_TEST

START_TEST(two_documents_with_one_short_id_are_refused_with_an_alarm)
{
	struct document wanted = a_request("ana");
	struct made made = make(&wanted, "ana-cert.pub"), first = asked();
	struct digest digest;
	char sql[256], id[SHORT_ID_LEN + 1];

	ck_assert_int_eq(digest_from_hex(made.digest, &digest), 0);
	digest_short_id(&digest, id);
	snprintf(sql, sizeof(sql), "UPDATE documents SET short_id = '%s'", id);
	run((const char *const[]){ "/usr/bin/sqlite3", path, sql, NULL });
	REFUSED(take_in(&made), id);
	ck_assert_int_eq(events("alarm", id), 1);
	made_done(&made);
	made_done(&first);
}
END_TEST

START_TEST(the_cursor_moves_with_what_is_refused_and_with_what_is_known)
{
	struct made request = asked();
	int64_t cursor;

	ck_assert_int_eq(ingest_document(&ingest, INGEST_CENTRAL, request.bytes, request.size,
				 request.signature, request.signature_size, 41, "e1", &problem),
		INGEST_KNOWN);
	ck_assert_int_eq(store_get_int(store, FACT_FEED_CURSOR, &cursor), 0);
	ck_assert_int_eq(cursor, 41);
	ck_assert_int_eq(
		ingest_document(&ingest, INGEST_CENTRAL, "{}", 2, "", 0, 42, "e1", &problem),
		INGEST_REFUSED);
	ck_assert_int_eq(store_get_int(store, FACT_FEED_CURSOR, &cursor), 0);
	ck_assert_int_eq(cursor, 42);
	made_done(&request);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_request_makes_an_account_and_waits,
		the_same_document_twice_changes_nothing,
		an_agent_whom_central_invents_gets_no_account,
		a_certificate_of_another_authority_is_refused,
		an_expired_certificate_is_refused,
		a_certificate_of_another_name_is_refused,
		a_request_that_names_another_key_is_refused,
		a_request_for_others_is_refused,
		an_agent_called_root_is_refused,
		a_request_from_the_future_or_long_over_is_refused,
		an_account_of_another_source_wins,
		one_agents_flood_does_not_lock_others_out,
		a_flood_of_refused_documents_writes_a_bounded_record,
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
		a_decision_at_a_wrong_time_is_refused,
		a_decision_after_the_time_to_decide_is_refused,
		who_asks_cannot_decide,
		root_decides_here_and_never_through_central,
		a_denial_is_final,
		a_revocation_is_final,
		a_closing_is_final,
		a_revocation_needs_no_signature_and_is_then_centrals,
		a_revocation_for_other_hosts_changes_nothing,
		an_ending_that_comes_before_the_approval_holds,
		a_denial_that_comes_before_its_request_holds,
		one_agent_does_not_close_anothers_request,
		what_is_no_document_is_refused_with_an_event,
		two_documents_with_one_short_id_are_refused_with_an_alarm,
		the_cursor_moves_with_what_is_refused_and_with_what_is_known,
	};

	return RUN_TESTS("ingest", tests);
}
