/* SPDX-License-Identifier: MIT */

#include "central/rates.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define NOW 1000000

static struct rates *rates;

static void setup(void)
{
	rates = calloc(1, sizeof(*rates));
}

static void teardown(void)
{
	free(rates);
}

/* How many of `n` in one moment are let through. */
static int let_through(const char *key, int64_t rate, int64_t now, int n)
{
	int through = 0;

	for (int i = 0; i < n; i++)
		through += rates_take(rates, key, rate, now) == 0;
	return through;
}

START_TEST(a_burst_is_let_through_and_then_the_rate)
{
	ck_assert_int_eq(let_through("a", 3, NOW, 100), 3 * RATES_BURST);
	ck_assert_int_eq(let_through("a", 3, NOW + 333, 100), 0);
	ck_assert_int_eq(let_through("a", 3, NOW + 334, 100), 1);
	ck_assert_int_eq(let_through("a", 3, NOW + 1334, 100), 3);
}
END_TEST

START_TEST(rest_fills_it_no_further_than_full)
{
	ck_assert_int_eq(let_through("a", 2, NOW, 100), 2 * RATES_BURST);
	ck_assert_int_eq(let_through("a", 2, NOW + 3600 * 1000, 100), 2 * RATES_BURST);
}
END_TEST

START_TEST(one_key_does_not_slow_another)
{
	ck_assert_int_eq(let_through("a", 1, NOW, 100), RATES_BURST);
	ck_assert_int_eq(let_through("b", 1, NOW, 100), RATES_BURST);
}
END_TEST

START_TEST(no_rate_is_no_limit)
{
	ck_assert_int_eq(let_through("a", 0, NOW, 10000), 10000);
}
END_TEST

START_TEST(it_says_how_many_seconds_to_wait_and_that_is_true)
{
	ck_assert_int_eq(let_through("a", 1, NOW, RATES_BURST), RATES_BURST);
	ck_assert_int_eq(rates_take(rates, "a", 1, NOW), 1);
	ck_assert_int_eq(rates_take(rates, "a", 1, NOW + 999), 1);
	ck_assert_int_eq(rates_take(rates, "a", 1, NOW + 1000), 0);
	ck_assert_int_eq(
		let_through("b", 1000000, NOW, RATES_BURST * 1000000), RATES_BURST * 1000000);
	ck_assert_int_eq(rates_take(rates, "b", 1000000, NOW), 1);
}
END_TEST

START_TEST(a_flood_of_keys_takes_no_memory_and_lets_the_old_ones_go)
{
	char key[32];

	for (int i = 0; i < 3 * RATES_MAX; i++) {
		snprintf(key, sizeof(key), "192.0.2.%d", i);
		ck_assert_int_eq(rates_take(rates, key, 1, NOW + i), 0);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("central/rates");
	TCase *tests = tcase_create("central/rates");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	suite_add_tcase(suite, tests);
	tcase_add_test(tests, a_burst_is_let_through_and_then_the_rate);
	tcase_add_test(tests, rest_fills_it_no_further_than_full);
	tcase_add_test(tests, one_key_does_not_slow_another);
	tcase_add_test(tests, no_rate_is_no_limit);
	tcase_add_test(tests, it_says_how_many_seconds_to_wait_and_that_is_true);
	tcase_add_test(tests, a_flood_of_keys_takes_no_memory_and_lets_the_old_ones_go);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
