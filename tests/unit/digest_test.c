/* SPDX-License-Identifier: MIT */

#include "core/digest.h"
#include "core/problem.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* SHA-256 of nothing, from FIPS 180-4. */
#define NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

START_TEST(a_digest_is_sha256)
{
	struct digest digest;
	char hex[DIGEST_HEX_LEN + 1];

	ck_assert_int_eq(digest_compute("", 0, &digest), 0);
	digest_to_hex(&digest, hex);
	ck_assert_str_eq(hex, NOTHING);
}
END_TEST

START_TEST(a_digest_in_hex_comes_back)
{
	struct digest digest, back;

	ck_assert_int_eq(digest_compute("abc", 3, &digest), 0);
	ck_assert_int_eq(digest_from_hex(NOTHING, &back), 0);
	ck_assert(!digest_equal(&digest, &back));
	ck_assert_int_eq(digest_compute("", 0, &digest), 0);
	ck_assert(digest_equal(&digest, &back));
}
END_TEST

static const char *const not_hex[] = {
	"",
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85",   /* 63 */
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8550", /* 65 */
	"E3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",  /* upper case */
	"g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	" 3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
};

START_TEST(what_is_no_digest_is_refused)
{
	struct digest digest;

	ck_assert_int_eq(digest_from_hex(not_hex[_i], &digest), -EINVAL);
}
END_TEST

START_TEST(a_short_id_is_the_first_50_bits)
{
	struct digest digest;
	char id[SHORT_ID_LEN + 1];

	ck_assert_int_eq(digest_from_hex(NOTHING, &digest), 0);
	digest_short_id(&digest, id);
	ck_assert_str_eq(id, "WERC8-GMRZG");
}
END_TEST

START_TEST(a_short_id_is_read_as_people_type_it)
{
	static const char *const typed[] = {
		"7K2F0-QXM11",
		"7k2f0-qxm11",
		"7K2F0QXM11",
		"7k2fO-qxmIl",
		"7k2foqxmLi",
	};
	char id[SHORT_ID_LEN + 1];

	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		ck_assert_int_eq(short_id_normalise(typed[i], id), 0);
		ck_assert_str_eq(id, "7K2F0-QXM11");
	}
}
END_TEST

static const char *const no_ids[] = {
	"",
	"-",
	"7K2F9",
	"7K2F9-",
	"7K2F9-QXM4",
	"7K2F9-QXM4TT",
	"7K2F9--QXM4T",
	"7K2-F9QXM4T",
	"7K2F9-QXM4U",
	"7K2F9 QXM4T",
	"7K2F9-QXM4T ",
	"-7K2F9QXM4T",
	"7K2F9QXM4T-",
};

START_TEST(what_is_no_short_id_is_refused)
{
	char id[SHORT_ID_LEN + 1] = "untouched";

	ck_assert_int_eq(short_id_normalise(no_ids[_i], id), -EINVAL);
	ck_assert_str_eq(id, "untouched");
}
END_TEST

START_TEST(a_problem_keeps_the_first_sentence)
{
	struct problem problem = PROBLEM_NONE;

	ck_assert_int_eq(problem_say(&problem, -EINVAL, "deep %d", 1), -EINVAL);
	ck_assert_int_eq(problem_say(&problem, -EIO, "shallow"), -EIO);
	ck_assert_str_eq(problem.text, "deep 1");
	ck_assert_int_eq(problem_say(NULL, -EIO, "nobody listens"), -EIO);
}
END_TEST

START_TEST(a_problem_never_holds_control_characters)
{
	struct problem problem = PROBLEM_NONE;

	problem_say(&problem, 0, "field \"%s\"", "\x1b[31m\xff\xc3\xa9");
	ck_assert_str_eq(problem.text, "field \"\\x1b[31m\\xff\xc3\xa9\"");
}
END_TEST

START_TEST(a_problem_that_is_too_long_says_that_it_goes_on)
{
	struct problem problem = PROBLEM_NONE;
	char text[2 * PROBLEM_MAX];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	problem_say(&problem, 0, "%s", text);
	ck_assert_uint_eq(strlen(problem.text), PROBLEM_MAX - 1);
	ck_assert_str_eq(problem.text + PROBLEM_MAX - 5, "x...");
	problem = PROBLEM_NONE;
	memset(text, '\x1b', sizeof(text) - 1);
	problem_say(&problem, 0, "%s", text);
	ck_assert_uint_lt(strlen(problem.text), PROBLEM_MAX);
	ck_assert_str_eq(problem.text + strlen(problem.text) - 7, "\\x1b...");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("digest");
	TCase *tests = tcase_create("digest");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, a_digest_is_sha256);
	tcase_add_test(tests, a_digest_in_hex_comes_back);
	tcase_add_loop_test(
		tests, what_is_no_digest_is_refused, 0, sizeof(not_hex) / sizeof(not_hex[0]));
	tcase_add_test(tests, a_short_id_is_the_first_50_bits);
	tcase_add_test(tests, a_short_id_is_read_as_people_type_it);
	tcase_add_loop_test(
		tests, what_is_no_short_id_is_refused, 0, sizeof(no_ids) / sizeof(no_ids[0]));
	tcase_add_test(tests, a_problem_keeps_the_first_sentence);
	tcase_add_test(tests, a_problem_never_holds_control_characters);
	tcase_add_test(tests, a_problem_that_is_too_long_says_that_it_goes_on);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
