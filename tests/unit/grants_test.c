/* SPDX-License-Identifier: MIT */

/* Clocks, reboots and copies: no grant outlives its end. */

#include "host/tombstones.h"
#include "tests/unit/host_fixture.h"

static struct machine machine;
static struct made request;

/* The host as it is at a moment of a boot, with ana's grant of 4 hours. */
static void start(void)
{
	set_up();
	ck_assert_int_eq(machine_read(&machine), 0);
	machine.boot = 1000;
	strcpy(machine.boot_id, "boot-1");
	request = asked();
	approved(&request);
}

static void stop(void)
{
	made_done(&request);
	tear_down();
}

/* `wall` and `boot` seconds later. */
static enum verdict at(int64_t wall, int64_t boot)
{
	_cleanup_(grants_host_done) struct grant_host host = { 0 };
	struct request *found = NULL;
	struct grant grant;
	struct machine then = machine;

	then.boot += boot;
	ck_assert_int_eq(grants_host_on(store, &config, &then, NOW + wall, &host, &problem), 0);
	ck_assert_int_eq(grants_find(store, &host, "ana", NOW + wall, &grant, &found), 0);
	free(found);
	return grant.verdict;
}

static void settle(int64_t wall, int64_t boot)
{
	struct machine then = machine;

	then.boot += boot;
	ck_assert_msg(grants_settle_on(store, &config, &then, NOW + wall, &problem) == 0, "%s",
		problem.text);
}

START_TEST(a_grant_that_ended_is_recorded_once)
{
	settle(0, 0);
	settle(4 * HOUR, 4 * HOUR);
	settle(5 * HOUR, 5 * HOUR);
	ck_assert_int_eq(events("expired", ""), 1);
	ck_assert_int_eq(at(5 * HOUR, 5 * HOUR), VERDICT_EXPIRED);
}
END_TEST

START_TEST(what_nobody_answered_is_recorded_once)
{
	struct document second = a_request("ben");

	second.request.pending_until = NOW + HOUR;
	ACCEPTED(send(&second, "ben-cert.pub", NULL));
	settle(2 * HOUR, 2 * HOUR);
	settle(3 * HOUR, 3 * HOUR);
	ck_assert_int_eq(events("expired", "nobody answered"), 1);
}
END_TEST

START_TEST(a_clock_set_back_a_day_shuts)
{
	settle(0, 0);
	ck_assert_int_eq(at(-DAY, 10), VERDICT_CLOCK_BEHIND);
	settle(-DAY, 10);
	ck_assert_int_eq(at(60, 60), VERDICT_OK);
}
END_TEST

START_TEST(a_clock_set_back_a_little_does_not_prolong)
{
	settle(0, 0);
	ck_assert_int_eq(at(-50, 4 * HOUR), VERDICT_EXPIRED);
}
END_TEST

START_TEST(a_clock_set_forward_a_year_shuts_and_poisons_nothing)
{
	settle(0, 0);
	ck_assert_int_eq(at(2 * DAY, 10), VERDICT_EXPIRED);
	settle(365 * DAY, 10);
	ck_assert_int_eq(events("expired", ""), 0);
	ck_assert_int_eq(at(60, 60), VERDICT_OK);
}
END_TEST

START_TEST(a_jump_forward_shuts_until_root_accepts_the_clock)
{
	struct document second = a_request("ben"), decision;
	struct made made;
	struct machine then = machine;
	_cleanup_(grants_host_done) struct grant_host host = { 0 };

	settle(0, 0);
	second.request.length = 3 * DAY;
	ACCEPTED(send(&second, "ben-cert.pub", &made));
	decision = a_decision(&made);
	decision.decision.length = 3 * DAY;
	ACCEPTED(send(&decision, "carol", NULL));
	then.boot += 60;
	ck_assert_int_eq(grants_host_on(store, &config, &then, NOW + 2 * DAY, &host, &problem), 0);
	ck_assert(host.clock_ahead);
	ck_assert_int_eq(clock_accept(store, &then, NOW + 2 * DAY, "root", &problem), 0);
	grants_host_done(&host);
	ck_assert_int_eq(grants_host_on(store, &config, &then, NOW + 2 * DAY, &host, &problem), 0);
	ck_assert(!host.clock_ahead);
	ck_assert_int_eq(events("clock", "accepted"), 1);
	made_done(&made);
}
END_TEST

START_TEST(what_was_used_counts_across_a_reboot)
{
	settle(0, 0);
	settle(2 * HOUR, 2 * HOUR);
	strcpy(machine.boot_id, "boot-2");
	machine.boot = 0;
	settle(2 * HOUR, 10);
	ck_assert_int_eq(at(2 * HOUR, 10 + HOUR), VERDICT_OK);
	ck_assert_int_eq(at(2 * HOUR, 10 + 2 * HOUR), VERDICT_EXPIRED);
}
END_TEST

START_TEST(an_expired_grant_does_not_come_back_with_the_clock)
{
	settle(0, 0);
	settle(4 * HOUR, 4 * HOUR);
	ck_assert_int_eq(clock_accept(store, &machine, NOW, "root", &problem), 0);
	ck_assert_int_eq(at(0, 0), VERDICT_EXPIRED);
}
END_TEST

START_TEST(a_copied_machine_admits_nobody)
{
	settle(0, 0);
	strcpy(machine.id, "0123456789abcdef0123456789abcdef");
	ck_assert_int_eq(at(0, 0), VERDICT_COPIED);
}
END_TEST

START_TEST(the_next_change_is_the_next_end)
{
	_cleanup_(grants_host_done) struct grant_host host = { 0 };
	int64_t next;

	ck_assert_int_eq(grants_host_on(store, &config, &machine, NOW, &host, &problem), 0);
	ck_assert_int_eq(grants_next_change(store, &host, NOW, &next), 0);
	ck_assert_int_eq(next, NOW - 60 + 4 * HOUR);
	ck_assert_int_eq(grants_next_change(store, &host, next, &next), 0);
	ck_assert_int_eq(next, 0);
}
END_TEST

/* As the daemon asks: of one moment, with what it kept from the last time. */
static enum verdict at_once(int64_t now)
{
	enum verdict verdict;

	ck_assert_int_eq(store_read_begin(store), 0);
	verdict = at(now, now);
	store_read_end(store);
	return verdict;
}

START_TEST(what_is_kept_is_read_again_when_another_program_wrote)
{
	struct document revocation = a_revocation(&request);
	struct store *kept = store;

	settle(0, 0);
	ck_assert_int_eq(at_once(10), VERDICT_OK);
	ck_assert_int_eq(at_once(20), VERDICT_OK);
	ck_assert_int_eq(store_open(path, false, &store, &problem), 0);
	ingest.store = store;
	ACCEPTED(send(&revocation, "carol", NULL));
	store_free(store);
	ingest.store = store = kept;
	ck_assert_int_eq(at_once(30), VERDICT_REVOKED);
}
END_TEST

START_TEST(what_is_kept_does_not_hide_a_tombstone)
{
	struct tombstone tombstone = { .at = NOW, .by = "root@db1", .text = "" };

	settle(0, 0);
	ck_assert_int_eq(store_use_tombstones(store, dir), 0);
	ck_assert_int_eq(at_once(10), VERDICT_OK);
	ck_assert_int_eq(tombstone_write(dir, request.digest, &tombstone), 0);
	ck_assert_int_eq(at_once(20), VERDICT_REVOKED);
}
END_TEST

START_TEST(what_is_kept_ends_on_time)
{
	settle(0, 0);
	ck_assert_int_eq(at_once(10), VERDICT_OK);
	ck_assert_int_eq(at_once(4 * HOUR), VERDICT_EXPIRED);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_grant_that_ended_is_recorded_once,
		what_nobody_answered_is_recorded_once,
		a_clock_set_back_a_day_shuts,
		a_clock_set_back_a_little_does_not_prolong,
		a_clock_set_forward_a_year_shuts_and_poisons_nothing,
		a_jump_forward_shuts_until_root_accepts_the_clock,
		what_was_used_counts_across_a_reboot,
		an_expired_grant_does_not_come_back_with_the_clock,
		a_copied_machine_admits_nobody,
		the_next_change_is_the_next_end,
		what_is_kept_is_read_again_when_another_program_wrote,
		what_is_kept_does_not_hide_a_tombstone,
		what_is_kept_ends_on_time,
	};

	return run_tests_with("grants", tests, sizeof(tests) / sizeof(tests[0]), start, stop);
}
