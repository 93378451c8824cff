/* SPDX-License-Identifier: MIT */

/* The least that a PAM module can do: what libpam itself takes to ask one. For tests/bench/account.
 */

#include <security/pam_modules.h>

PAM_EXTERN int pam_sm_acct_mgmt(pam_handle_t *pam, int flags, int argc, const char **argv)
{
	(void)pam, (void)flags, (void)argc, (void)argv;
	return PAM_IGNORE;
}
