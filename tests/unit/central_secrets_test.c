/* SPDX-License-Identifier: MIT */

#include "central/secrets.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

START_TEST(a_token_is_known_by_its_hash)
{
	char hash[DIGEST_HEX_LEN + 1];
	struct secret a, b;

	ck_assert_int_eq(secret_make_token(&a), 0);
	ck_assert_int_eq(secret_make_token(&b), 0);
	ck_assert_uint_eq(strlen(a.text), TOKEN_LEN);
	ck_assert_str_ne(a.text, b.text);
	ck_assert_str_ne(a.text, a.hash);
	ck_assert_int_eq(secret_hash_token(a.text, hash), 0);
	ck_assert_str_eq(hash, a.hash);
}
END_TEST

START_TEST(a_code_is_known_as_people_type_it)
{
	static const char *const typed[] = { "7K2F9-QXM4T-01010-ABCDE-FGHJK",
		"7k2f9-qxm4t-o1olo-abcde-fghjk", "7K2F9QXM4T01010ABCDEFGHJK",
		"7K2F9-QXM4T-OIOLO-ABCDE-FGHJK", "--7K2F9QXM4T-01010ABCDEFGHJK-" };
	char first[DIGEST_HEX_LEN + 1], hash[DIGEST_HEX_LEN + 1];

	ck_assert_int_eq(secret_hash_code(typed[0], first), 0);
	for (size_t i = 1; i < sizeof(typed) / sizeof(typed[0]); i++) {
		ck_assert_msg(secret_hash_code(typed[i], hash) == 0, "%s", typed[i]);
		ck_assert_msg(strcmp(hash, first) == 0, "%s", typed[i]);
	}
}
END_TEST

START_TEST(a_code_that_was_made_is_known)
{
	char hash[DIGEST_HEX_LEN + 1];
	struct secret code;

	ck_assert_int_eq(secret_make_code(&code), 0);
	ck_assert_uint_eq(strlen(code.text), CODE_LEN);
	ck_assert_int_eq(secret_hash_code(code.text, hash), 0);
	ck_assert_str_eq(hash, code.hash);
}
END_TEST

START_TEST(what_cannot_be_one_is_refused)
{
	static const char *const no_codes[] = { "", "-", "7K2F9-QXM4T-01010-ABCDE-FGHJ",
		"7K2F9-QXM4T-01010-ABCDE-FGHJKM", "7K2F9-QXM4T-01010-ABCDE-FGHJU",
		"7K2F9 QXM4T 01010 ABCDE FGHJK", "7K2F9-QXM4T-01010-ABCDE-FGHJ\n" };
	static const char *const no_tokens[] = { "", "0",
		"000000000000000000000000000000000000000000000000000000000000000",
		"00000000000000000000000000000000000000000000000000000000000000000",
		"000000000000000000000000000000000000000000000000000000000000000g",
		"000000000000000000000000000000000000000000000000000000000000000 " };
	char hash[DIGEST_HEX_LEN + 1];

	for (size_t i = 0; i < sizeof(no_codes) / sizeof(no_codes[0]); i++)
		ck_assert_msg(secret_hash_code(no_codes[i], hash) == -EINVAL, "%s", no_codes[i]);
	for (size_t i = 0; i < sizeof(no_tokens) / sizeof(no_tokens[0]); i++)
		ck_assert_msg(secret_hash_token(no_tokens[i], hash) == -EINVAL, "%s", no_tokens[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("central/secrets");
	TCase *tests = tcase_create("central/secrets");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, a_token_is_known_by_its_hash);
	tcase_add_test(tests, a_code_is_known_as_people_type_it);
	tcase_add_test(tests, a_code_that_was_made_is_known);
	tcase_add_test(tests, what_cannot_be_one_is_refused);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
