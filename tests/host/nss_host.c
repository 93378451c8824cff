/* SPDX-License-Identifier: MIT */

/* A program of the customer's that looks up accounts.
 *
 *	nss_host publish PATH COUNT	a view of support-agent0 … with uids from 70000
 *	nss_host ask			every question once, through glibc
 *	nss_host name NAME		one line of passwd, through glibc
 *	nss_host silent MODULE		the module's functions, where any system call is death
 *
 * `ask` asks for support-agent0 and dan, and wants the view of `publish`. */

#include "lib/cleanup.h"
#include "lib/view.h"
#include "nss/nss.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static int fail(const char *what)
{
	fprintf(stderr, "nss_host: %s\n", what);
	return 1;
}

/* --- publish --- */

static int publish(const char *path, size_t count)
{
	_cleanup_(freep) struct view_account *accounts = calloc(count + 1, sizeof(*accounts));
	_cleanup_(freep) char(*texts)[2][40] = calloc(count + 1, sizeof(*texts));
	size_t i;
	int r;

	if (!accounts || !texts)
		return fail("no memory");
	for (i = 0; i < count; i++) {
		snprintf(texts[i][0], sizeof(texts[i][0]), "support-agent%zu", i);
		snprintf(texts[i][1], sizeof(texts[i][1]), "/home/%s", texts[i][0]);
		accounts[i] = (struct view_account){
			.name = texts[i][0],
			.full_name = "Ana Example",
			.home = texts[i][1],
			.shell = "/usr/libexec/supportaccess/supportaccess-shell",
			.uid = (uid_t)(ACCOUNT_UID_FIRST + i),
			.gid = ACCOUNT_GID,
			.gids = { 4, ACCOUNT_GID_READONLY },
			.gids_count = 2,
		};
	}
	r = view_publish(path, accounts, count);
	if (r < 0)
		return fail(strerror(-r));
	return 0;
}

/* --- ask --- */

static int ask_accounts(void)
{
	const struct passwd *pw = getpwnam("support-agent0");
	int listed = 0;

	if (!pw || pw->pw_uid != ACCOUNT_UID_FIRST)
		return fail("support-agent0 is not found");
	pw = getpwuid(ACCOUNT_UID_FIRST);
	if (!pw || strcmp(pw->pw_name, "support-agent0") != 0)
		return fail("its uid is not found");
	if (getpwnam("support-nobody") || getpwuid(ACCOUNT_UID_LAST) || getpwnam("nobody-at-all"))
		return fail("what is not there was found");
	setpwent();
	while ((pw = getpwent()) != NULL)
		listed += account_uid_is_ours(pw->pw_uid);
	endpwent();
	printf("%d accounts\n", listed);
	return 0;
}

static int ask_groups(void)
{
	const struct group *gr = getgrnam(ACCOUNT_GROUP_READONLY);
	gid_t gids[64];
	int count = 64, listed = 0;

	if (!gr || !gr->gr_mem[0] || strcmp(gr->gr_mem[0], "support-agent0") != 0)
		return fail("the group or its member is not found");
	gr = getgrgid(ACCOUNT_GID);
	if (!gr || strcmp(gr->gr_name, ACCOUNT_GROUP) != 0)
		return fail("the group's gid is not found");
	setgrent();
	while ((gr = getgrent()) != NULL)
		listed += account_gid_is_ours(gr->gr_gid);
	endgrent();
	if (getgrouplist("support-agent0", ACCOUNT_GID, gids, &count) != 3)
		return fail("it is not in its three groups");
	printf("%d groups\n", listed);
	return 0;
}

static int ask_name(const char *name)
{
	const struct passwd *pw = getpwnam(name);

	if (!pw)
		return fail("not found");
	printf("%s:%" PRIu32 ":%" PRIu32 ":%s:%s:%s\n", pw->pw_name, pw->pw_uid, pw->pw_gid,
		pw->pw_gecos, pw->pw_dir, pw->pw_shell);
	return 0;
}

/* --- silent --- */

typedef enum nss_status by_name(const char *, struct passwd *, char *, size_t, int *);
typedef enum nss_status by_uid(uid_t, struct passwd *, char *, size_t, int *);

/* The right answers out of four: two there are, two there are not. */
static int questions(by_name *name, by_uid *uid)
{
	struct passwd pw;
	char buffer[1024];
	int error;

	return (name("support-agent0", &pw, buffer, sizeof(buffer), &error) == NSS_STATUS_SUCCESS) +
	       (uid(ACCOUNT_UID_FIRST, &pw, buffer, sizeof(buffer), &error) == NSS_STATUS_SUCCESS) +
	       (name("support-nobody", &pw, buffer, sizeof(buffer), &error) ==
		       NSS_STATUS_NOTFOUND) +
	       (uid(ACCOUNT_UID_LAST, &pw, buffer, sizeof(buffer), &error) == NSS_STATUS_NOTFOUND);
}

/* The kernel kills a process in strict mode for any system call but read, write and exit. */
static int silent(const char *module)
{
	static const char done[] = "no system call\n";
	void *handle = dlopen(module, RTLD_NOW);
	struct passwd pw;
	char buffer[1024];
	by_name *name;
	by_uid *uid;
	int error, right;

	if (!handle)
		return fail(dlerror());
	name = (by_name *)dlsym(handle, "_nss_supportaccess_getpwnam_r");
	uid = (by_uid *)dlsym(handle, "_nss_supportaccess_getpwuid_r");
	if (!name || !uid || questions(name, uid) != 4)
		return fail("the first look-ups fail");
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) < 0)
		return fail("no strict mode");
	right = questions(name, uid);
	right += name("carol", &pw, buffer, sizeof(buffer), &error) == NSS_STATUS_NOTFOUND;
	right += uid(0, &pw, buffer, sizeof(buffer), &error) == NSS_STATUS_NOTFOUND;
	if (right == 6 && write(STDOUT_FILENO, done, sizeof(done) - 1) < 0)
		right = 0;
	return (int)syscall(SYS_exit, right == 6 ? 0 : 1);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (strcmp(verb, "publish") == 0 && argc == 4)
		return publish(argv[2], strtoul(argv[3], NULL, 10));
	if (strcmp(verb, "ask") == 0 && argc == 2)
		return ask_accounts() || ask_groups();
	if (strcmp(verb, "name") == 0 && argc == 3)
		return ask_name(argv[2]);
	if (strcmp(verb, "silent") == 0 && argc == 3)
		return silent(argv[2]);
	return fail("see the head of tests/host/nss_host.c");
}
