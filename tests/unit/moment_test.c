/* SPDX-License-Identifier: MIT */

#include "lib/moment.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define NOON 1795608000 /* Wed 25 Nov 2026 12:00 UTC, 13:00 in Berlin */
#define HOUR 3600
#define DAY  86400

static void in_berlin(void)
{
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
}

static int64_t length(const char *text)
{
	int64_t seconds = -1;
	int r = length_parse(text, &seconds);

	return r < 0 ? r : seconds;
}

static int64_t moment(const char *text)
{
	int64_t ret = -1;
	int r = moment_parse(text, NOON, &ret);

	return r < 0 ? r : ret;
}

START_TEST(every_unit_has_its_length)
{
	ck_assert_int_eq(length("90s"), 90);
	ck_assert_int_eq(length("15m"), 900);
	ck_assert_int_eq(length("4h"), 4 * HOUR);
	ck_assert_int_eq(length("3d"), 3 * DAY);
	ck_assert_int_eq(length("2w"), 14 * DAY);
	ck_assert_int_eq(length("1mo"), 30 * DAY);
	ck_assert_int_eq(length("1y"), 365 * DAY);
	ck_assert_int_eq(length("1h30m"), 5400);
}
END_TEST

START_TEST(a_minute_is_not_a_month)
{
	ck_assert_int_eq(length("1m"), 60);
	ck_assert_int_eq(length("1mo1m"), 30 * DAY + 60);
}
END_TEST

START_TEST(what_is_no_length_is_refused)
{
	static const char *const texts[] = { "", "4", "h", "4x", "4H", " 4h", "4h ", "-4h", "+4h",
		"1.5h", "30m1h", "1h1h", "4 h", "4hours", "0x4h", "1m1mo" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(length(texts[i]) == -EINVAL, "\"%s\"", texts[i]);
}
END_TEST

START_TEST(a_length_beyond_the_limits_is_refused)
{
	ck_assert_int_eq(length("400d"), 400 * DAY);
	ck_assert_int_eq(length("400d1s"), -ERANGE);
	ck_assert_int_eq(length("0s"), -ERANGE);
	ck_assert_int_eq(length("99999999999999999999999999y"), -ERANGE);
	ck_assert_int_eq(length("9223372036854775807s"), -ERANGE);
}
END_TEST

START_TEST(a_length_is_shown_in_at_most_two_units)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = { { 0, "0 s" }, { -5, "0 s" }, { 45, "45 s" }, { 60, "1 min" },
		{ 119, "1 min 59 s" }, { 4 * HOUR, "4 h" },
		{ 3 * HOUR + 58 * 60 + 59, "3 h 58 min" }, { 3 * DAY + 2 * HOUR + 59, "3 d 2 h" },
		{ 3 * DAY + 59, "3 d" } };
	char text[MOMENT_TEXT_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		length_show(rows[i].seconds, text, sizeof(text));
		ck_assert_str_eq(text, rows[i].text);
	}
}
END_TEST

START_TEST(a_time_of_day_is_the_next_one)
{
	in_berlin();
	ck_assert_int_eq(moment("18:30"), NOON + 5 * HOUR + 1800);
	ck_assert_int_eq(moment("12:59"), NOON + DAY - 60);
	ck_assert_int_eq(moment("13:00"), NOON + DAY);
}
END_TEST

START_TEST(what_lies_behind_us_is_the_last_one_or_a_length_ago)
{
	static const struct {
		const char *text;
		int64_t moment; /* -EINVAL */
	} rows[] = {
		{ "08:00", NOON - 5 * HOUR },
		{ "13:00", NOON },
		{ "18:30", NOON - DAY + 5 * HOUR + 1800 },
		{ "3d", NOON - 3 * DAY },
		{ "2026-11-24 08:00", NOON - DAY - 5 * HOUR },
		{ "2026-11-25T12:00:00Z", NOON },
		{ "2026-11-25T12:00:01Z", -EINVAL },
		{ "2026-11-26 08:00", -EINVAL },
		{ "yesterday", -EINVAL },
	};

	in_berlin();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t moment = 0;
		int r = moment_parse_past(rows[i].text, NOON, &moment);

		ck_assert_msg((r < 0 ? r : moment) == rows[i].moment, "%s", rows[i].text);
	}
}
END_TEST

START_TEST(a_date_is_local_unless_it_names_a_zone)
{
	in_berlin();
	ck_assert_int_eq(moment("2026-11-26 14:02"), NOON + DAY + HOUR + 120);
	ck_assert_int_eq(moment("2026-11-25T12:00:00Z"), NOON);
	ck_assert_int_eq(moment("2026-11-25T13:00:00+01:00"), NOON);
	ck_assert_int_eq(moment("2026-11-25 06:30-05:30"), NOON);
}
END_TEST

START_TEST(the_first_and_the_last_moment_are_taken)
{
	ck_assert_int_eq(moment("1970-01-01T00:00:00Z"), 0);
	ck_assert_int_eq(moment("9999-12-31T23:59:59Z"), MOMENT_LAST);
}
END_TEST

START_TEST(what_no_calendar_has_is_refused)
{
	static const char *const texts[] = { "", "24:00", "12:60", "1:00", "18:30x",
		"2026-02-31 10:00", "2026-13-01 10:00", "2026-11-26", "2026-11-26 14:02 ",
		"2026-11-26T14:02:00+15:00", "2026-11-26T14:02:00+1:00", "2026-11-26T24:00:00Z",
		"2027-03-28 02:30", "tomorrow", "0622-11-26 14:02", "1969-12-31T23:59:59Z",
		"1970-01-01T00:00:00+01:00", "9999-12-31T23:59:59-14:00" };

	in_berlin();
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(moment(texts[i]) == -EINVAL, "\"%s\"", texts[i]);
}
END_TEST

START_TEST(a_moment_is_shown_with_its_distance)
{
	static const struct {
		int64_t offset;
		bool utc, distance;
		const char *text;
	} rows[] = {
		{ 4 * HOUR - 120, false, true, "today 16:58 +01:00, in 3 h 58 min" },
		{ -14 * HOUR, false, true, "yesterday 23:00 +01:00, 14 h ago" },
		{ 11 * HOUR, false, false, "tomorrow 00:00 +01:00" },
		{ 11 * HOUR, true, false, "today 23:00 UTC" },
		{ 2 * DAY, true, true, "Fri 27 Nov 12:00 UTC, in 2 d" },
		{ 40 * DAY, true, false, "Mon 4 Jan 2027 12:00 UTC" },
		{ 0, true, true, "today 12:00 UTC, now" },
	};
	char text[MOMENT_TEXT_MAX];

	in_berlin();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		moment_show(NOON + rows[i].offset, NOON, rows[i].utc, rows[i].distance, text,
			sizeof(text));
		ck_assert_str_eq(text, rows[i].text);
	}
}
END_TEST

START_TEST(what_is_shown_to_programs_is_read_again)
{
	char text[32];

	moment_rfc3339(NOON, text);
	ck_assert_str_eq(text, "2026-11-25T12:00:00Z");
	ck_assert_int_eq(moment(text), NOON);
}
END_TEST

static Suite *moment_suite(void)
{
	Suite *suite = suite_create("moment");
	TCase *tests = tcase_create("moment");

	tcase_add_test(tests, every_unit_has_its_length);
	tcase_add_test(tests, a_minute_is_not_a_month);
	tcase_add_test(tests, what_is_no_length_is_refused);
	tcase_add_test(tests, a_length_beyond_the_limits_is_refused);
	tcase_add_test(tests, a_length_is_shown_in_at_most_two_units);
	tcase_add_test(tests, a_time_of_day_is_the_next_one);
	tcase_add_test(tests, what_lies_behind_us_is_the_last_one_or_a_length_ago);
	tcase_add_test(tests, a_date_is_local_unless_it_names_a_zone);
	tcase_add_test(tests, the_first_and_the_last_moment_are_taken);
	tcase_add_test(tests, what_no_calendar_has_is_refused);
	tcase_add_test(tests, a_moment_is_shown_with_its_distance);
	tcase_add_test(tests, what_is_shown_to_programs_is_read_again);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(moment_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
