/* SPDX-License-Identifier: MIT */

/* The login uid is set once, when somebody logs in, and outlives sudo and su: it tells who is at
 * the keyboard of a root shell. The kernel keeps an unprivileged process from changing it. An
 * `admin` session can change it, being root: this door keeps honest mistakes out and makes the
 * other kind show in the audit chain, which is all that can be done against root on its own
 * machine (docs/threat-model.md). */

#include "admin/ask.h"

#include "lib/account.h"
#include "lib/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LOGIN_UID_PATH "/proc/self/loginuid"

/* (uid_t)-1: nobody logged in, as in a unit of systemd or in a container. */
static uid_t login_uid(void)
{
	_cleanup_(closep) int fd = open(LOGIN_UID_PATH, O_RDONLY | O_CLOEXEC);
	char text[32] = "", *end;
	unsigned long uid;

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return (uid_t)-1;
	errno = 0;
	uid = strtoul(text, &end, 10);
	return errno || end == text || uid > UINT32_MAX ? (uid_t)-1 : (uid_t)uid;
}

int ask_may_open(const char *verb, struct problem *problem)
{
	uid_t uid = login_uid();

	if (!account_uid_is_ours(uid))
		return 0;
	return problem_say(problem, -EPERM,
		"%s is refused: this shell belongs to a support session (login uid %u). Whoever is "
		"let in cannot let in. Ask the customer to do it from a login of their own",
		verb, uid);
}

int ask_is_root(const char *verb, struct problem *problem)
{
	if (geteuid() == 0)
		return 0;
	return problem_say(
		problem, -EPERM, "%s needs root on this host: sudo supportaccess %s", verb, verb);
}

void ask_caller(char *ret, size_t ret_size)
{
	uid_t uid = login_uid();
	struct passwd entry, *found = NULL;
	char buffer[4096];

	if (uid == (uid_t)-1 || getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found) != 0 ||
		!found)
		snprintf(ret, ret_size, "root");
	else
		snprintf(ret, ret_size, "%s", entry.pw_name);
}

static bool answer_is_yes(void)
{
	char line[16] = "";

	if (!fgets(line, sizeof(line), stdin))
		return false;
	return strcmp(line, "y\n") == 0 || strcmp(line, "yes\n") == 0;
}

int ask(const struct arguments *arguments, struct problem *problem, const char *question, ...)
{
	char text[PROBLEM_MAX];
	va_list values;

	if (argument_given(arguments, "yes"))
		return 0;
	va_start(values, question);
	vsnprintf(text, sizeof(text), question, values);
	va_end(values);
	if (!isatty(STDIN_FILENO))
		return problem_say(problem, -EPERM,
			"%s There is no terminal to answer on; --yes answers", text);
	fprintf(stderr, "%s [y/N] ", text);
	fflush(stderr);
	if (answer_is_yes())
		return 0;
	return problem_say(problem, -ECANCELED, "nothing was changed");
}
