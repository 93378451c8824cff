/* SPDX-License-Identifier: MIT */

/* The audit chain: what was written cannot be changed unseen. */

#include "tests/unit/host_fixture.h"

static int64_t n_events, n_heads;

static int verify(void)
{
	problem = PROBLEM_NONE;
	return chain_verify(store, host_key, &n_events, &n_heads, &problem);
}

static void say(const char *text, int64_t now)
{
	struct event event = { .kind = "alarm", .by = "root" };

	snprintf(event.text, sizeof(event.text), "%s", text);
	ck_assert_int_eq(store_begin(store, &problem), 0);
	ck_assert_int_eq(chain_append(store, &event, now, &problem), 0);
	ck_assert_int_eq(store_commit(store, &problem), 0);
}

static void sign(void)
{
	ck_assert_msg(chain_sign(store, KEY("host"), NOW, &problem) == 0, "%s", problem.text);
}

static void sql(const char *statement)
{
	run((const char *const[]){ "/usr/bin/sqlite3", path, statement, NULL });
}

static void expect_broken(const char *why)
{
	ck_assert_int_eq(verify(), -EBADMSG);
	ck_assert_msg(strstr(problem.text, why) != NULL, "said: %s", problem.text);
}

START_TEST(a_whole_chain_is_verified_with_its_heads)
{
	say("one", NOW);
	sign();
	sign();
	say("two", NOW + 1);
	sign();
	ck_assert_msg(verify() == 0, "%s", problem.text);
	ck_assert_int_eq(n_events, 3);
	ck_assert_int_eq(n_heads, 2);
}
END_TEST

START_TEST(a_changed_event_is_found)
{
	say("one", NOW);
	say("two", NOW);
	sql("UPDATE events SET bytes = replace(bytes, '\"one\"', '\"ona\"') WHERE seq = 2");
	expect_broken("event 2");
}
END_TEST

START_TEST(a_removed_event_is_found)
{
	say("one", NOW);
	say("two", NOW);
	sql("DELETE FROM events WHERE seq = 2");
	expect_broken("event 2: is missing");
}
END_TEST

START_TEST(a_chain_cut_at_its_end_is_found_by_its_head)
{
	say("one", NOW);
	sign();
	sql("DELETE FROM events WHERE seq = 2");
	expect_broken("a signed head names a later one");
}
END_TEST

START_TEST(a_chain_written_anew_does_not_match_its_signed_head)
{
	say("one", NOW);
	sign();
	sql("DELETE FROM events WHERE seq = 2");
	say("another", NOW);
	expect_broken("signed head");
}
END_TEST

START_TEST(a_head_that_another_key_signed_is_found)
{
	say("one", NOW);
	ck_assert_int_eq(chain_sign(store, KEY("mallory"), NOW, &problem), 0);
	expect_broken("did not sign");
}
END_TEST

START_TEST(time_in_the_chain_never_runs_back)
{
	say("one", NOW + DAY);
	say("two", NOW);
	ck_assert_int_eq(verify(), 0);
}
END_TEST

START_TEST(a_host_without_an_id_has_no_chain)
{
	struct store *other = NULL;
	struct event event = { .kind = "alarm" };

	ck_assert_int_eq(store_open(in(dir, "new.db"), true, &other, &problem), 0);
	ck_assert_int_eq(store_begin(other, &problem), 0);
	ck_assert_int_eq(chain_append(other, &event, NOW, &problem), -ENOKEY);
	store_free(other);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_whole_chain_is_verified_with_its_heads,
		a_changed_event_is_found,
		a_removed_event_is_found,
		a_chain_cut_at_its_end_is_found_by_its_head,
		a_chain_written_anew_does_not_match_its_signed_head,
		a_head_that_another_key_signed_is_found,
		time_in_the_chain_never_runs_back,
		a_host_without_an_id_has_no_chain,
	};

	return RUN_TESTS("chain", tests);
}
