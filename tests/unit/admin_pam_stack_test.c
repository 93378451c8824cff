/* SPDX-License-Identifier: MIT */

/* Is pam_supportaccess.so reached whatever the others say, and heeded when it is? */

#include "admin/pam_stack.h"

#include <check.h>
#include <stdlib.h>

#define BLOCK                                                                                      \
	"account\t[success=1 new_authtok_reqd=done default=ignore]\tpam_unix.so \n"                \
	"account\trequisite\t\t\tpam_deny.so\naccount\trequired\t\t\tpam_permit.so\n"
#define OURS "account [success=ok ignore=ignore default=bad] pam_supportaccess.so\n"

struct row {
	const char *text;
	enum pam_place place;
};

static void check_rows(const struct row *rows, size_t n, const char *type)
{
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(pam_stack_judge(rows[i].text, type) == rows[i].place,
			"%d instead of %d for:\n%s", pam_stack_judge(rows[i].text, type),
			rows[i].place, rows[i].text);
}

START_TEST(account)
{
	static const struct row rows[] = {
		{ BLOCK OURS, PAM_PLACE_RIGHT },
		{ OURS BLOCK, PAM_PLACE_RIGHT },
		{ "account required pam_supportaccess.so debug\n", PAM_PLACE_RIGHT },
		{ "account required /usr/lib/security/pam_supportaccess.so\n", PAM_PLACE_RIGHT },
		{ BLOCK, PAM_PLACE_MISSING },
		{ "", PAM_PLACE_MISSING },
		{ "# " OURS, PAM_PLACE_MISSING },
		{ "session required pam_supportaccess.so\n", PAM_PLACE_MISSING },
		{ "account optional pam_supportaccess.so\n", PAM_PLACE_TOOTHLESS },
		{ "account sufficient pam_supportaccess.so\n", PAM_PLACE_TOOTHLESS },
		{ "account [success=ok default=ignore] pam_supportaccess.so\n",
			PAM_PLACE_TOOTHLESS },
		{ "account sufficient pam_localuser.so\n" OURS, PAM_PLACE_JUMPED },
		{ "account [success=done default=ignore] pam_unix.so\n" OURS, PAM_PLACE_JUMPED },
		{ "account [success=1 default=ignore] pam_unix.so\n" OURS, PAM_PLACE_JUMPED },
		{ "account [success=3 default=ignore] pam_unix.so\naccount required "
		  "pam_permit.so\n" OURS,
			PAM_PLACE_JUMPED },
	};

	check_rows(rows, sizeof(rows) / sizeof(rows[0]), "account");
}
END_TEST

START_TEST(session)
{
	static const struct row rows[] = {
		{ "session required pam_unix.so\nsession optional pam_systemd.so\n"
		  "session required pam_supportaccess.so\n",
			PAM_PLACE_RIGHT },
		{ "session required pam_supportaccess.so\nsession optional pam_systemd.so\n",
			PAM_PLACE_EARLY },
		{ "session required pam_supportaccess.so\n-session optional pam_mkhomedir.so\n",
			PAM_PLACE_EARLY },
		{ "session optional pam_supportaccess.so\n", PAM_PLACE_TOOTHLESS },
		{ "session required\n", PAM_PLACE_MISSING },
		{ "session [required\n", PAM_PLACE_MISSING },
	};

	check_rows(rows, sizeof(rows) / sizeof(rows[0]), "session");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("admin_pam_stack");
	TCase *tests = tcase_create("stack");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, account);
	tcase_add_test(tests, session);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
