/* SPDX-License-Identifier: MIT */

/* Requests that a host takes in, and those that it does not. */

#include "tests/unit/host_fixture.h"

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
	};

	return RUN_TESTS("ingest_request", tests);
}
