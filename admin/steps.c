/* SPDX-License-Identifier: MIT */

/* The steps of `enable`. Each can be done twice, and each that changed the system can be undone
 * without looking at any other.
 *
 * Users stay when support access is disabled, as after the removal of any Debian package: files
 * and logs keep their names, and nobody else is given their numbers. */

#include "admin/steps.h"

#include "admin/files.h"
#include "admin/host.h"
#include "admin/nsswitch.h"
#include "host/accounts.h"
#include "host/publish.h"
#include "lib/moment.h"
#include "lib/paths.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SSHD_PID_FILE "/run/sshd.pid"
#define SSHD_CONF     PATH_CONFIG_VENDOR "/sshd.conf"
#define PAM_CONF      PATH_CONFIG_VENDOR "/supportaccess.pam"
#define PAM_UPDATE    "/usr/sbin/pam-auth-update"
#define NSCD          "/usr/sbin/nscd"
#define SYSTEMCTL     "/usr/bin/systemctl"

bool step_systemd_runs(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

int step_users(struct problem *problem)
{
	const char *const argv[] = { "/usr/bin/systemd-sysusers",
		PATH_CONFIG_VENDOR "/sysusers.conf", NULL };
	bool before = getpwnam(USER_COURIER) && getpwnam(USER_VERIFY) && getpwnam(USER_END);
	int r = files_run(argv, NULL, problem);

	return r < 0 ? r : before ? STEP_WAS_SO : STEP_CHANGED;
}

int step_folders(struct problem *problem)
{
	const char *const argv[] = { "/usr/bin/systemd-tmpfiles", "--create",
		PATH_CONFIG_VENDOR "/tmpfiles.conf", NULL };
	bool before = access(PATH_VIEW_DIR, F_OK) == 0 && access(PATH_COURIER_STATE, F_OK) == 0;
	int r = files_run(argv, NULL, problem);

	return r < 0 ? r : before ? STEP_WAS_SO : STEP_CHANGED;
}

/* --- the view ----------------------------------------------------------------------------- */

/* Without a view every look-up of ours is "not found", and the group that sshd matches is none. */
static int apply_view(struct problem *problem)
{
	static const struct publish_paths paths = { PATH_VIEW, PATH_KEYS };
	_cleanup_(host_done) struct host host = { 0 };
	bool before = access(PATH_VIEW, F_OK) == 0;
	int r = host_open("enable", HOST_OPENS, &host, problem);

	if (r == 0)
		r = publish(host.store, &host.config, &paths, moment_now(), problem);
	return r < 0 ? r : before ? STEP_WAS_SO : STEP_CHANGED;
}

/* --- nsswitch.conf ------------------------------------------------------------------------ */

static void drop_nscd_answers(void)
{
	const char *const passwd[] = { NSCD, "-i", "passwd", NULL };
	const char *const group[] = { NSCD, "-i", "group", NULL };

	if (access("/run/nscd/socket", F_OK) < 0)
		return;
	(void)files_run(passwd, NULL, NULL);
	(void)files_run(group, NULL, NULL);
}

static int edit_nsswitch(int (*edit)(const char *text, char **ret), struct problem *problem)
{
	_cleanup_(freep) char *text = NULL, *changed = NULL;
	int r = files_read(STEP_NSSWITCH, &text, problem);

	if (r == 0)
		r = edit(text, &changed);
	if (r < 0)
		return problem_say(problem, r,
			"%s has no line for passwd or group: add \"passwd: files systemd\" and "
			"\"group: files systemd\"",
			STEP_NSSWITCH);
	if (r == 1)
		return STEP_WAS_SO;
	r = files_replace(STEP_NSSWITCH, changed, 0644, problem);
	drop_nscd_answers();
	return r < 0 ? r : STEP_CHANGED;
}

/* Where another source has the group that sshd is told of, its members would be taken for agents,
 * or ours would not be known. */
static int apply_nsswitch(struct problem *problem)
{
	char group[ACCOUNT_FOREIGN_GROUP_MAX];
	int r = accounts_foreign_group(group);

	if (r < 0)
		return problem_say(problem, r, "getent group does not answer: %s", strerror(-r));
	if (r == 1)
		return problem_say(problem, -EEXIST,
			"another source has the group %s: give it another name, or a number "
			"outside of %u to %u, then enable again",
			group, ACCOUNT_UID_FIRST, ACCOUNT_UID_LAST);
	return edit_nsswitch(nsswitch_add, problem);
}

static int undo_nsswitch(struct problem *problem)
{
	return edit_nsswitch(nsswitch_remove, problem);
}

/* --- PAM ---------------------------------------------------------------------------------- */

static const char *const pam_files[] = { "/etc/pam.d/common-account", "/etc/pam.d/common-session" };

static int pam_is_in(const char *path)
{
	_cleanup_(freep) char *text = NULL;
	int r = files_read(path, &text, NULL);

	return r < 0 ? r : strstr(text, "pam_supportaccess.so") != NULL;
}

static int pam_update(const char *option, struct problem *problem)
{
	const char *const argv[] = { PAM_UPDATE, option, "supportaccess", NULL };

	return files_run(argv, NULL, problem);
}

static int apply_pam(struct problem *problem)
{
	_cleanup_(freep) char *profile = NULL;
	int r;

	if (pam_is_in(pam_files[0]) == 1 && pam_is_in(pam_files[1]) == 1)
		return STEP_WAS_SO;
	r = files_read(PAM_CONF, &profile, problem);
	if (r < 0)
		return problem_say(problem, r, "%s is missing: install supportaccess", PAM_CONF);
	r = files_replace(STEP_PAM_PROFILE, profile, 0644, problem);
	if (r == 0)
		r = pam_update("--enable", problem);
	if (r < 0)
		return r;
	for (size_t i = 0; i < sizeof(pam_files) / sizeof(pam_files[0]); i++)
		if (pam_is_in(pam_files[i]) != 1)
			return problem_say(problem, -EIO,
				"pam-auth-update left %s as it is, because it was changed by hand: "
				"say `pam-auth-update --force`, then enable again",
				pam_files[i]);
	return STEP_CHANGED;
}

/* pam-auth-update is content with files that it does not change, since somebody edited them. A line
 * whose module is gone shuts everybody out. */
static int undo_pam(struct problem *problem)
{
	int r = pam_update("--remove", problem);

	if (r < 0)
		return r;
	for (size_t i = 0; i < sizeof(pam_files) / sizeof(pam_files[0]); i++)
		if (pam_is_in(pam_files[i]) != 0)
			return problem_say(problem, -EIO,
				"pam-auth-update left pam_supportaccess.so in %s, because it was "
				"changed by hand: take that line out, then disable again",
				pam_files[i]);
	if (unlink(STEP_PAM_PROFILE) < 0 && errno != ENOENT)
		return problem_say(
			problem, -errno, "cannot remove %s: %s", STEP_PAM_PROFILE, strerror(errno));
	return 0;
}

/* --- sshd --------------------------------------------------------------------------------- */

static int check_sshd(struct problem *problem)
{
	const char *const argv[] = { STEP_SSHD, "-t", NULL };
	bool made = mkdir("/run/sshd", 0755) == 0; /* sshd -t wants it, running or not */
	int r = files_run(argv, NULL, problem);

	if (made)
		(void)rmdir("/run/sshd");
	return r;
}

/* Only the daemon itself gets the signal: whose number stands in an old pid file is not known. */
static bool is_sshd(pid_t pid)
{
	char link[64], exe[64] = "";

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	return readlink(link, exe, sizeof(exe) - 1) > 0 && strcmp(exe, STEP_SSHD) == 0;
}

static void reload_sshd(void)
{
	_cleanup_(freep) char *line = NULL;
	long pid;

	if (files_first_line(SSHD_PID_FILE, &line) < 0)
		return;
	pid = strtol(line, NULL, 10);
	if (pid > 1 && pid <= INT32_MAX && is_sshd((pid_t)pid))
		(void)kill((pid_t)pid, SIGHUP);
}

static int apply_sshd(struct problem *problem)
{
	int r;

	if (access(STEP_SSHD, X_OK) < 0)
		return STEP_NOT_NOW;
	if (access(STEP_SSHD_LINK, F_OK) == 0)
		return STEP_WAS_SO;
	if (symlink(SSHD_CONF, STEP_SSHD_LINK) < 0)
		return problem_say(
			problem, -errno, "cannot make %s: %s", STEP_SSHD_LINK, strerror(errno));
	r = check_sshd(problem);
	if (r < 0) {
		(void)unlink(STEP_SSHD_LINK);
		return r;
	}
	reload_sshd();
	return STEP_CHANGED;
}

static int undo_sshd(struct problem *problem)
{
	if (unlink(STEP_SSHD_LINK) < 0 && errno != ENOENT)
		return problem_say(
			problem, -errno, "cannot remove %s: %s", STEP_SSHD_LINK, strerror(errno));
	reload_sshd();
	return 0;
}

/* --- units -------------------------------------------------------------------------------- */

/* The sockets first: they would start the service again. */
#define UNITS                                                                                      \
	"supportaccessd-control.socket", "supportaccessd-session.socket",                          \
		"supportaccessd-courier.socket", "supportaccessd.service",                         \
		"supportaccess-courier.service"

static int systemctl(const char *verb, struct problem *problem)
{
	const char *const argv[] = { SYSTEMCTL, "--quiet", "--now", verb, UNITS, NULL };

	return files_run(argv, NULL, problem);
}

/* One by one: systemctl says yes when one of several is. */
static bool are(const char *state)
{
	static const char *const units[] = { UNITS };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		const char *const argv[] = { SYSTEMCTL, "--quiet", state, units[i], NULL };

		if (files_run(argv, NULL, NULL) < 0)
			return false;
	}
	return true;
}

static int apply_units(struct problem *problem)
{
	const char *const reload[] = { SYSTEMCTL, "--quiet", "daemon-reload", NULL };
	int r;

	if (!step_systemd_runs())
		return STEP_NOT_NOW;
	if (are("is-enabled") && are("is-active"))
		return STEP_WAS_SO;
	r = files_run(reload, NULL, problem); /* they may have been laid down just now */
	return r < 0 ? r : systemctl("enable", problem);
}

static int undo_units(struct problem *problem)
{
	return step_systemd_runs() ? systemctl("disable", problem) : 0;
}

const struct step steps[] = {
	{ "users", "users of its own (systemd-sysusers)", step_users, NULL },
	{ "folders", "folders (systemd-tmpfiles)", step_folders, NULL },
	{ "view", "the view of support accounts", apply_view, NULL },
	{ "nsswitch", "passwd and group in " STEP_NSSWITCH, apply_nsswitch, undo_nsswitch },
	{ "pam", "account and session in PAM (pam-auth-update)", apply_pam, undo_pam },
	{ "sshd", "support accounts in sshd (" STEP_SSHD_LINK ")", apply_sshd, undo_sshd },
	{ "units", "supportaccessd and the courier (systemd)", apply_units, undo_units },
	{ 0 },
};
