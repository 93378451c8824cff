/* SPDX-License-Identifier: MIT */

/* Two kinds of refusal: the customer (or the clock) says no, which is PAM_PERM_DENIED, and what
 * could not be checked, which is PAM_AUTH_ERR. Not PAM_AUTHINFO_UNAVAIL: sites with a directory
 * often have `authinfo_unavail=ignore` in this stack, and that would open what we could not
 * check. */

#include "pam_supportaccess/answer.h"

#include <errno.h>
#include <security/pam_ext.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const int account_codes[] = {
	[VERDICT_OK] = PAM_SUCCESS,
	[VERDICT_NOT_OURS] = PAM_IGNORE,
	[VERDICT_NONE] = PAM_PERM_DENIED,
	[VERDICT_PENDING] = PAM_PERM_DENIED,
	[VERDICT_UNANSWERED] = PAM_PERM_DENIED,
	[VERDICT_DENIED] = PAM_PERM_DENIED,
	[VERDICT_NOT_HERE] = PAM_PERM_DENIED,
	[VERDICT_EARLY] = PAM_PERM_DENIED,
	[VERDICT_EXPIRED] = PAM_ACCT_EXPIRED,
	[VERDICT_REVOKED] = PAM_PERM_DENIED,
	[VERDICT_CLOSED] = PAM_PERM_DENIED,
	[VERDICT_UNBACKED] = PAM_PERM_DENIED,
	[VERDICT_OFF] = PAM_PERM_DENIED,
	[VERDICT_CLOCK_BEHIND] = PAM_AUTH_ERR,
	[VERDICT_CLOCK_AHEAD] = PAM_AUTH_ERR,
	[VERDICT_COPIED] = PAM_AUTH_ERR,
	[VERDICT_STORE_CLOSED] = PAM_AUTH_ERR,
	[VERDICT_BROKEN] = PAM_AUTH_ERR,
	[VERDICT_SERVICE] = PAM_PERM_DENIED,
	[VERDICT_TOO_MANY] = PAM_PERM_DENIED,
	[VERDICT_UNVERIFIED] = PAM_AUTH_ERR,
};
_Static_assert(sizeof(account_codes) / sizeof(account_codes[0]) == VERDICT_LAST + 1,
	"a verdict has no PAM code");

int answer_code(enum phase phase, uint32_t verdict)
{
	int code = verdict <= VERDICT_LAST ? account_codes[verdict] : PAM_AUTH_ERR;

	if (phase == PHASE_ACCOUNT || code == PAM_SUCCESS || code == PAM_IGNORE)
		return code;
	return PAM_SESSION_ERR;
}

void answer_show(pam_handle_t *pam, const char *text)
{
	while (*text) {
		int length = (int)strcspn(text, "\n");

		(void)pam_error(pam, "%.*s", length, text);
		text += length;
		if (*text)
			text++;
	}
}

static const char *reason_of(int r)
{
	switch (r) {
	case -ENOENT:
	case -ECONNREFUSED:
	case -ECONNRESET:
	case -EPIPE:
		return "its supportaccess is not running";
	case -ETIMEDOUT:
		return "its supportaccess does not answer";
	case -EPERM:
		return "its supportaccess socket is not root's";
	case -EPROTO:
		return "its supportaccess is of another version";
	default:
		return "asking its supportaccess failed";
	}
}

void answer_broken(int r, char ret[static WIRE_TEXT_MAX])
{
	char host[64 + 1] = "";

	if (gethostname(host, sizeof(host) - 1) < 0 || !host[0])
		strncpy(host, "this host", sizeof(host) - 1);
	(void)snprintf(ret, WIRE_TEXT_MAX,
		"supportaccess: %s cannot check approvals now (%s). Your approval is not lost.  "
		"[%s]\n"
		"  Do     ask your customer to run there: sudo supportaccess doctor",
		host, reason_of(r), verdict_word(VERDICT_BROKEN));
}
