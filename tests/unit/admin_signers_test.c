/* SPDX-License-Identifier: MIT */

/* Lines of `approvers`: taking one out, and telling what is wrong with them. */

#include "admin/signers_edit.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define KEY_A "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
#define KEY_B "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/"
#define NAMES "namespaces=\"decision@supportaccess,revocation@supportaccess\" "

static const char *const namespaces[2] = { "decision@supportaccess", "revocation@supportaccess" };

struct faults {
	unsigned int lines[8];
	size_t n;
};

static void count_fault(void *context, unsigned int line, const char *fault)
{
	struct faults *faults = context;

	ck_assert_ptr_nonnull(fault);
	faults->lines[faults->n++] = line;
}

START_TEST(only_the_lines_of_that_principal_are_left_out)
{
	static const char text[] = "# ours\ncarol " NAMES KEY_A "\n\ndan " NAMES KEY_B
				   "\ncarol " NAMES KEY_B " laptop\ncarol2 " NAMES KEY_A "\n";
	char *kept = NULL;

	ck_assert_int_eq(signers_without(text, "carol", &kept), 2);
	ck_assert_str_eq(kept, "# ours\n\ndan " NAMES KEY_B "\ncarol2 " NAMES KEY_A "\n");
	free(kept);
	ck_assert_int_eq(signers_without(text, "ben", &kept), 0);
	ck_assert_str_eq(kept, text);
	free(kept);
}
END_TEST

START_TEST(right_lines_have_no_fault)
{
	struct faults faults = { 0 };

	signers_lint("# a comment\n\ncarol " NAMES KEY_A " carol@laptop\n", false, namespaces,
		count_fault, &faults);
	ck_assert_uint_eq(faults.n, 0);
}
END_TEST

START_TEST(each_fault_is_told_with_its_line)
{
	struct faults faults = { 0 };

	signers_lint("carol " KEY_A "\n"
		     "* " NAMES KEY_A "\n"
		     "dan namespaces=\"decision@supportaccess\" " KEY_B "\n"
		     "dan " NAMES "ssh-ed25519 AAAA\n"
		     "dan " NAMES KEY_B "\n",
		false, namespaces, count_fault, &faults);
	ck_assert_uint_eq(faults.n, 4);
	for (unsigned int i = 0; i < 4; i++)
		ck_assert_uint_eq(faults.lines[i], i + 1);
}
END_TEST

START_TEST(a_pattern_is_right_where_patterns_belong)
{
	struct faults faults = { 0 };

	signers_lint("* cert-authority," NAMES KEY_A "\n", true, namespaces, count_fault, &faults);
	ck_assert_uint_eq(faults.n, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("admin_signers");
	TCase *tests = tcase_create("signers");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, only_the_lines_of_that_principal_are_left_out);
	tcase_add_test(tests, right_lines_have_no_fault);
	tcase_add_test(tests, each_fault_is_told_with_its_line);
	tcase_add_test(tests, a_pattern_is_right_where_patterns_belong);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
