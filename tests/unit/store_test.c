/* SPDX-License-Identifier: MIT */

/* The store itself: what survives, what closes it. */

#include "tests/unit/host_fixture.h"

static void reopen(void)
{
	store_free(store);
	store = NULL;
	open_store();
}

static void copy(const char *from, const char *to)
{
	run((const char *const[]){ "/bin/cp", "-p", from, to, NULL });
}

START_TEST(what_was_written_is_there_after_opening_again)
{
	struct made request = asked();

	approved(&request);
	reopen();
	ck_assert_int_eq(verdict("ana"), VERDICT_OK);
	made_done(&request);
}
END_TEST

START_TEST(a_store_that_is_not_there_is_not_made_unless_asked)
{
	struct store *other = NULL;

	ck_assert_int_eq(store_open(in(dir, "none"), false, &other, &problem), -ENOENT);
	ck_assert_ptr_nonnull(strstr(problem.text, "not enrolled"));
	ck_assert_int_ne(access(in(dir, "none"), F_OK), 0);
}
END_TEST

START_TEST(the_store_is_roots_alone)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(stat(in(dir, "store.db-wal"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
}
END_TEST

START_TEST(a_damaged_store_is_closed_and_kept)
{
	struct store *other = NULL;
	struct stat before, after;

	store_free(store);
	store = NULL;
	ck_assert_int_eq(truncate(path, 8192), 0);
	ck_assert_int_eq(stat(path, &before), 0);
	ck_assert_int_eq(store_open(path, true, &other, &problem), -EUCLEAN);
	ck_assert_ptr_nonnull(strstr(problem.text, "damaged"));
	ck_assert_int_eq(stat(path, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	problem = PROBLEM_NONE;
	write_text(path, "this is no database, and long enough to be looked at for its header\n");
	ck_assert_int_eq(store_open(path, true, &other, &problem), -EUCLEAN);
}
END_TEST

START_TEST(a_store_of_a_newer_version_is_not_touched)
{
	struct store *other = NULL;

	store_free(store);
	store = NULL;
	run((const char *const[]){ "/usr/bin/sqlite3", path, "PRAGMA user_version = 99", NULL });
	ck_assert_int_eq(store_open(path, true, &other, &problem), -EPROTONOSUPPORT);
}
END_TEST

START_TEST(a_transaction_that_is_rolled_back_left_nothing)
{
	char *value = NULL;

	ck_assert_int_eq(store_begin(store, &problem), 0);
	ck_assert_int_eq(store_set(store, "x", "1"), 0);
	store_rollback(store);
	store_rollback(store);
	ck_assert_int_eq(store_get(store, "x", &value), -ENOENT);
}
END_TEST

START_TEST(a_second_writer_waits_and_is_then_told)
{
	struct store *other = NULL;

	ck_assert_int_eq(store_open(path, false, &other, &problem), 0);
	ck_assert_int_eq(store_begin(store, &problem), 0);
	ck_assert_int_eq(store_begin(other, &problem), -EBUSY);
	store_rollback(store);
	ck_assert_int_eq(store_begin(other, &problem), 0);
	store_rollback(other);
	store_free(other);
}
END_TEST

START_TEST(the_generation_changes_with_every_writer)
{
	struct store *other = NULL;
	int64_t first = store_generation(store), second;

	ck_assert_int_eq(store_open(path, false, &other, &problem), 0);
	ck_assert_int_eq(store_generation(store), first);
	ck_assert_int_eq(store_set(other, "x", "1"), 0);
	second = store_generation(store);
	ck_assert_int_ne(second, first);
	ck_assert_int_eq(store_set(store, "x", "2"), 0);
	ck_assert_int_ne(store_generation(store), second);
	store_free(other);
}
END_TEST

/* --- an older copy that is put back --- */

START_TEST(an_older_copy_that_is_put_back_is_closed_until_root_sets_the_epoch)
{
	struct made request = asked();
	struct document revocation = a_revocation(&request);

	approved(&request);
	reopen();
	store_free(store);
	copy(path, in(dir, "copy"));
	open_store();
	ACCEPTED(send(&revocation, "carol", NULL));
	store_free(store);
	ck_assert_int_eq(rename(in(dir, "copy"), path), 0);
	(void)unlink(in(dir, "store.db-wal"));
	(void)unlink(in(dir, "store.db-shm"));
	open_store();
	ck_assert_ptr_nonnull(store_closed(store));
	ck_assert_int_eq(verdict("ana"), VERDICT_STORE_CLOSED);

	ck_assert_int_eq(store_begin(store, &problem), 0);
	ck_assert_int_eq(store_set_epoch(store, NOW), 0);
	ck_assert_int_eq(store_commit(store, &problem), 0);
	ck_assert_ptr_null(store_closed(store));
	ck_assert_int_eq(verdict("ana"), VERDICT_UNBACKED);
	made_done(&request);
}
END_TEST

/* A kill -9 may come between the commit and the note of it beside the store. */
START_TEST(an_older_copy_is_noticed_though_the_ending_was_not_noted)
{
	struct made first = asked(), second = asked();
	struct document revocation = a_revocation(&first);

	ACCEPTED(send(&revocation, "carol", NULL));
	store_free(store);
	copy(path, in(dir, "copy"));
	copy(in(dir, "store.db-generation"), in(dir, "note"));
	open_store();
	revocation = a_revocation(&second);
	ACCEPTED(send(&revocation, "carol", NULL));
	store_free(store);
	ck_assert_int_eq(rename(in(dir, "note"), in(dir, "store.db-generation")), 0);
	open_store();
	ck_assert_ptr_null(store_closed(store));
	store_free(store);
	ck_assert_int_eq(rename(in(dir, "copy"), path), 0);
	(void)unlink(in(dir, "store.db-wal"));
	(void)unlink(in(dir, "store.db-shm"));
	open_store();
	ck_assert_ptr_nonnull(store_closed(store));
	made_done(&first);
	made_done(&second);
}
END_TEST

/* Everything beside the store is as old as the store itself. */
START_TEST(a_whole_folder_that_is_put_back_is_noticed_within_one_boot)
{
	static const char *const files[] = { "store.db", "store.db-generation" };
	struct made request = asked();
	struct document revocation = a_revocation(&request);
	char saved[32];

	approved(&request);
	ck_assert_int_eq(mkdir(in(dir, "run"), 0700), 0);
	ck_assert_int_eq(store_use_tombstones(store, in(dir, "run")), 0);
	ck_assert_int_eq(access(in(dir, "run/.generation"), F_OK), 0);
	reopen();
	store_free(store);
	for (size_t i = 0; i < 2; i++) {
		snprintf(saved, sizeof(saved), "old-%s", files[i]);
		copy(in(dir, files[i]), in(dir, saved));
	}
	open_store();
	ck_assert_int_eq(store_use_tombstones(store, in(dir, "run")), 0);
	ck_assert_ptr_null(store_closed(store));
	ACCEPTED(send(&revocation, "carol", NULL));
	store_free(store);
	for (size_t i = 0; i < 2; i++) {
		snprintf(saved, sizeof(saved), "old-%s", files[i]);
		ck_assert_int_eq(rename(in(dir, saved), in(dir, files[i])), 0);
	}
	open_store();
	ck_assert_int_eq(store_use_tombstones(store, in(dir, "run")), 0);
	ck_assert_ptr_nonnull(store_closed(store));
	ck_assert_int_eq(verdict("ana"), VERDICT_STORE_CLOSED);
	made_done(&request);
}
END_TEST

START_TEST(a_condemned_store_is_closed_until_root_sets_the_epoch)
{
	ck_assert_ptr_null(store_closed(store));
	ck_assert_int_eq(store_condemn(path, NULL), 0);
	reopen();
	ck_assert_ptr_nonnull(store_closed(store));
	ck_assert_int_eq(store_begin(store, &problem), 0);
	ck_assert_int_eq(store_set_epoch(store, NOW), 0);
	ck_assert_int_eq(store_commit(store, &problem), 0);
	ck_assert_ptr_null(store_closed(store));
}
END_TEST

START_TEST(a_distrusted_store_is_closed)
{
	ck_assert_ptr_null(store_closed(store));
	store_distrust(store, "for a test");
	ck_assert_str_eq(store_closed(store), "for a test");
	ck_assert_int_eq(verdict("ana"), VERDICT_NONE);
}
END_TEST

START_TEST(a_store_that_was_replaced_is_not_in_its_place)
{
	ck_assert(store_is_in_place(store));
	copy(path, in(dir, "copy"));
	ck_assert_int_eq(rename(in(dir, "copy"), path), 0);
	ck_assert(!store_is_in_place(store));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert(!store_is_in_place(store));
}
END_TEST

/* Damage that the quick check does not look for: an index without a row that its table has. */
START_TEST(the_full_check_finds_what_the_quick_one_does_not)
{
	struct made request = asked();

	ck_assert_int_eq(store_check(store, &problem), 0);
	store_free(store);
	store = NULL;
	run((const char *const[]){ "/usr/bin/sqlite3", path, ".dbconfig defensive off",
		"PRAGMA writable_schema = ON;"
		"UPDATE sqlite_schema SET sql = replace(sql, '(login, over, seq)', '(login, seq, "
		"over)')"
		" WHERE name = 'requests_of_login'",
		NULL });
	open_store();
	ck_assert_int_eq(store_check(store, &problem), -EUCLEAN);
	ck_assert_ptr_nonnull(strstr(problem.text, "damaged"));
	made_done(&request);
}
END_TEST

START_TEST(a_store_without_an_epoch_is_closed)
{
	struct store *other = NULL;

	ck_assert_int_eq(store_open(in(dir, "new.db"), true, &other, &problem), 0);
	ck_assert_ptr_nonnull(store_closed(other));
	store_free(other);
}
END_TEST

START_TEST(opening_and_ending_as_usual_does_not_close_it)
{
	for (int i = 0; i < 3; i++) {
		struct made request = asked();
		struct document revocation = a_revocation(&request);

		ACCEPTED(send(&revocation, "carol", NULL));
		reopen();
		ck_assert_ptr_null(store_closed(store));
		made_done(&request);
	}
}
END_TEST

START_TEST(a_store_belongs_to_one_host)
{
	struct enrolment enrolment = { .customer = "acme", .port = 22 };

	strcpy(enrolment.host.id, host_id);
	enrolment.host.id[1] = host_id[1] == '0' ? '1' : '0';
	ck_assert_int_eq(host_enrolled(store, &enrolment, "", NOW, "root", &problem), -EEXIST);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		what_was_written_is_there_after_opening_again,
		a_store_that_is_not_there_is_not_made_unless_asked,
		the_store_is_roots_alone,
		a_damaged_store_is_closed_and_kept,
		a_store_of_a_newer_version_is_not_touched,
		a_transaction_that_is_rolled_back_left_nothing,
		a_second_writer_waits_and_is_then_told,
		the_generation_changes_with_every_writer,
		an_older_copy_that_is_put_back_is_closed_until_root_sets_the_epoch,
		an_older_copy_is_noticed_though_the_ending_was_not_noted,
		a_whole_folder_that_is_put_back_is_noticed_within_one_boot,
		a_condemned_store_is_closed_until_root_sets_the_epoch,
		a_distrusted_store_is_closed,
		a_store_that_was_replaced_is_not_in_its_place,
		the_full_check_finds_what_the_quick_one_does_not,
		a_store_without_an_epoch_is_closed,
		opening_and_ending_as_usual_does_not_close_it,
		a_store_belongs_to_one_host,
	};

	return RUN_TESTS("store", tests);
}
