/* SPDX-License-Identifier: MIT */

/* Clock and chance are arguments: each bound is looked at from both sides. */

#include "courier/pace.h"

#include <check.h>
#include <stdlib.h>

#define NOW 1000000

/* The longest and the shortest delay after that many failures before. */
static int64_t delay_after(unsigned int failures, uint32_t chance)
{
	struct pace pace = { .failures = failures };

	pace_failed(&pace, NOW, chance);
	return pace.next_ms - NOW;
}

START_TEST(the_bound_of_the_delay_doubles_up_to_five_minutes)
{
	static const int64_t bounds[] = { 1000, 2000, 4000, 8000, 16000, 32000, 64000, 128000,
		256000, 300000, 300000, 300000 };
	struct pace pace = { 0 };

	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		pace_failed(&pace, NOW, (uint32_t)bounds[i]);
		ck_assert_int_eq(pace.next_ms - NOW, bounds[i]);
		ck_assert_int_eq(
			delay_after((unsigned int)i, (uint32_t)bounds[i] + 1), PACE_LEAST_MS);
	}
}
END_TEST

START_TEST(chance_spreads_the_delay_and_never_makes_it_nothing)
{
	ck_assert_int_eq(delay_after(5, 0), PACE_LEAST_MS);
	ck_assert_int_eq(delay_after(5, PACE_LEAST_MS), PACE_LEAST_MS);
	ck_assert_int_eq(delay_after(5, PACE_LEAST_MS + 1), PACE_LEAST_MS + 1);
	ck_assert_int_eq(delay_after(5, 20000), 20000);
	ck_assert_int_le(delay_after(1000000, UINT32_MAX), PACE_MAX_MS);
}
END_TEST

START_TEST(success_forgets_the_failures)
{
	struct pace pace = { .failures = 7, .next_ms = NOW + 5000 };

	pace_succeeded(&pace);
	ck_assert_int_eq(pace.next_ms, 0);
	pace_failed(&pace, NOW, 1000);
	ck_assert_int_eq(pace.next_ms, NOW + 1000);
}
END_TEST

START_TEST(what_came_for_nothing_is_not_asked_again_at_once)
{
	struct pace pace = { .failures = 7 };

	pace_in_vain(&pace, NOW);
	ck_assert_int_eq(pace.next_ms, NOW + PACE_FIRST_MS);
	ck_assert_uint_eq(pace.failures, 0);
}
END_TEST

START_TEST(hurry_is_at_once_and_forgets_nothing)
{
	struct pace pace = { .failures = 7, .next_ms = NOW + 5000 };

	pace_hurry(&pace, NOW);
	ck_assert_int_eq(pace.next_ms, NOW);
	ck_assert_uint_eq(pace.failures, 7);
	pace.next_ms = NOW - 1;
	pace_hurry(&pace, NOW);
	ck_assert_int_eq(pace.next_ms, NOW - 1);
}
END_TEST

START_TEST(who_asks_for_patience_gets_it_and_chance_comes_on_top)
{
	struct pace pace = { 0 };

	pace_asked(&pace, NOW, 30);
	ck_assert_int_eq(pace.next_ms, NOW + 30000);
	pace_failed(&pace, NOW, 700);
	ck_assert_int_eq(pace.next_ms, NOW + 30700);
	pace_failed(&pace, NOW + 30700, 700); /* not asked again: as ever */
	ck_assert_int_eq(pace.next_ms, NOW + 30700 + 700);
}
END_TEST

START_TEST(no_hurry_and_no_shorter_wish_breaks_into_it)
{
	struct pace pace = { 0 };

	pace_asked(&pace, NOW, 30);
	pace_failed(&pace, NOW, 700);
	pace_hurry(&pace, NOW + 10000);
	ck_assert_int_eq(pace.next_ms, NOW + 30000);
	pace_asked(&pace, NOW + 10000, 1);
	pace_hurry(&pace, NOW + 10000);
	ck_assert_int_eq(pace.next_ms, NOW + 30000);
	pace_hurry(&pace, NOW + 30001);
	ck_assert_int_eq(pace.next_ms, NOW + 30000);
	pace_succeeded(&pace);
	ck_assert_int_eq(pace.next_ms, 0);
}
END_TEST

START_TEST(a_wish_for_patience_has_a_limit)
{
	static const struct {
		int64_t wait_s, waited_s;
	} rows[] = { { PACE_ASKED_MAX_S, PACE_ASKED_MAX_S },
		{ PACE_ASKED_MAX_S + 1, PACE_ASKED_MAX_S }, { INT64_MAX, PACE_ASKED_MAX_S } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pace pace = { 0 };

		pace_asked(&pace, NOW, rows[i].wait_s);
		ck_assert_int_eq(pace.next_ms - NOW, rows[i].waited_s * 1000);
	}
}
END_TEST

START_TEST(a_cut_makes_the_hold_shorter_than_what_was_cut)
{
	static const struct {
		int64_t hold_ms, elapsed_ms, shorter_ms;
		bool explained;
	} rows[] = {
		{ 50000, 5000, 3000, true },   /* a proxy that cuts at 5 s */
		{ 50000, 60000, 25000, true }, /* cut after the hold: what stands between is slow */
		{ 50000, 50000, 25000, true }, { 50000, 49999, 37000, true },
		{ 50000, 1000, 1000, true },  /* never below the least */
		{ 50000, 999, 50000, false }, /* cut at once: silence was not the reason */
		{ 1500, 2000, 1000, true }, { 1000, 30000, 1000, false }, /* it cannot be shorter */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hold hold = { .hold_ms = rows[i].hold_ms, .max_ms = 50000, .held = 3 };

		ck_assert_msg(
			hold_cut(&hold, rows[i].elapsed_ms) == rows[i].explained, "row %zu", i);
		ck_assert_int_eq(hold.hold_ms, rows[i].shorter_ms);
		ck_assert_uint_eq(hold.held, 0);
	}
}
END_TEST

START_TEST(the_hold_grows_again_when_it_is_trusted)
{
	struct hold hold;

	hold_init(&hold, 5000);
	ck_assert(hold_cut(&hold, 3000));
	ck_assert_int_eq(hold.hold_ms, 2000);
	for (int i = 0; i < HOLD_TRUST - 1; i++)
		hold_kept(&hold);
	ck_assert_int_eq(hold.hold_ms, 2000);
	hold_kept(&hold);
	ck_assert_int_eq(hold.hold_ms, 3000);
	for (int i = 0; i < 10 * HOLD_TRUST; i++)
		hold_kept(&hold);
	ck_assert_int_eq(hold.hold_ms, 5000);
}
END_TEST

START_TEST(a_hold_has_a_least)
{
	struct hold hold;

	hold_init(&hold, 0);
	ck_assert_int_eq(hold.hold_ms, HOLD_LEAST_MS);
	hold_init(&hold, HOLD_LEAST_MS + 1);
	ck_assert_int_eq(hold.hold_ms, HOLD_LEAST_MS + 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("courier/pace");
	TCase *tests = tcase_create("courier/pace");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, the_bound_of_the_delay_doubles_up_to_five_minutes);
	tcase_add_test(tests, chance_spreads_the_delay_and_never_makes_it_nothing);
	tcase_add_test(tests, success_forgets_the_failures);
	tcase_add_test(tests, what_came_for_nothing_is_not_asked_again_at_once);
	tcase_add_test(tests, hurry_is_at_once_and_forgets_nothing);
	tcase_add_test(tests, who_asks_for_patience_gets_it_and_chance_comes_on_top);
	tcase_add_test(tests, no_hurry_and_no_shorter_wish_breaks_into_it);
	tcase_add_test(tests, a_wish_for_patience_has_a_limit);
	tcase_add_test(tests, a_cut_makes_the_hold_shorter_than_what_was_cut);
	tcase_add_test(tests, the_hold_grows_again_when_it_is_trusted);
	tcase_add_test(tests, a_hold_has_a_least);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
