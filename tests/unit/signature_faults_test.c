/* SPDX-License-Identifier: MIT */

/* An ssh-keygen that fails over some documents, or over all. The real one, behind a script in its
 * place that does what the test has written to the file `fault`. */

#include "core/signature.h"
#include "tests/unit/jail.h"
#include "tests/unit/keys.h"

#include <errno.h>

#define NOW INT64_C(1795500000)

static const struct signers approvers = { .file = "approvers" };
static const char bytes[] = "{\"type\":\"decision\"}";
static char *signature;
static size_t signature_size;

#define REAL   "/mnt/real"
#define SCRIPT "/mnt/script"

/* Puts the script in the place of ssh-keygen, in this namespace. */
static void replace_ssh_keygen(void)
{
	const char *const argv[] = { "cp", PATH_SSH_KEYGEN, REAL, NULL };
	const struct child copy = { .path = "/bin/cp", .argv = argv, .timeout_ms = 10000 };
	_cleanup_(child_result_done) struct child_result result = { 0 };

	ck_assert_int_eq(mount("tmpfs", "/mnt", "tmpfs", 0, "mode=755"), 0);
	ck_assert_int_eq(child_run(&copy, &result), 0);
	ck_assert_msg(result.status == 0, "%s", result.error);
	keys_write(SCRIPT, "%s",
		"#!/bin/sh\n"
		"[ \"$2\" = verify ] && [ -e fault ] || exec " REAL " \"$@\"\n"
		"input=$(cat)\n"
		". ./fault\n"
		"printf %s \"$input\" | " REAL " \"$@\"\n");
	ck_assert_int_eq(chmod(SCRIPT, 0755), 0);
	ck_assert_int_eq(mount(SCRIPT, PATH_SSH_KEYGEN, NULL, MS_BIND, NULL), 0);
}

static void setup(void)
{
	struct problem problem = PROBLEM_NONE;
	int r;

	keys_setup();
	keys_make("carol");
	keys_write("approvers", "carol namespaces=\"decision@supportaccess\" %s\n",
		keys_public("carol"));
	r = signature_make("carol", DOCUMENT_DECISION, false, bytes, strlen(bytes), &signature,
		&signature_size, &problem);
	ck_assert_msg(r == 0, "%s", problem.text);
}

static void teardown(void)
{
	free(signature);
	keys_teardown();
}

static void expect(const char *fault, int error, const char *words)
{
	struct problem problem = PROBLEM_NONE;
	struct signed_by by;
	int r;

	keys_write("fault", "%s\n", fault);
	r = signature_verify(&approvers, DOCUMENT_DECISION, "carol", NOW, bytes, strlen(bytes),
		signature, signature_size, &by, &problem);
	ck_assert_msg(r < 0 || !problem.text[0], "%s: \"%s\"", fault, problem.text);
	ck_assert_msg(r == error, "%s: %d (%s) instead of %d", fault, r, problem.text, error);
	ck_assert_msg(strstr(problem.text, words), "%s: \"%s\"", fault, problem.text);
}

#define OVER_THIS(fault) "case $input in *decision*) " fault ";; esac"

START_TEST(what_ssh_keygen_fails_over_is_refused)
{
	expect(OVER_THIS("kill -SEGV $$"), -EBADMSG, "status 139");
	expect(OVER_THIS("kill -ABRT $$"), -EBADMSG, "status 134");
	expect(OVER_THIS("exit 3"), -EBADMSG, "status 3");
	expect(OVER_THIS("cat /dev/zero"), -EBADMSG, "said too much");
	expect(OVER_THIS("echo Good; exit"), -EBADMSG, "what it was not asked");
}
END_TEST

START_TEST(an_ssh_keygen_that_fails_over_everything_refuses_nothing)
{
	expect("kill -SEGV $$", -EIO, "status 139");
	expect("exit 3", -EIO, "status 3");
	expect("exit 127", -EIO, "status 127");
	expect("cat /dev/zero", -EIO, "said too much");
	expect("echo Good; exit", -EIO, "what it was not asked");
	expect("exit 255", -EKEYREJECTED, "does not name the key");
}
END_TEST

START_TEST(one_that_cannot_be_run_refuses_nothing)
{
	ck_assert_int_eq(mount("/dev/null", PATH_SSH_KEYGEN, NULL, MS_BIND, NULL), 0);
	expect("", -EACCES, "cannot run");
	ck_assert_int_eq(umount2(PATH_SSH_KEYGEN, 0), 0);
}
END_TEST

START_TEST(what_fails_once_is_tried_again_but_not_for_ever)
{
	struct stat tries;

	keys_write("left.1", " ");
	keys_write("left.2", " ");
	expect("rm left.1 2>/dev/null && kill -SEGV $$; rm left.2 2>/dev/null && kill -KILL $$", 0,
		"");
	ck_assert_int_lt(access("left.2", F_OK), 0);
	expect("echo >>tries; kill -SEGV $$", -EIO, "status 139");
	ck_assert_int_eq(stat("tries", &tries), 0);
	ck_assert_int_eq(tries.st_size, SIGNATURE_TRIES + 1); /* one over what is known to hold */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core/signature faults");
	TCase *tests = tcase_create("core/signature faults");

	jail();
	tcase_set_timeout(tests, 60);
	tcase_add_unchecked_fixture(tests, replace_ssh_keygen, NULL);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, what_ssh_keygen_fails_over_is_refused);
	tcase_add_test(tests, an_ssh_keygen_that_fails_over_everything_refuses_nothing);
	tcase_add_test(tests, one_that_cannot_be_run_refuses_nothing);
	tcase_add_test(tests, what_fails_once_is_tried_again_but_not_for_ever);
	suite_add_tcase(suite, tests);
	jail_run(srunner_create(suite));
}
