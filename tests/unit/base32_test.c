/* SPDX-License-Identifier: MIT */

#include "lib/base32.h"

#include <check.h>
#include <stdlib.h>

START_TEST(base32_takes_bits_from_the_front)
{
	const uint8_t bytes[] = { 0xff, 0x00, 0xf0, 0x0f, 0x80 };
	char text[9];

	base32_encode(bytes, 8, text);
	ck_assert_str_eq(text, "ZW0F03W0");
	base32_encode(bytes, 1, text);
	ck_assert_str_eq(text, "Z");
	base32_encode_lower(bytes, 2, text);
	ck_assert_str_eq(text, "zw");
}
END_TEST

START_TEST(base32_is_read_as_people_type_it)
{
	ck_assert_int_eq(base32_normalise('o'), '0');
	ck_assert_int_eq(base32_normalise('I'), '1');
	ck_assert_int_eq(base32_normalise('l'), '1');
	ck_assert_int_eq(base32_normalise('z'), 'Z');
	ck_assert_int_eq(base32_normalise('u'), '\0');
	ck_assert_int_eq(base32_normalise('\0'), '\0');
	ck_assert_int_eq(base32_normalise('-'), '\0');
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("base32");
	TCase *tests = tcase_create("base32");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, base32_takes_bits_from_the_front);
	tcase_add_test(tests, base32_is_read_as_people_type_it);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
