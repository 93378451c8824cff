/* SPDX-License-Identifier: MIT */

/* The parts of the system that `enable` made know us, as they are now. */

#include "admin/doctor.h"
#include "admin/files.h"
#include "admin/nsswitch.h"
#include "admin/pam_stack.h"
#include "admin/steps.h"
#include "host/accounts.h"
#include "lib/account.h"
#include "lib/paths.h"
#include "lib/view.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ENABLE "supportaccess enable"

static void judge_database(struct doctor *doctor, const char *text, const char *database)
{
	switch (nsswitch_find(text, database)) {
	case NSSWITCH_LAST:
		doctor_say(
			doctor, DOCTOR_OK, NULL, "%s: supportaccess is last in the line", database);
		break;
	case NSSWITCH_MISSING:
		doctor_say(doctor, DOCTOR_FAULT, ENABLE, "%s: supportaccess is not in the line",
			database);
		break;
	case NSSWITCH_EARLIER:
		doctor_say(doctor, DOCTOR_WARNING,
			"move \"supportaccess\" to the end of the line in " STEP_NSSWITCH,
			"%s: another source comes after supportaccess", database);
		break;
	case NSSWITCH_BARRED:
		doctor_say(doctor, DOCTOR_FAULT,
			"take the [NOTFOUND=return] before it out of " STEP_NSSWITCH,
			"%s: an action in the line ends the search before supportaccess is asked",
			database);
		break;
	}
}

void doctor_nsswitch(struct doctor *doctor)
{
	_cleanup_(freep) char *text = NULL;

	if (files_read(STEP_NSSWITCH, &text, NULL) < 0) {
		doctor_say(doctor, DOCTOR_FAULT, NULL, "%s cannot be read", STEP_NSSWITCH);
		return;
	}
	judge_database(doctor, text, "passwd");
	judge_database(doctor, text, "group");
}

static int say_withdrawn(void *context, const struct account_row *account)
{
	if (account->conflict)
		doctor_say(context, DOCTOR_FAULT,
			"getent passwd NAME NUMBER shows theirs; when it is gone, ours comes back",
			"%s%s is withdrawn: another source has its name or its number %u",
			ACCOUNT_PREFIX, account->login, account->uid);
	return 0;
}

static int say_foreign(void *context, const char *name, uint32_t uid)
{
	doctor_say(context, DOCTOR_WARNING,
		"give it another name, or a number outside of our range",
		"another source has %s with the number %u: it wins, and an agent of that name or "
		"number is refused",
		name, uid);
	return 0;
}

static void judge_groups(struct doctor *doctor)
{
	char group[ACCOUNT_FOREIGN_GROUP_MAX];
	int r = accounts_foreign_group(group);

	if (r < 0)
		doctor_say(doctor, DOCTOR_WARNING, "getent group",
			"other sources of groups do not answer: %s", strerror(-r));
	if (r == 1)
		doctor_say(doctor, DOCTOR_FAULT,
			"give it another name, or a number outside of our range",
			"another source has the group %s: sshd does not know support accounts by "
			"theirs",
			group);
}

/* What others have where ours would be. */
void doctor_accounts(struct doctor *doctor)
{
	enum doctor_state before = doctor->worst;
	int r;

	doctor->worst = DOCTOR_OK;
	if (doctor->host)
		(void)accounts_each_at_stake(doctor->host->store, say_withdrawn, doctor);
	r = accounts_each_foreign(say_foreign, doctor);
	if (r < 0)
		doctor_say(doctor, DOCTOR_WARNING, "getent passwd",
			"other sources of accounts do not answer: %s", strerror(-r));
	judge_groups(doctor);
	if (doctor->worst == DOCTOR_OK)
		doctor_say(doctor, DOCTOR_OK, NULL,
			"no other source has a name of our form, a group of ours or a number from "
			"%u to %u",
			ACCOUNT_UID_FIRST, ACCOUNT_UID_LAST);
	if (before > doctor->worst)
		doctor->worst = before;
}

void doctor_nscd(struct doctor *doctor)
{
	if (access("/run/nscd/socket", F_OK) == 0)
		doctor_say(doctor, DOCTOR_OK, NULL,
			"runs; it is told when accounts change, and may know an agent's new "
			"account a "
			"little later");
	else
		doctor_say(doctor, DOCTOR_OK, NULL, "does not run");
}

/* --- PAM ---------------------------------------------------------------------------------- */

static void judge_stack(struct doctor *doctor, const char *path, const char *type)
{
	static const struct {
		enum doctor_state state;
		const char *remedy, *finding;
	} answers[] = {
		[PAM_PLACE_RIGHT] = { DOCTOR_OK, NULL, "in its place" },
		[PAM_PLACE_MISSING] = { DOCTOR_FAULT, ENABLE, "pam_supportaccess.so is not in it" },
		[PAM_PLACE_TOOTHLESS] = { DOCTOR_FAULT, "pam-auth-update --force",
			"the answer of pam_supportaccess.so is ignored there" },
		[PAM_PLACE_JUMPED] = { DOCTOR_FAULT,
			"put pam_supportaccess.so before the module that is sufficient",
			"a module before pam_supportaccess.so ends the stack or jumps over it" },
		[PAM_PLACE_EARLY] = { DOCTOR_FAULT, "pam-auth-update --force",
			"pam_systemd.so or pam_mkhomedir.so comes after pam_supportaccess.so" },
	};
	_cleanup_(freep) char *text = NULL;
	enum pam_place place;

	if (files_read(path, &text, NULL) < 0) {
		doctor_say(doctor, DOCTOR_FAULT, NULL, "%s cannot be read", path);
		return;
	}
	place = pam_stack_judge(text, type);
	doctor_say(doctor, answers[place].state, answers[place].remedy, "%s: %s", path,
		answers[place].finding);
}

static void judge_service(struct doctor *doctor, const char *include)
{
	_cleanup_(freep) char *text = NULL;
	int r = files_read("/etc/pam.d/sshd", &text, NULL);

	if (r == 0 && !strstr(text, include))
		doctor_say(doctor, DOCTOR_FAULT, "add the line to /etc/pam.d/sshd: @include ...",
			"/etc/pam.d/sshd does not include %s", include);
}

void doctor_pam_account(struct doctor *doctor)
{
	judge_stack(doctor, "/etc/pam.d/common-account", "account");
	judge_service(doctor, "common-account");
}

void doctor_pam_session(struct doctor *doctor)
{
	judge_stack(doctor, "/etc/pam.d/common-session", "session");
	judge_service(doctor, "common-session");
}

/* --- sshd --------------------------------------------------------------------------------- */

/* Some support account that exists; sshd matches by group, so it must. */
static int find_account(char ret[static ACCOUNT_NAME_MAX + 1])
{
	struct view view = VIEW_NONE;
	struct view_account account;
	char buffer[VIEW_TEXT_MAX];
	int r = view_open(PATH_VIEW, 0, &view);

	if (r < 0)
		return r;
	r = view_account_at(&view, 0, buffer, sizeof(buffer), &account);
	if (r == 0)
		snprintf(ret, ACCOUNT_NAME_MAX + 1, "%s", account.name);
	view_close(&view);
	return r;
}

/* Is "KEY VALUE" a line of `sshd -T`? */
static bool has_setting(const char *text, const char *line)
{
	size_t length = strlen(line);

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (strncasecmp(text, line, length) == 0 && text[length] == '\n')
			return true;
	return false;
}

static void judge_settings(struct doctor *doctor, const char *name, const char *text)
{
	static const char *const wanted[] = { "authorizedkeysfile " PATH_KEYS "/%u",
		"authorizedkeyscommand none", "trustedusercakeys none",
		"authenticationmethods publickey", "disableforwarding yes", "permituserrc no",
		"forcecommand none", "usepam yes", "pubkeyauthentication yes" };
	static const char *const barriers[] = { "\nallowusers ", "\nallowgroups ", "\ndenyusers ",
		"\ndenygroups " };
	bool right = true;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (has_setting(text, wanted[i]))
			continue;
		right = false;
		doctor_say(doctor, DOCTOR_FAULT,
			"sshd -T -C user=NAME,host=h,addr=127.0.0.1 shows it; an earlier line or "
			"Match "
			"wins: move ours to the front",
			"for %s sshd does not have \"%s\"", name, wanted[i]);
	}
	for (size_t i = 0; i < sizeof(barriers) / sizeof(barriers[0]); i++)
		if (strcasestr(text, barriers[i]) && !strstr(text, ACCOUNT_GROUP "\n")) {
			right = false;
			doctor_say(doctor, DOCTOR_WARNING,
				"let the group in: AllowGroups ... " ACCOUNT_GROUP,
				"sshd has%s..., which may shut support accounts out",
				barriers[i] + 1);
		}
	if (right)
		doctor_say(doctor, DOCTOR_OK, NULL, "for %s everything is pinned", name);
}

/* Before there is an account, only that the file is read at all. */
static void judge_link(struct doctor *doctor)
{
	_cleanup_(freep) char *config = NULL;

	if (files_read("/etc/ssh/sshd_config", &config, NULL) == 0 &&
		!strcasestr(config, "Include /etc/ssh/sshd_config.d/"))
		doctor_say(doctor, DOCTOR_FAULT,
			"first line of sshd_config: Include /etc/ssh/sshd_config.d/*.conf",
			"/etc/ssh/sshd_config does not include sshd_config.d");
	else
		doctor_say(doctor, DOCTOR_NOT_YET, NULL,
			"no agent has asked yet; what sshd does with support accounts is checked "
			"when "
			"one has");
}

void doctor_sshd(struct doctor *doctor)
{
	_cleanup_(freep) char *text = NULL;
	char name[ACCOUNT_NAME_MAX + 1], spec[128];
	const char *const argv[] = { STEP_SSHD, "-T", "-C", spec, NULL };
	struct problem problem = PROBLEM_NONE;

	if (access(STEP_SSHD, X_OK) < 0) {
		doctor_say(doctor, DOCTOR_FAULT, "apt-get install openssh-server",
			"sshd is not installed");
		return;
	}
	if (access(STEP_SSHD_LINK, F_OK) < 0) {
		doctor_say(doctor, DOCTOR_FAULT, ENABLE, "%s is missing", STEP_SSHD_LINK);
		return;
	}
	if (find_account(name) < 0) {
		judge_link(doctor);
		return;
	}
	snprintf(spec, sizeof(spec), "user=%s,host=localhost,addr=127.0.0.1", name);
	if (files_run(argv, &text, &problem) < 0)
		doctor_say(doctor, DOCTOR_FAULT, "sshd -t", "%s", problem.text);
	else
		judge_settings(doctor, name, text);
}
