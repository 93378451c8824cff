/* SPDX-License-Identifier: MIT */

/* Telling signers apart by what stands in their signatures. */

#include "host/signer.h"

#include "core/signature.h"
#include "tests/unit/keys.h"

#include <stdlib.h>

struct signature {
	char *text;
	size_t size;
};

static struct signature sign(const char *key, enum document_type type, const char *bytes)
{
	struct signature signature = { 0 };
	struct problem problem = PROBLEM_NONE;

	ck_assert_msg(signature_make(key, type, false, bytes, strlen(bytes), &signature.text,
			      &signature.size, &problem) == 0,
		"%s", problem.text);
	return signature;
}

/* Lives until the next calls. */
static const char *signer(const char *text, size_t size)
{
	static char texts[4][DIGEST_HEX_LEN + 1];
	static size_t turn;
	char *ret = texts[turn++ % 4];

	ck_assert_int_eq(signer_of(text, size, ret), 0);
	ck_assert_uint_eq(strlen(ret), DIGEST_HEX_LEN);
	return ret;
}

static const char *signer_with(const char *key, enum document_type type, const char *bytes)
{
	struct signature signature = sign(key, type, bytes);
	const char *ret = signer(signature.text, signature.size);

	free(signature.text);
	return ret;
}

static void set_up(void)
{
	keys_setup();
	keys_make("ca");
	keys_make("ana");
	keys_make("ben");
	keys_run("-t", "ecdsa", "-N", "", "-f", "carol", NULL);
	keys_run("-t", "rsa", "-b", "2048", "-N", "", "-f", "dan", NULL);
}

static const char *const names[] = { "ana", "carol", "dan" };

START_TEST(all_signatures_of_one_key_are_one_signers)
{
	const char *first = signer_with(names[_i], DOCUMENT_DECISION, "one");
	const char *second = signer_with(names[_i], DOCUMENT_REVOCATION, "another text");

	ck_assert_str_eq(first, second);
	ck_assert_str_ne(first, signer_with("ben", DOCUMENT_DECISION, "one"));
}
END_TEST

START_TEST(a_certificate_is_another_signer_than_its_key)
{
	const char *key = signer_with("ana", DOCUMENT_REQUEST, "one"), *first, *second;

	keys_run("-s", "ca", "-I", "ana", "-n", "ana", "-z", "1", "ana.pub", NULL);
	first = signer_with("ana-cert.pub", DOCUMENT_REQUEST, "one");
	ck_assert_str_eq(first, signer_with("ana-cert.pub", DOCUMENT_REQUEST, "two"));
	keys_run("-s", "ca", "-I", "ana", "-n", "ana", "-z", "2", "ana.pub", NULL);
	second = signer_with("ana-cert.pub", DOCUMENT_REQUEST, "one");
	ck_assert_str_ne(first, key);
	ck_assert_str_ne(first, second);
}
END_TEST

START_TEST(how_the_lines_are_broken_changes_nothing)
{
	struct signature signature = sign("ana", DOCUMENT_DECISION, "one");
	char *joined = strdup(signature.text), *end = joined;
	const char *whole = signer(signature.text, signature.size);

	for (const char *at = joined; *at; at++)
		if (*at != '\n')
			*end++ = *at;
	*end = '\0';
	ck_assert_str_eq(signer(joined, strlen(joined)), whole);
	free(joined);
	free(signature.text);
}
END_TEST

/* Cut anywhere, it is at most taken for somebody else's, and nothing behind its end is read. */
START_TEST(a_signature_may_be_cut_anywhere)
{
	struct signature signature = sign("ana", DOCUMENT_DECISION, "one");

	for (size_t size = 0; size < signature.size; size++) {
		char *cut = malloc(size + 1); /* of exactly that size, for the sanitizer */

		memcpy(cut, signature.text, size);
		cut[size] = '\0';
		(void)signer(cut, size);
		free(cut);
	}
	free(signature.text);
}
END_TEST

static const char *const others[] = {
	"",
	"nonsense",
	"-----BEGIN SSH SIGNATURE-----",
	"-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n",
	/* its key has 2^32 - 1 bytes */
	"-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAf////8AAAALc3NoLWVkMjU1MTk=\n",
	"-----BEGIN SSH SIGNATURE-----\n!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!\n",
	"-----BEGIN PGP SIGNATURE-----\nU1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTk=\n",
};

START_TEST(what_is_no_signature_is_told_apart_as_a_whole)
{
	const size_t n = sizeof(others) / sizeof(others[0]);
	char all[sizeof(others) / sizeof(others[0])][DIGEST_HEX_LEN + 1];

	for (size_t i = 0; i < n; i++) {
		strcpy(all[i], signer(others[i], strlen(others[i])));
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(all[i], all[j]);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("signer");
	TCase *tests = tcase_create("signer");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_unchecked_fixture(tests, set_up, keys_teardown);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, all_signatures_of_one_key_are_one_signers, 0,
		sizeof(names) / sizeof(names[0]));
	tcase_add_test(tests, a_certificate_is_another_signer_than_its_key);
	tcase_add_test(tests, how_the_lines_are_broken_changes_nothing);
	tcase_add_test(tests, a_signature_may_be_cut_anywhere);
	tcase_add_test(tests, what_is_no_signature_is_told_apart_as_a_whole);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
