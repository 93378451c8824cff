/* SPDX-License-Identifier: MIT */

/* Whoever starts it, it runs as _supportaccess: what speaks to the network is not root. */

#include "core/command.h"
#include "core/config.h"
#include "courier/courier.h"
#include "lib/cleanup.h"
#include "lib/paths.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

#define TOKEN_MAX 256

static int drop_privileges(struct problem *problem)
{
	const struct passwd *user;

	if (geteuid() != 0)
		return 0;
	errno = 0;
	user = getpwnam(USER_COURIER);
	if (!user)
		return problem_say(problem, errno ? -errno : -ENOENT,
			"there is no user " USER_COURIER " to run as: sudo supportaccess enable");
	if (initgroups(user->pw_name, user->pw_gid) < 0 ||
		setresgid(user->pw_gid, user->pw_gid, user->pw_gid) < 0 ||
		setresuid(user->pw_uid, user->pw_uid, user->pw_uid) < 0)
		return problem_say(
			problem, -errno, "cannot become " USER_COURIER ": %s", strerror(errno));
	return 0;
}

static int read_token(const char *path, char ret[static TOKEN_MAX + 1], struct problem *problem)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	ssize_t n;

	if (fd < 0 && errno == ENOENT)
		return problem_say(problem, -ENOENT,
			"this host is not enrolled (no %s): sudo supportaccess enroll URL", path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return problem_say(problem, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077))
		return problem_say(problem, -EPERM,
			"%s can be read by others: enrol this host again for a new token", path);
	n = read(fd, ret, TOKEN_MAX + 1);
	if (n < 0)
		return problem_say(problem, -errno, "%s: %s", path, strerror(errno));
	if (n == 0 || n > TOKEN_MAX)
		return problem_say(problem, -EINVAL, "%s holds no token", path);
	ret[n] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	return 0;
}

static const char *either(const char *given, const char *otherwise)
{
	return given ? given : otherwise;
}

static int run(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(config_done) struct config config = { 0 };
	struct courier_settings settings;
	char token[TOKEN_MAX + 1];
	int r;

	r = drop_privileges(problem);
	if (r == 0)
		r = config_load(either(argument(arguments, "vendor"), PATH_CONFIG_VENDOR),
			either(argument(arguments, "etc"), PATH_CONFIG), &config, problem);
	if (r == 0)
		r = read_token(
			either(argument(arguments, "token"), PATH_COURIER_TOKEN), token, problem);
	if (r < 0)
		return r;
	if (!config.central[0])
		return problem_say(problem, -EINVAL,
			"the configuration names no central: sudo supportaccess enroll URL");
	settings = (struct courier_settings){
		.socket_path = either(argument(arguments, "socket"), PATH_COURIER_SOCKET),
		.url = config.central,
		.token = token,
		.proxy = config.proxy,
		.ca_file = config.ca_file,
		.hold_ms = config.poll_wait * 1000,
	};
	return courier_run(&settings, problem);
}

int main(int argc, char **argv)
{
	static const struct option_spec options[] = {
		{ "socket", 0, "PATH", "the daemon's socket, " PATH_COURIER_SOCKET },
		{ "token", 0, "FILE", "this host's token for central, " PATH_COURIER_TOKEN },
		{ "vendor", 0, "FOLDER", "shipped configuration, " PATH_CONFIG_VENDOR },
		{ "etc", 0, "FOLDER", "configuration, " PATH_CONFIG },
		{ 0 },
	};
	static const struct command commands[] = {
		{ "", NULL,
			"carries documents from central to this host's supportaccessd, and its "
			"events "
			"back",
			options, 0, 0, run },
		{ 0 },
	};

	return command_main("supportaccess-courier", NULL, commands, argc, argv);
}
