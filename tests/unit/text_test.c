/* SPDX-License-Identifier: MIT */

#include "lib/text.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *escaped(const char *text)
{
	static char ret[256];

	(void)text_escape(text, strlen(text), ret, sizeof(ret));
	return ret;
}

START_TEST(ordinary_text_stays_as_it_is)
{
	ck_assert_str_eq(escaped("Größe: 4 € – 漢字 😀"), "Größe: 4 € – 漢字 😀");
}
END_TEST

START_TEST(what_steers_a_terminal_is_escaped)
{
	ck_assert_str_eq(escaped("a\x1b[2Jb\r\n\x7f"), "a\\x1b[2Jb\\x0d\\x0a\\x7f");
	ck_assert_str_eq(escaped("\xc2\x9b"), "\\xc2\\x9b");
	ck_assert_str_eq(escaped("\xe2\x80\xae"), "\\xe2\\x80\\xae");
	ck_assert_str_eq(escaped("\xe2\x80\xa8"), "\\xe2\\x80\\xa8");
}
END_TEST

START_TEST(bytes_that_are_no_utf8_are_escaped)
{
	ck_assert_str_eq(escaped("\xff"
				 "a\xc3"),
		"\\xffa\\xc3");
	ck_assert_str_eq(escaped("\xc0\xaf"), "\\xc0\\xaf");
	ck_assert_str_eq(escaped("\xed\xa0\x80"), "\\xed\\xa0\\x80");
	ck_assert_str_eq(escaped("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
}
END_TEST

START_TEST(a_nul_inside_is_escaped)
{
	char ret[16];

	ck_assert(text_escape("a\0b", 3, ret, sizeof(ret)));
	ck_assert_str_eq(ret, "a\\x00b");
}
END_TEST

START_TEST(what_does_not_fit_ends_in_dots_between_characters)
{
	char ret[8];

	ck_assert(text_escape("1234567", 7, ret, 8));
	ck_assert_str_eq(ret, "1234567");
	ck_assert(!text_escape("12345678", 8, ret, 8));
	ck_assert_str_eq(ret, "1234...");
	ck_assert(!text_escape("123\xe2\x82\xac"
			       "abc",
		9, ret, 8));
	ck_assert_str_eq(ret, "123...");
	ck_assert(!text_escape("12345", 5, ret, 4));
	ck_assert_str_eq(ret, "...");
}
END_TEST

START_TEST(every_size_of_buffer_is_kept_to)
{
	static const char text[] = "a\x1b\xe2\x82\xac\xff"
				   "bcd\xf0\x9f\x98\x80";

	for (size_t size = 4; size < 40; size++) {
		char *ret = malloc(size); /* exactly: the sanitizer watches its end */

		(void)text_escape(text, sizeof(text) - 1, ret, size);
		ck_assert(strlen(ret) < size);
		free(ret);
	}
}
END_TEST

START_TEST(a_character_is_one_column)
{
	ck_assert_uint_eq(text_width("Größe"), 5);
	ck_assert_uint_eq(text_width(""), 0);
}
END_TEST

static const struct {
	const char *bytes;
	size_t size;
	bool utf8, plain;
} texts[] = {
	{ "", 0, true, true },
	{ "Index rebuild", 13, true, true },
	{ "\xc3\xa9", 2, true, true },         /* é */
	{ "\xe2\x80\xa6", 3, true, true },     /* … */
	{ "\xf0\x9f\x94\x91", 4, true, true }, /* a key */
	{ "\xf4\x8f\xbf\xbf", 4, true, true }, /* the last code point */
	{ "a\nb", 3, true, false },            /* control characters */
	{ "\x1b[2J", 4, true, false },
	{ "\0", 1, true, false },
	{ "\x7f", 1, true, false },
	{ "\xc2\x80", 2, true, false },     /* U+0080 */
	{ "\xc2\x9b", 2, true, false },     /* CSI of 8 bits */
	{ "\xc2\xa0", 2, true, true },      /* the first behind them */
	{ "\xe2\x80\xae", 3, true, false }, /* right-to-left override */
	{ "\xe2\x81\xa6", 3, true, false }, /* isolate */
	{ "\xe2\x80\x8f", 3, true, false }, /* right-to-left mark */
	{ "\xe2\x80\xa8", 3, true, false }, /* line separator */
	{ "\x80", 1, false, false },        /* not UTF-8 */
	{ "\xc0\xaf", 2, false, false },    /* overlong */
	{ "\xe0\x80\xaf", 3, false, false },
	{ "\xf0\x80\x80\xaf", 4, false, false },
	{ "\xed\xa0\x80", 3, false, false },     /* surrogate */
	{ "\xf4\x90\x80\x80", 4, false, false }, /* beyond the last */
	{ "\xf5\x80\x80\x80", 4, false, false },
	{ "\xe2\x80", 2, false, false }, /* cut */
	{ "\xe2\x28\xa1", 3, false, false },
};

START_TEST(text_is_judged_by_its_bytes)
{
	ck_assert_int_eq(text_is_utf8(texts[_i].bytes, texts[_i].size), texts[_i].utf8);
	ck_assert_int_eq(text_is_plain(texts[_i].bytes, texts[_i].size), texts[_i].plain);
}
END_TEST

START_TEST(a_copy_is_whole_or_refused)
{
	char copy[4] = "old";

	ck_assert_int_eq(text_copy(copy, sizeof(copy), "long"), -ENOBUFS);
	ck_assert_str_eq(copy, "old");
	ck_assert_int_eq(text_copy(copy, sizeof(copy), "new"), 0);
	ck_assert_str_eq(copy, "new");
}
END_TEST

static Suite *text_suite(void)
{
	Suite *suite = suite_create("text");
	TCase *tests = tcase_create("text");

	tcase_add_test(tests, ordinary_text_stays_as_it_is);
	tcase_add_test(tests, what_steers_a_terminal_is_escaped);
	tcase_add_test(tests, bytes_that_are_no_utf8_are_escaped);
	tcase_add_test(tests, a_nul_inside_is_escaped);
	tcase_add_test(tests, what_does_not_fit_ends_in_dots_between_characters);
	tcase_add_test(tests, every_size_of_buffer_is_kept_to);
	tcase_add_test(tests, a_character_is_one_column);
	tcase_add_loop_test(
		tests, text_is_judged_by_its_bytes, 0, sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(tests, a_copy_is_whole_or_refused);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void)
{
	SRunner *runner = srunner_create(text_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
