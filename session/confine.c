/* SPDX-License-Identifier: MIT */

/* The second layer of a read-only session. The first, the mount namespace, makes files read-only
 * whoever opens them; Landlock stays with the process: it also stops writing to devices and FIFOs,
 * which a read-only mount does not, signals and abstract sockets out of the session, and looking
 * into processes of the same uid outside of it, whose /proc/PID/root would lead around the mounts.
 *
 * The kernel's own number of the interface (ABI) decides how much is asked of it; a kernel without
 * Landlock is refused rather than trusted to the first layer alone. */

#include "session/confine.h"
#include "lib/cleanup.h"
#include "lib/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define READ                                                                                       \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE                                                                                      \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                           \
		LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |                     \
		LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |                       \
		LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM |                       \
		LANDLOCK_ACCESS_FS_REFER | LANDLOCK_ACCESS_FS_TRUNCATE)
#define NEVER (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)
#define DEVICE                                                                                     \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |                            \
		LANDLOCK_ACCESS_FS_TRUNCATE | LANDLOCK_ACCESS_FS_IOCTL_DEV)
/* What may be granted on a file; the rest is of folders. */
#define OF_FILES                                                                                   \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |                              \
		LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |                       \
		LANDLOCK_ACCESS_FS_IOCTL_DEV)

/* From which ABI on an access can be handled; what is older is in ABI 1. */
static const struct {
	int abi;
	uint64_t access;
} since[] = {
	{ 2, LANDLOCK_ACCESS_FS_REFER },
	{ 3, LANDLOCK_ACCESS_FS_TRUNCATE },
	{ 5, LANDLOCK_ACCESS_FS_IOCTL_DEV },
};

/* Everything but these is read-only; the home is added to it. */
static const struct {
	const char *path;
	uint64_t access;
} rules[] = {
	{ "/", READ },
	{ "/tmp", READ | WRITE },
	{ "/var/tmp", READ | WRITE },
	{ "/dev/shm", READ | WRITE },
	{ "/dev/pts", READ | DEVICE }, /* NOLINT(misc-redundant-expression): both have READ_FILE */
	{ "/dev/ptmx", DEVICE },
	{ "/dev/tty", DEVICE },
	{ "/dev/null", DEVICE },
	{ "/dev/zero", DEVICE },
	{ "/dev/full", DEVICE },
	{ "/dev/random", DEVICE },
	{ "/dev/urandom", DEVICE },
};

static int say(struct confine_reason *ret, int r, const char *what)
{
	(void)snprintf(ret->text, sizeof(ret->text), "%s: %s", what, strerror(-r));
	return r;
}

static uint64_t handled(int abi)
{
	/* NOLINTNEXTLINE(misc-redundant-expression): some have flags in common */
	uint64_t access = READ | WRITE | NEVER | DEVICE;

	for (size_t i = 0; i < sizeof(since) / sizeof(since[0]); i++)
		if (abi < since[i].abi)
			access &= ~since[i].access;
	return access;
}

static int make_ruleset(int abi)
{
	struct kernel_landlock_ruleset ruleset = { .handled_access_fs = handled(abi) };
	size_t size = offsetof(struct kernel_landlock_ruleset, handled_access_net);
	int fd;

	if (abi >= 6) {
		ruleset.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL;
		size = sizeof(ruleset);
	}
	fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);
	return fd < 0 ? -errno : fd;
}

static int add_rule(int ruleset, const char *path, uint64_t access)
{
	_cleanup_(closep) int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = { .allowed_access = access, .parent_fd = fd };
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return 0; /* not every machine has each of them */
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= OF_FILES;
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0
		       ? -errno
		       : 0;
}

static int restrict_files(const char *home, struct confine_reason *ret)
{
	int abi =
		(int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	_cleanup_(closep) int ruleset = abi < 1 ? -EBADF : make_ruleset(abi);
	int r = 0;

	if (abi < 1)
		return say(ret, -ENOTSUP,
			"this kernel has no Landlock, which read-only sessions need (the customer "
			"can "
			"add it to the kernel's lsm= option)");
	if (ruleset < 0)
		return say(ret, ruleset, "cannot make a Landlock rule set");
	for (size_t i = 0; r == 0 && i < sizeof(rules) / sizeof(rules[0]); i++)
		r = add_rule(ruleset, rules[i].path, rules[i].access & handled(abi));
	if (r == 0)
		r = add_rule(ruleset, home, (READ | WRITE) & handled(abi));
	if (r < 0)
		return say(ret, r, "cannot fill the Landlock rule set");
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		return say(ret, -errno, "cannot enter the Landlock rule set");
	return 0;
}

/* Lowers a limit, both its parts; what is lower already stays. */
static int limit(__rlimit_resource_t resource, rlim_t max)
{
	struct rlimit now;

	if (getrlimit(resource, &now) < 0)
		return -errno;
	if (now.rlim_max < max)
		max = now.rlim_max;
	now = (struct rlimit){ max, max };
	return setrlimit(resource, &now) < 0 ? -errno : 0;
}

int confine(enum scope scope, uint32_t max_processes, const char *home, struct confine_reason *ret)
{
	if (max_processes == 0)
		return say(
			ret, -EINVAL, "the daemon allows no process at all, which makes no sense");
	if (limit(RLIMIT_CORE, 0) < 0 || limit(RLIMIT_NPROC, max_processes) < 0 ||
		limit(RLIMIT_MEMLOCK, CONFINE_LOCKED_MAX) < 0)
		return say(ret, -errno, "cannot set limits");
	if (scope != SCOPE_READ_ONLY)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return say(ret, -errno, "cannot give up set-user-id programs");
	return restrict_files(home, ret);
}
