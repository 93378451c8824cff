/* SPDX-License-Identifier: MIT */

/* What was ended while the store could not be written, and how the store learns of it. */

#include "host/tombstones.h"

#include "host/finals.h"
#include "tests/unit/host_fixture.h"

static const struct tombstone enough = { .at = NOW - 7, .by = "root@db1", .text = "enough" };

static void set_up_with_dir(void)
{
	set_up();
	ck_assert_int_eq(store_use_tombstones(store, dir), 0);
}

static int settle(void)
{
	problem = PROBLEM_NONE;
	return tombstones_settle(store, NOW, &problem);
}

START_TEST(the_first_tombstone_of_a_request_stays)
{
	const struct tombstone later = { .at = NOW, .by = "carol", .text = "later" };
	struct made request = asked();
	struct tombstone found;

	ck_assert_int_eq(tombstone_read(dir, request.digest, &found), -ENOENT);
	ck_assert_int_eq(tombstone_write(dir, request.digest, &enough), 0);
	ck_assert_int_eq(tombstone_write(dir, request.digest, &later), 0);
	ck_assert_int_eq(tombstone_read(dir, request.digest, &found), 0);
	ck_assert_int_eq(found.at, NOW - 7);
	ck_assert_str_eq(found.by, "root@db1");
	ck_assert_str_eq(found.text, "enough");
	made_done(&request);
}
END_TEST

START_TEST(the_longest_texts_are_kept_whole)
{
	struct tombstone longest = { .at = INT64_MAX }, found;
	struct made request = asked();

	memset(longest.by, 'b', sizeof(longest.by) - 1);
	memset(longest.text, 't', sizeof(longest.text) - 1);
	ck_assert_int_eq(tombstone_write(dir, request.digest, &longest), 0);
	ck_assert_int_eq(tombstone_read(dir, request.digest, &found), 0);
	ck_assert_int_eq(memcmp(&found, &longest, sizeof(found)), 0);
	made_done(&request);
}
END_TEST

START_TEST(a_request_with_a_tombstone_is_revoked_also_with_one_that_makes_no_sense)
{
	static const char *const texts[] = { "", "x", "1\nroot", "1\nroot\nwhy",
		"ana\nroot\nwhy\n" };
	struct made request = asked();
	char name[96];

	approved(&request);
	ck_assert_int_eq(verdict("ana"), VERDICT_OK);
	snprintf(name, sizeof(name), "revoked-%s", request.digest);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct tombstone found;

		write_text(in(dir, name), texts[i]);
		ck_assert_int_eq(tombstone_read(dir, request.digest, &found), -EBADMSG);
		ck_assert_int_eq(verdict("ana"), VERDICT_REVOKED);
	}
	ck_assert_int_eq(unlink(in(dir, name)), 0);
	ck_assert_int_eq(symlink("/dev/null", in(dir, name)), 0);
	ck_assert_int_eq(verdict("ana"), VERDICT_REVOKED);
	ck_assert_int_eq(settle(), 1);
	ck_assert_int_eq(verdict("ana"), VERDICT_REVOKED);
	ck_assert_int_eq(events("revoked", "ended while the store could not be written"), 1);
	made_done(&request);
}
END_TEST

START_TEST(the_store_learns_of_it_once_and_the_tombstone_goes)
{
	struct made request = asked();
	struct tombstone found;
	struct final_row final;

	approved(&request);
	ck_assert_int_eq(settle(), 0);
	ck_assert_int_eq(tombstone_write(dir, request.digest, &enough), 0);
	ck_assert_int_eq(settle(), 1);
	ck_assert_int_eq(tombstone_read(dir, request.digest, &found), -ENOENT);
	ck_assert_int_eq(finals_find(store, request.digest, &final), 0);
	ck_assert_int_eq(final.kind, GRANT_FINAL_REVOKED);
	ck_assert_int_eq(final.at, NOW - 7);
	ck_assert_str_eq(final.by, "root@db1");
	ck_assert_int_eq(events("revoked", "enough"), 1);
	ck_assert_int_eq(verdict("ana"), VERDICT_REVOKED);
	ck_assert_int_eq(settle(), 0);
	ck_assert_int_eq(events("revoked", ""), 1);
	made_done(&request);
}
END_TEST

START_TEST(what_was_over_already_stays_as_it_ended)
{
	struct made request = asked();
	struct document revocation = a_revocation(&request);
	struct final_row final;

	ACCEPTED(send(&revocation, "carol", NULL));
	ck_assert_int_eq(tombstone_write(dir, request.digest, &enough), 0);
	ck_assert_int_eq(settle(), 1);
	ck_assert_int_eq(finals_find(store, request.digest, &final), 0);
	ck_assert_str_eq(final.by, "carol");
	ck_assert_int_eq(events("revoked", ""), 1);
	made_done(&request);
}
END_TEST

START_TEST(what_is_no_tombstone_is_left_where_it_is)
{
	write_text(in(dir, "revoked-nothing"), "1\nroot\nwhy\n");
	write_text(in(dir, "s1.ended"), "70001 1 over\n");
	ck_assert_int_eq(settle(), 0);
	ck_assert_int_eq(access(in(dir, "revoked-nothing"), F_OK), 0);
	ck_assert_int_eq(access(in(dir, "s1.ended"), F_OK), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		the_first_tombstone_of_a_request_stays,
		the_longest_texts_are_kept_whole,
		a_request_with_a_tombstone_is_revoked_also_with_one_that_makes_no_sense,
		the_store_learns_of_it_once_and_the_tombstone_goes,
		what_was_over_already_stays_as_it_ended,
		what_is_no_tombstone_is_left_where_it_is,
	};

	return run_tests_with(
		"tombstones", tests, sizeof(tests) / sizeof(tests[0]), set_up_with_dir, tear_down);
}
