/* SPDX-License-Identifier: MIT */

/* Who signed, for what, when and over which bytes, asked of the real ssh-keygen. */

#include "core/signature.h"
#include "tests/unit/keys.h"

#include <errno.h>

#define NOW          INT64_C(1795500000) /* 24 November 2026 */
#define CERTIFIED    "20260101000000Z:20270101000000Z"
#define NOW_EXPIRED  INT64_C(1830000000) /* in December 2027 */
#define NOW_TOO_SOON INT64_C(1760000000) /* in October 2025 */

static const struct signers approvers = { .file = "approvers", .revoked = "revoked" };
static const struct signers agents = { .file = "agents", .revoked = "revoked" };
static const char bytes[] = "{\"type\":\"decision\"}";

/* carol and dan approve; ana has a certificate of the authority, and one that names her ben. */
static void setup(void)
{
	keys_setup();
	keys_make("carol");
	keys_make("dan");
	keys_make("authority");
	keys_make("other-authority");
	keys_make("ana");
	keys_run("-s", "authority", "-I", "ana", "-n", "ana,product-support", "-V", CERTIFIED,
		"ana.pub", NULL);
	keys_write("approvers",
		"# of acme\n"
		"carol namespaces=\"decision@supportaccess,revocation@supportaccess\" %s laptop\n"
		"dan namespaces=\"decision@supportaccess\" %s\n",
		keys_public("carol"), keys_public("dan"));
	keys_write("agents",
		"* cert-authority,namespaces=\"request@supportaccess,closing@supportaccess\" %s\n",
		keys_public("authority"));
}

struct signature {
	char *text;
	size_t size;
};

static void signature_done(struct signature *signature)
{
	free(signature->text);
}

static struct signature sign(const char *key, enum document_type type)
{
	struct problem problem = PROBLEM_NONE;
	struct signature ret = { 0 };
	int r = signature_make(
		key, type, false, bytes, strlen(bytes), &ret.text, &ret.size, &problem);

	ck_assert_msg(r == 0, "%s", problem.text);
	return ret;
}

static int verify(const struct signers *signers, enum document_type type, const char *identity,
	int64_t at, const struct signature *signature, struct problem *problem)
{
	struct signed_by by;

	*problem = PROBLEM_NONE;
	return signature_verify(signers, type, identity, at, bytes, strlen(bytes), signature->text,
		signature->size, &by, problem);
}

static void expect(const struct signers *signers, enum document_type type, const char *identity,
	int64_t at, const struct signature *signature, int error, const char *words)
{
	struct problem problem;
	int r = verify(signers, type, identity, at, signature, &problem);

	ck_assert_msg(r == error, "%d (%s) instead of %d", r, problem.text, error);
	ck_assert_msg(strstr(problem.text, words), "\"%s\" lacks \"%s\"", problem.text, words);
}

#define REFUSED(signers, type, identity, at, signature, words)                                     \
	expect(signers, type, identity, at, signature, -EKEYREJECTED, words)

START_TEST(a_signature_says_which_key_made_it)
{
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_DECISION);
	struct problem problem = PROBLEM_NONE;
	char fingerprint[FINGERPRINT_MAX + 1];
	struct signed_by by;
	int r = signature_verify(&approvers, DOCUMENT_DECISION, "carol", NOW, bytes, strlen(bytes),
		signature.text, signature.size, &by, &problem);

	ck_assert_msg(r == 0, "%s", problem.text);
	ck_assert_int_eq(key_fingerprint(keys_public("carol"), fingerprint), 0);
	ck_assert_str_eq(by.fingerprint, fingerprint);
	ck_assert(!by.certificate);
}
END_TEST

START_TEST(a_certificate_signs_with_the_key_within_it)
{
	_cleanup_(signature_done) struct signature signature =
		sign("ana-cert.pub", DOCUMENT_REQUEST);
	struct problem problem = PROBLEM_NONE;
	char fingerprint[FINGERPRINT_MAX + 1];
	struct signed_by by;
	int r = signature_verify(&agents, DOCUMENT_REQUEST, "ana", NOW, bytes, strlen(bytes),
		signature.text, signature.size, &by, &problem);

	ck_assert_msg(r == 0, "%s", problem.text);
	ck_assert_int_eq(key_fingerprint(keys_public("ana"), fingerprint), 0);
	ck_assert_str_eq(by.fingerprint, fingerprint);
	ck_assert(by.certificate);
}
END_TEST

START_TEST(another_namespace_is_refused)
{
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_DECISION);

	REFUSED(&approvers, DOCUMENT_REVOCATION, "carol", NOW, &signature,
		"another type of document");
}
END_TEST

START_TEST(a_namespace_that_the_line_does_not_grant_is_refused)
{
	_cleanup_(signature_done) struct signature signature = sign("dan", DOCUMENT_REVOCATION);

	REFUSED(&approvers, DOCUMENT_REVOCATION, "dan", NOW, &signature, "may not sign this type");
}
END_TEST

START_TEST(one_changed_byte_is_refused)
{
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_DECISION);
	struct problem problem = PROBLEM_NONE;
	struct signed_by by;
	char other[sizeof(bytes)];

	memcpy(other, bytes, sizeof(bytes));
	other[3] ^= 1;
	ck_assert_int_eq(signature_verify(&approvers, DOCUMENT_DECISION, "carol", NOW, other,
				 strlen(other), signature.text, signature.size, &by, &problem),
		-EKEYREJECTED);
	ck_assert_msg(strstr(problem.text, "not those that were signed"), "%s", problem.text);
}
END_TEST

START_TEST(one_byte_more_or_less_is_refused)
{
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_DECISION);
	struct signed_by by;

	ck_assert_int_eq(signature_verify(&approvers, DOCUMENT_DECISION, "carol", NOW, bytes,
				 strlen(bytes) + 1, signature.text, signature.size, &by, NULL),
		-EKEYREJECTED);
	ck_assert_int_eq(signature_verify(&approvers, DOCUMENT_DECISION, "carol", NOW, bytes,
				 strlen(bytes) - 1, signature.text, signature.size, &by, NULL),
		-EKEYREJECTED);
}
END_TEST

START_TEST(anothers_name_is_refused)
{
	_cleanup_(signature_done) struct signature plain = sign("carol", DOCUMENT_DECISION);
	_cleanup_(signature_done) struct signature certified =
		sign("ana-cert.pub", DOCUMENT_REQUEST);

	REFUSED(&approvers, DOCUMENT_DECISION, "dan", NOW, &plain, "does not name the key");
	REFUSED(&agents, DOCUMENT_REQUEST, "ben", NOW, &certified, "in another name");
}
END_TEST

START_TEST(a_key_that_nobody_named_is_refused)
{
	_cleanup_(signature_done) struct signature stranger = sign("ana", DOCUMENT_DECISION);
	_cleanup_(signature_done) struct signature bare = sign("ana", DOCUMENT_REQUEST);

	REFUSED(&approvers, DOCUMENT_DECISION, "carol", NOW, &stranger, "approvers does not name");
	REFUSED(&agents, DOCUMENT_REQUEST, "ana", NOW, &bare, "agents does not name");
}
END_TEST

START_TEST(a_certificate_counts_while_it_is_valid)
{
	_cleanup_(signature_done) struct signature signature =
		sign("ana-cert.pub", DOCUMENT_REQUEST);

	expect(&agents, DOCUMENT_REQUEST, "ana", NOW, &signature, 0, "");
	expect(&agents, DOCUMENT_REQUEST, "product-support", NOW, &signature, 0, "");
	REFUSED(&agents, DOCUMENT_REQUEST, "ana", NOW_EXPIRED, &signature, "had expired");
	REFUSED(&agents, DOCUMENT_REQUEST, "ana", NOW_TOO_SOON, &signature, "not yet valid");
}
END_TEST

START_TEST(another_authority_is_refused)
{
	keys_run("-s", "other-authority", "-I", "ana", "-n", "ana", "-V", CERTIFIED, "ana.pub",
		NULL);
	_cleanup_(signature_done) struct signature signature =
		sign("ana-cert.pub", DOCUMENT_REQUEST);

	REFUSED(&agents, DOCUMENT_REQUEST, "ana", NOW, &signature, "does not name the key");
}
END_TEST

START_TEST(a_certificate_for_everybody_is_refused)
{
	keys_run("-s", "authority", "-I", "ana", "-V", CERTIFIED, "ana.pub", NULL);
	_cleanup_(signature_done) struct signature signature =
		sign("ana-cert.pub", DOCUMENT_REQUEST);

	expect(&agents, DOCUMENT_REQUEST, "ana", NOW, &signature, -EKEYREJECTED, "");
}
END_TEST

START_TEST(a_line_counts_within_its_time)
{
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_DECISION);

	keys_write("approvers",
		"carol namespaces=\"decision@supportaccess\",valid-after=\"20260101\","
		"valid-before=\"20270101\" %s\n",
		keys_public("carol"));
	expect(&approvers, DOCUMENT_DECISION, "carol", NOW, &signature, 0, "");
	REFUSED(&approvers, DOCUMENT_DECISION, "carol", NOW_EXPIRED, &signature, "valid-before");
	REFUSED(&approvers, DOCUMENT_DECISION, "carol", NOW_TOO_SOON, &signature, "valid-after");
}
END_TEST

START_TEST(a_key_in_the_krl_is_refused)
{
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_DECISION);
	_cleanup_(signature_done) struct signature dans = sign("dan", DOCUMENT_DECISION);

	keys_run("-k", "-f", "revoked", "carol.pub", NULL);
	REFUSED(&approvers, DOCUMENT_DECISION, "carol", NOW, &signature, "revoked");
	expect(&approvers, DOCUMENT_DECISION, "dan", NOW, &dans, 0, "");
}
END_TEST

START_TEST(a_key_in_a_list_of_revoked_keys_is_refused)
{
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_DECISION);
	_cleanup_(signature_done) struct signature anas = sign("ana-cert.pub", DOCUMENT_REQUEST);

	keys_write("revoked", "%s\n", keys_public("carol"));
	REFUSED(&approvers, DOCUMENT_DECISION, "carol", NOW, &signature, "revoked");
	keys_write("revoked", "%s\n", keys_public("ana"));
	REFUSED(&agents, DOCUMENT_REQUEST, "ana", NOW, &anas, "revoked");
	keys_write("revoked", "%s\n", keys_public("authority"));
	REFUSED(&agents, DOCUMENT_REQUEST, "ana", NOW, &anas, "revoked");
}
END_TEST

START_TEST(damaged_revocations_admit_nobody)
{
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_DECISION);

	keys_write("revoked", "garbage\n");
	expect(&approvers, DOCUMENT_DECISION, "carol", NOW, &signature, -EKEYREJECTED, "");
}
END_TEST

START_TEST(what_is_no_signature_is_refused)
{
	static char large[SIGNATURE_MAX + 1];
	struct signature none = { NULL, 0 }, garbage = { large, 100 },
			 full = { large, SIGNATURE_MAX }, over = { large, sizeof(large) };

	memset(large, 'x', sizeof(large));
	REFUSED(&approvers, DOCUMENT_DECISION, "carol", NOW, &none, "is not signed");
	REFUSED(&approvers, DOCUMENT_DECISION, "carol", NOW, &garbage, "no signature of ssh");
	REFUSED(&approvers, DOCUMENT_DECISION, "carol", NOW, &full, "no signature of ssh");
	REFUSED(&approvers, DOCUMENT_DECISION, "carol", NOW, &over, "at most 8192");
}
END_TEST

START_TEST(a_signature_with_one_byte_changed_is_refused)
{
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_DECISION);
	char *at = strstr(signature.text, "-----END") - 10;

	*at = *at == 'A' ? 'B' : 'A';
	expect(&approvers, DOCUMENT_DECISION, "carol", NOW, &signature, -EKEYREJECTED, "");
}
END_TEST

START_TEST(a_name_that_is_a_pattern_is_refused)
{
	static const char *const names[] = { "*", "car?l", "!dan", "carol,dan", "ca rol", "",
		"-Icarol", "carol\n" };
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_DECISION);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		REFUSED(&approvers, DOCUMENT_DECISION, names[i], NOW, &signature,
			"cannot be the name");
}
END_TEST

START_TEST(a_time_that_is_none_is_an_error)
{
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_DECISION);

	expect(&approvers, DOCUMENT_DECISION, "carol", 0, &signature, -EINVAL, "");
	expect(&approvers, DOCUMENT_DECISION, "carol", INT64_C(253402300799), &signature, 0, "");
	expect(&approvers, DOCUMENT_DECISION, "carol", INT64_C(253402300800), &signature, -EINVAL,
		"");
}
END_TEST

START_TEST(nobody_signs_where_nobody_is_named)
{
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_DECISION);

	ck_assert_int_eq(unlink("approvers"), 0);
	REFUSED(&approvers, DOCUMENT_DECISION, "carol", NOW, &signature, "does not name");
}
END_TEST

START_TEST(a_file_that_others_may_write_is_not_believed)
{
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_DECISION);

	chmod("approvers", 0664);
	expect(&approvers, DOCUMENT_DECISION, "carol", NOW, &signature, -EPERM,
		"approvers can be written");
	chmod("approvers", 0644);
	keys_write("revoked", "%s", "");
	chmod("revoked", 0666);
	expect(&approvers, DOCUMENT_DECISION, "carol", NOW, &signature, -EPERM,
		"revoked can be written");
}
END_TEST

START_TEST(a_line_that_cannot_be_understood_admits_nobody)
{
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_DECISION);

	keys_write("approvers", "carol %s\nnonsense\n", keys_public("carol"));
	expect(&approvers, DOCUMENT_DECISION, "carol", NOW, &signature, -EINVAL, "approvers:2:");
}
END_TEST

static struct signers as_user(const char *user)
{
	struct signers signers = approvers;

	ck_assert_msg(geteuid() == 0, "this test needs root");
	signers.user = user;
	return signers;
}

START_TEST(root_checks_as_another_user_who_may_read_nothing)
{
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_DECISION);
	struct signers signers = as_user("nobody");

	chmod(keys_dir, 0700);
	chmod("approvers", 0600);
	keys_run("-k", "-f", "revoked", "dan.pub", NULL);
	chmod("revoked", 0600);
	expect(&signers, DOCUMENT_DECISION, "carol", NOW, &signature, 0, "");
	REFUSED(&signers, DOCUMENT_REVOCATION, "carol", NOW, &signature, "another type");
}
END_TEST

START_TEST(a_missing_user_is_an_error_and_no_reason_to_check_as_root)
{
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_DECISION);
	struct signers signers = as_user("_supportaccess-missing");

	expect(&signers, DOCUMENT_DECISION, "carol", NOW, &signature, -ENOENT,
		"supportaccess enable");
}
END_TEST

START_TEST(a_hosts_signature_is_checked_against_its_key_alone)
{
	_cleanup_(signature_done) struct signature signature = sign("carol", DOCUMENT_HEAD);
	struct problem problem = PROBLEM_NONE;

	ck_assert_int_eq(signature_verify_key(keys_public("carol"), DOCUMENT_HEAD, bytes,
				 strlen(bytes), signature.text, signature.size, &problem),
		0);
	ck_assert_int_eq(signature_verify_key(keys_public("dan"), DOCUMENT_HEAD, bytes,
				 strlen(bytes), signature.text, signature.size, &problem),
		-EKEYREJECTED);
	ck_assert_int_eq(signature_verify_key(keys_public("carol"), DOCUMENT_ENROLMENT, bytes,
				 strlen(bytes), signature.text, signature.size, &problem),
		-EKEYREJECTED);
	ck_assert_int_eq(signature_verify_key("ssh-ed25519 AAAA", DOCUMENT_HEAD, bytes,
				 strlen(bytes), signature.text, signature.size, &problem),
		-EKEYREJECTED);
}
END_TEST

START_TEST(a_key_that_cannot_sign_is_an_error_with_words)
{
	struct problem problem = PROBLEM_NONE;
	char *text = NULL;
	size_t size;

	ck_assert_int_eq(signature_make("missing", DOCUMENT_DECISION, false, bytes, strlen(bytes),
				 &text, &size, &problem),
		-ENOKEY);
	ck_assert_msg(strstr(problem.text, "missing"), "%s", problem.text);
}
END_TEST

START_TEST(a_passphrase_is_asked_of_nobody_when_nobody_is_there)
{
	struct problem problem = PROBLEM_NONE;
	char *text = NULL;
	size_t size;

	unsetenv("SSH_ASKPASS");
	keys_run("-t", "ed25519", "-N", "secret", "-f", "locked", NULL);
	ck_assert_int_eq(signature_make("locked", DOCUMENT_DECISION, false, bytes, strlen(bytes),
				 &text, &size, &problem),
		-ENOKEY);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("signature");
	TCase *tests = tcase_create("signature");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_set_timeout(tests, 30);
	tcase_add_checked_fixture(tests, setup, keys_teardown);
	tcase_add_test(tests, a_signature_says_which_key_made_it);
	tcase_add_test(tests, a_certificate_signs_with_the_key_within_it);
	tcase_add_test(tests, another_namespace_is_refused);
	tcase_add_test(tests, a_namespace_that_the_line_does_not_grant_is_refused);
	tcase_add_test(tests, one_changed_byte_is_refused);
	tcase_add_test(tests, one_byte_more_or_less_is_refused);
	tcase_add_test(tests, anothers_name_is_refused);
	tcase_add_test(tests, a_key_that_nobody_named_is_refused);
	tcase_add_test(tests, a_certificate_counts_while_it_is_valid);
	tcase_add_test(tests, another_authority_is_refused);
	tcase_add_test(tests, a_certificate_for_everybody_is_refused);
	tcase_add_test(tests, a_line_counts_within_its_time);
	tcase_add_test(tests, a_key_in_the_krl_is_refused);
	tcase_add_test(tests, a_key_in_a_list_of_revoked_keys_is_refused);
	tcase_add_test(tests, damaged_revocations_admit_nobody);
	tcase_add_test(tests, what_is_no_signature_is_refused);
	tcase_add_test(tests, a_signature_with_one_byte_changed_is_refused);
	tcase_add_test(tests, a_name_that_is_a_pattern_is_refused);
	tcase_add_test(tests, a_time_that_is_none_is_an_error);
	tcase_add_test(tests, nobody_signs_where_nobody_is_named);
	tcase_add_test(tests, a_file_that_others_may_write_is_not_believed);
	tcase_add_test(tests, a_line_that_cannot_be_understood_admits_nobody);
	tcase_add_test(tests, root_checks_as_another_user_who_may_read_nothing);
	tcase_add_test(tests, a_missing_user_is_an_error_and_no_reason_to_check_as_root);
	tcase_add_test(tests, a_hosts_signature_is_checked_against_its_key_alone);
	tcase_add_test(tests, a_key_that_cannot_sign_is_an_error_with_words);
	tcase_add_test(tests, a_passphrase_is_asked_of_nobody_when_nobody_is_there);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
