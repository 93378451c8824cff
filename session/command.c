/* SPDX-License-Identifier: MIT */

/* The ways in, as sshd makes them. `shell` is this program, for it is the login shell; the key
 * line forces it as the command, so sshd always says `shell -c FORCED`:
 *
 *	client			argv				SSH_ORIGINAL_COMMAND
 *	ssh host		shell -c /…/supportaccess-shell	not set
 *	ssh host id		shell -c /…/supportaccess-shell	id
 *	sftp (subsystem)	shell -c /…/supportaccess-shell	internal-sftp, or sftp-server's path
 *	scp, rsync		shell -c /…/supportaccess-shell	scp -t …, rsync --server …
 *
 * The argument of -c is compared and never run: this is also why nothing loops. Every other way
 * of calling us (a key line without the forced command, su, cron) is refused: the key line is a
 * lock of its own only if nothing goes around it.
 *
 * internal-sftp lives in sshd and would be outside the confinement; the server of the same name
 * in a file takes its place. */

#include "session/command.h"
#include "lib/paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define INTERNAL_SFTP "internal-sftp"

static bool is_forced(int argc, char *const *argv)
{
	return argc == 3 && strcmp(argv[1], "-c") == 0 && strcmp(argv[2], PATH_LOGIN_SHELL) == 0;
}

static bool is_internal_sftp(const char *command)
{
	size_t length = sizeof(INTERNAL_SFTP) - 1;

	return strncmp(command, INTERNAL_SFTP, length) == 0 &&
	       (!command[length] || command[length] == ' ');
}

static void name(struct command *command, const char *prefix)
{
	const char *slash = strrchr(command->path, '/');

	(void)snprintf(command->name, sizeof(command->name), "%s%.120s", prefix,
		slash ? slash + 1 : command->path);
	command->argv[0] = command->name;
}

int command_choose(
	int argc, char *const *argv, const char *original, const char *shell, struct command *ret)
{
	if (!is_forced(argc, argv))
		return -EPERM;
	*ret = (struct command){ .path = shell };
	if (!original) {
		ret->interactive = true;
		name(ret, "-"); /* a login shell, which reads the profile */
	} else if (is_internal_sftp(original)) {
		ret->path = SFTP_SERVER;
		name(ret, "");
	} else {
		name(ret, "");
		ret->argv[1] = "-c";
		ret->argv[2] = original;
	}
	return 0;
}
