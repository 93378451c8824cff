/* SPDX-License-Identifier: MIT */

/* What central believes of a request to two hosts, for what there is about it. */

#include "central/handlers.h"

#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNTIL 2000

static char folder[] = "/tmp/request-state-XXXXXX";
static char path[64];

static void run_sql(sqlite3 *db, const char *sql)
{
	char *error = NULL;

	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &error) == SQLITE_OK, "%s: %s", sql, error);
}

/* A revocation of both hosts, or of one. */
static const char *revocation(const char *word)
{
	static char text[1024];
	_cleanup_(freep) struct document *document = calloc(1, sizeof(*document));
	_cleanup_(freep) char *bytes = NULL;
	struct problem problem = PROBLEM_NONE;
	struct digest digest;
	size_t size;

	document->type = DOCUMENT_REVOCATION;
	document->version = 1;
	document->revocation.revoked = 1;
	memset(document->revocation.request, '0', DIGEST_HEX_LEN);
	strcpy(document->revocation.by, "carol");
	if (strcmp(word, "revocation-of-one") == 0) {
		document->revocation.n_hosts = 1;
		strcpy(document->revocation.hosts[0], "h00000000000000000000000000");
	}
	ck_assert_msg(document_write(document, &bytes, &size, &digest, &problem) == 0, "%s",
		problem.text);
	snprintf(text, sizeof(text), "%s", bytes);
	return text;
}

static const char *type_of(const char *word)
{
	if (strcmp(word, "closing") == 0)
		return word;
	return word[0] == 'r' ? "revocation" : "decision";
}

/* `about`: words like "approve" (a decision), "revocation", "closing" (documents), "a:approved"
 * (host a says). */
static void write_about(sqlite3 *db, const char *about)
{
	char words[256], sql[2048];
	char *rest = words;
	int n = 1;

	run_sql(db, "DELETE FROM documents; DELETE FROM events; DELETE FROM request_hosts;"
		    "INSERT INTO request_hosts VALUES ('r', 'a'), ('r', 'b')");
	snprintf(words, sizeof(words), "%s", about);
	for (char *word; (word = strsep(&rest, " ")); n++) {
		if (!*word)
			continue;
		if (word[1] == ':')
			snprintf(sql, sizeof(sql),
				"INSERT INTO events VALUES (%d, '%c', %d, '%d', 'acme', '%s', 'r', "
				"'')",
				n, word[0], n, n, word + 2);
		else
			snprintf(sql, sizeof(sql),
				"INSERT INTO documents VALUES (%d, '%d', '%s', '%d', 'acme', "
				"'ana', 'r', '%s', '%s', '', '', 0, 0)",
				n, n, type_of(word), n, word,
				word[0] == 'r' ? revocation(word) : "");
		run_sql(db, sql);
	}
}

START_TEST(a_state_is_what_hosts_said_before_what_people_said)
{
	static const struct {
		const char *about;
		int64_t now;
		const char *state;
	} rows[] = {
		{ "", UNTIL - 1, "waiting" },
		{ "", UNTIL, "unanswered" },
		{ "approve", UNTIL, "approved" },
		{ "deny", 0, "denied" },
		{ "approve deny", 0, "denied" },
		{ "a:denied", 0, "denied" },
		{ "approve a:approved", 0, "open" },
		{ "a:approved", UNTIL, "open" },                /* root approved there */
		{ "approve a:approved revocation", 0, "open" }, /* until the host has confirmed */
		{ "approve a:approved revocation b:confirmed", 0,
			"open" }, /* it was not open on b */
		{ "approve a:approved revocation a:confirmed", 0, "revoked" },
		{ "approve a:approved a:revoked a:confirmed", 0, "revoked" },
		{ "approve a:approved a:confirmed", 0, "ended" },
		{ "approve a:approved b:approved a:confirmed", 0, "open" },
		{ "approve a:approved b:approved a:confirmed b:confirmed", 0, "ended" },
		{ "revocation", 0, "revoked" },
		{ "revocation", UNTIL, "revoked" },
		{ "revocation a:confirmed", 0, "revoked" },
		{ "revocation-of-one", 0, "waiting" },
		{ "revocation-of-one", UNTIL, "unanswered" },
		{ "revocation a:approved", 0, "open" },  /* root approved there, unreached */
		{ "approve revocation", 0, "approved" }, /* perhaps open where nobody hears us */
		{ "deny revocation", 0, "denied" },
		{ "closing", 0, "ended" },
		{ "closing", UNTIL, "ended" },
		{ "approve closing", 0, "approved" },
		{ "a:approved closing", 0, "open" },
		{ "approve a:approved deny", 0, "open" }, /* until the host has heard of it */
		{ "approve a:approved deny a:denied", 0, "denied" },
		{ "approve a:approved deny a:denied a:confirmed", 0, "denied" },
		{ "approve a:approved b:approved deny a:denied", 0, "open" },
		{ "revocation a:confirmed b:confirmed", 0, "revoked" },
	};
	const struct document_row request = { .digest = "r", .pending_until = UNTIL };
	struct problem problem = PROBLEM_NONE;
	struct central *central;
	sqlite3 *db;

	ck_assert_msg(central_open(path, true, &central, &problem) == 0, "%s", problem.text);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	run_sql(db, "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *state = NULL;

		write_about(db, rows[i].about);
		ck_assert_int_eq(request_state_name(central, &request, rows[i].now, &state), 0);
		ck_assert_msg(
			strcmp(state, rows[i].state) == 0, "\"%s\" is %s", rows[i].about, state);
	}
	sqlite3_close(db);
	central_free(central);
}
END_TEST

START_TEST(a_copy_has_no_epoch_until_it_is_opened)
{
	char copy[sizeof(path) + 8], epoch[CENTRAL_EPOCH_LEN + 1], again[CENTRAL_EPOCH_LEN + 1];
	struct problem problem = PROBLEM_NONE;
	struct central *central, *copied;

	snprintf(copy, sizeof(copy), "%s.copy", path);
	ck_assert_int_eq(central_open(path, true, &central, &problem), 0);
	ck_assert_int_eq(central_epoch(central, epoch), 0);
	ck_assert_int_eq(central_backup(central, copy, &problem), 0);
	ck_assert_int_eq(central_backup(central, copy, &problem), -EEXIST);
	ck_assert_int_eq(central_epoch(central, again), 0);
	ck_assert_str_eq(epoch, again);
	ck_assert_int_eq(central_open(copy, false, &copied, &problem), 0);
	ck_assert_int_eq(central_epoch(copied, again), 0);
	ck_assert_str_ne(epoch, again);
	central_free(copied);
	ck_assert_int_eq(central_open(copy, false, &copied, &problem), 0);
	ck_assert_int_eq(central_epoch(copied, epoch), 0);
	ck_assert_str_eq(epoch, again);
	central_free(copied);
	central_free(central);
	ck_assert_int_eq(unlink(copy), 0);
}
END_TEST

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/central.db", folder);
}

static void teardown(void)
{
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}

int main(void)
{
	Suite *suite = suite_create("central/request_state");
	TCase *tests = tcase_create("central/request_state");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	suite_add_tcase(suite, tests);
	tcase_add_test(tests, a_state_is_what_hosts_said_before_what_people_said);
	tcase_add_test(tests, a_copy_has_no_epoch_until_it_is_opened);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
