/* SPDX-License-Identifier: MIT */

/* Which grants let a session live, and how it goes on under another one. */

#include "host/cover.h"

#include "host/keeping.h"
#include "tests/unit/host_fixture.h"
#include "tests/unit/jail.h"

static struct session session;

/* The keeper's files are in a /run of the test's own. */
static void set_up_in_jail(void)
{
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(mount("test", "/run", "tmpfs", 0, "mode=755"), 0);
	ck_assert_int_eq(mkdir(PATH_RUN, 0755), 0);
	set_up();
}

/* ana asks once more, and carol approves. */
static struct made granted_for(enum scope scope, int64_t length)
{
	struct document wanted = a_request("ana"), decision;
	struct made request;

	wanted.request.scope = scope;
	ACCEPTED(send(&wanted, "ana-cert.pub", &request));
	decision = a_decision(&request);
	decision.decision.scope = scope;
	decision.decision.length = length;
	ACCEPTED(send(&decision, "carol", NULL));
	return request;
}

static void open_session(const struct made *request, enum scope scope, int64_t until)
{
	session = (struct session){ .id = "s1",
		.login = "ana",
		.uid = 70010,
		.scope = scope,
		.audit_session = UINT32_MAX,
		.opened = NOW,
		.until = until };
	strcpy(session.request, request->digest);
	ck_assert_int_eq(sessions_add(store, &session), 0);
}

static struct cover cover_at(int64_t now)
{
	_cleanup_(grants_host_done) struct grant_host host = { 0 };
	struct cover cover;

	ck_assert_int_eq(grants_host(store, &config, now, &host, &problem), 0);
	ck_assert_int_eq(cover_find(store, &host, &session, now, &cover), 0);
	ck_assert_int_eq(cover.scope, session.scope);
	return cover;
}

static void expect_cover(int64_t now, int64_t until, const struct made *request)
{
	struct cover cover = cover_at(now);
	char digest[DIGEST_HEX_LEN + 1];

	ck_assert_int_eq(cover.until, until);
	digest_to_hex(&cover.request, digest);
	if (request)
		ck_assert_str_eq(digest, request->digest);
}

#define FROM (NOW - 60) /* carol decided then */

/* --- which covers ------------------------------------------------------------------------- */

START_TEST(its_own_grant_covers_it_until_that_is_over)
{
	struct made own = granted_for(SCOPE_READ_ONLY, 4 * HOUR);

	open_session(&own, SCOPE_READ_ONLY, FROM + 4 * HOUR);
	expect_cover(NOW, FROM + 4 * HOUR, &own);
	expect_cover(FROM + 4 * HOUR - 1, FROM + 4 * HOUR, &own);
	expect_cover(FROM + 4 * HOUR, 0, NULL);
	made_done(&own);
}
END_TEST

START_TEST(it_lives_until_the_last_grant_that_covers_it_and_stays_its_owns)
{
	struct made own = granted_for(SCOPE_READ_ONLY, 2 * HOUR);
	struct made longer = granted_for(SCOPE_READ_WRITE, 6 * HOUR);

	open_session(&own, SCOPE_READ_ONLY, FROM + 2 * HOUR);
	expect_cover(NOW, FROM + 6 * HOUR, &own);
	expect_cover(FROM + 2 * HOUR, FROM + 6 * HOUR, &longer);
	made_done(&own);
	made_done(&longer);
}
END_TEST

START_TEST(a_narrower_grant_does_not_cover)
{
	struct made own = granted_for(SCOPE_READ_WRITE, 2 * HOUR);
	struct made narrower = granted_for(SCOPE_READ_ONLY, 3 * DAY);

	open_session(&own, SCOPE_READ_WRITE, FROM + 2 * HOUR);
	expect_cover(NOW, FROM + 2 * HOUR, &own);
	expect_cover(FROM + 2 * HOUR, 0, NULL);
	made_done(&own);
	made_done(&narrower);
}
END_TEST

START_TEST(another_agents_grant_does_not_cover)
{
	struct document wanted = a_request("ben"), decision;
	struct made own = granted_for(SCOPE_READ_ONLY, HOUR), bens;

	ACCEPTED(send(&wanted, "ben-cert.pub", &bens));
	decision = a_decision(&bens);
	ACCEPTED(send(&decision, "carol", NULL));
	open_session(&own, SCOPE_READ_ONLY, FROM + HOUR);
	expect_cover(FROM + HOUR, 0, NULL);
	made_done(&own);
	made_done(&bens);
}
END_TEST

START_TEST(what_was_revoked_does_not_cover)
{
	struct made own = granted_for(SCOPE_READ_ONLY, HOUR);
	struct document revocation = a_revocation(&own);

	open_session(&own, SCOPE_READ_ONLY, FROM + HOUR);
	ACCEPTED(send(&revocation, "carol", NULL));
	expect_cover(NOW, 0, NULL);
	made_done(&own);
}
END_TEST

/* --- following ---------------------------------------------------------------------------- */

static void follow(int64_t now)
{
	struct cover cover = cover_at(now);

	ck_assert_int_gt(cover.until, 0);
	ck_assert_msg(
		cover_follow(store, &session, &cover, now, &problem) == 0, "%s", problem.text);
	ck_assert_int_eq(session.until, cover.until);
}

static void expect_stored(const struct made *request, int64_t until)
{
	struct session stored;

	ck_assert_int_eq(sessions_find(store, session.id, &stored), 0);
	ck_assert_str_eq(stored.request, request->digest);
	ck_assert_int_eq(stored.until, until);
	ck_assert_str_eq(session.request, request->digest);
}

START_TEST(an_end_that_stands_is_not_written_again)
{
	struct made own = granted_for(SCOPE_READ_ONLY, HOUR);
	struct keeping keeping;

	open_session(&own, SCOPE_READ_ONLY, FROM + HOUR);
	follow(NOW);
	ck_assert_int_eq(keeping_read(PATH_SESSIONS, "s1", &keeping), -ENOENT);
	ck_assert_int_eq(events("continued", ""), 0);
	expect_stored(&own, FROM + HOUR);
	made_done(&own);
}
END_TEST

START_TEST(an_end_that_moved_is_told_the_keeper_and_the_store)
{
	struct made own = granted_for(SCOPE_READ_ONLY, HOUR);
	struct made longer = granted_for(SCOPE_READ_ONLY, 2 * HOUR);
	struct keeping keeping;

	open_session(&own, SCOPE_READ_ONLY, FROM + HOUR);
	follow(NOW);
	ck_assert_int_eq(keeping_read(PATH_SESSIONS, "s1", &keeping), 0);
	ck_assert_uint_eq(keeping.uid, 70010);
	ck_assert_int_eq(keeping.until, FROM + 2 * HOUR);
	ck_assert_int_eq(events("continued", ""), 0);
	expect_stored(&own, FROM + 2 * HOUR);
	made_done(&own);
	made_done(&longer);
}
END_TEST

START_TEST(it_goes_on_under_another_request_and_both_tell_of_it)
{
	struct made own = granted_for(SCOPE_READ_ONLY, HOUR);
	struct made longer = granted_for(SCOPE_READ_ONLY, 2 * HOUR);

	open_session(&own, SCOPE_READ_ONLY, FROM + 2 * HOUR);
	follow(FROM + HOUR);
	expect_stored(&longer, FROM + 2 * HOUR);
	ck_assert_int_eq(events("continued", "goes on under request"), 1);
	ck_assert_int_eq(events("continued", "was open under request"), 1);
	follow(FROM + HOUR);
	ck_assert_int_eq(events("continued", ""), 2);
	made_done(&own);
	made_done(&longer);
}
END_TEST

START_TEST(one_that_somebody_has_ended_in_the_meantime_moves_nowhere)
{
	struct made own = granted_for(SCOPE_READ_ONLY, HOUR);
	struct made longer = granted_for(SCOPE_READ_ONLY, 2 * HOUR);
	struct session stored;

	open_session(&own, SCOPE_READ_ONLY, FROM + 2 * HOUR);
	ck_assert_int_eq(sessions_set_ended(store, "s1", NOW), 0);
	follow(FROM + HOUR);
	ck_assert_int_eq(sessions_find(store, "s1", &stored), 0);
	ck_assert_str_eq(stored.request, own.digest);
	ck_assert_int_eq(events("continued", ""), 0);
	made_done(&own);
	made_done(&longer);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		its_own_grant_covers_it_until_that_is_over,
		it_lives_until_the_last_grant_that_covers_it_and_stays_its_owns,
		a_narrower_grant_does_not_cover,
		another_agents_grant_does_not_cover,
		what_was_revoked_does_not_cover,
		an_end_that_stands_is_not_written_again,
		an_end_that_moved_is_told_the_keeper_and_the_store,
		it_goes_on_under_another_request_and_both_tell_of_it,
		one_that_somebody_has_ended_in_the_meantime_moves_nowhere,
	};

	jail();
	jail_run(make_runner(
		"cover", tests, sizeof(tests) / sizeof(tests[0]), set_up_in_jail, tear_down));
}
