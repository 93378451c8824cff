/* SPDX-License-Identifier: MIT */

/* The form of what comes in, whatever it is: everything that central, or whoever holds its
 * database, could send. */

#include "tests/unit/host_fixture.h"

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
		what_is_no_document_is_refused_with_an_event,
		two_documents_with_one_short_id_are_refused_with_an_alarm,
		the_cursor_moves_with_what_is_refused_and_with_what_is_known,
	};

	return RUN_TESTS("ingest", tests);
}
