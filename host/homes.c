/* SPDX-License-Identifier: MIT */

/* Everything is done through descriptors of folders and without following links: the agent owns
 * the tree and may change it while root removes it.
 *
 * As the owner of the folder the agent could rename what root put there, so both are immutable
 * where the file system knows how. It is a second lock: the login shell reads neither. */

#include "host/homes.h"
#include "lib/paths.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define DEPTH_MAX     128 /* of folders; open descriptors while removing */
#define SIDE_NAME_MAX (HOME_PATH_MAX + 8)

static void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

void home_path(const char *login, char ret[static HOME_PATH_MAX])
{
	(void)snprintf(ret, HOME_PATH_MAX, PATH_HOMES "/" ACCOUNT_PREFIX "%.*s",
		(int)ACCOUNT_LOGIN_MAX, login);
}

static void set_immutable(int fd, bool on)
{
	int flags;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return;
	flags = on ? flags | FS_IMMUTABLE_FL : flags & ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
	(void)ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

static int open_parent(const char *homes, const char *login, char ret_name[static HOME_PATH_MAX],
	struct problem *problem)
{
	int fd = open(homes, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return problem_say(problem, -errno,
			"cannot open %s (%m): homes of support accounts lie there; make it with: "
			"mkdir -m 755 %s",
			homes, homes);
	(void)snprintf(
		ret_name, HOME_PATH_MAX, ACCOUNT_PREFIX "%.*s", (int)ACCOUNT_LOGIN_MAX, login);
	return fd;
}

static int make_locked(int home)
{
	_cleanup_(closep) int ssh = -EBADF, environment = -EBADF;

	if (mkdirat(home, ".ssh", 0755) < 0)
		return -errno;
	ssh = openat(home, ".ssh", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	environment = openat(home, ".pam_environment",
		O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
	if (ssh < 0 || environment < 0)
		return -errno;
	set_immutable(ssh, true);
	set_immutable(environment, true);
	return 0;
}

/* By the mount, not by the device: a file of an overlay has another device than its folder, and
 * what is bound from the same file system has the same. */
static int look(int fd, const char *name, struct statx *ret)
{
	return statx(fd, name, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_MODE | STATX_MNT_ID, ret);
}

static int remove_tree(int parent, const char *name, uint64_t mount, int depth);

static int remove_inside(int fd, uint64_t mount, int depth)
{
	_cleanup_(closedirp) DIR *dir = fdopendir(fd);
	const struct dirent *entry;
	int r = 0;

	if (!dir) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	while ((entry = readdir(dir))) {
		int failed;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		failed = remove_tree(dirfd(dir), entry->d_name, mount, depth + 1);
		r = failed < 0 ? failed : r;
	}
	return r;
}

static int remove_tree(int parent, const char *name, uint64_t mount, int depth)
{
	_cleanup_(closep) int fd =
		openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct statx st;
	int r = 0;

	if (fd >= 0) {
		if (look(fd, "", &st) < 0)
			return -errno;
		if (st.stx_mnt_id != mount)
			return -EXDEV;
		if (S_ISREG(st.stx_mode) || S_ISDIR(st.stx_mode))
			set_immutable(fd, false);
		if (S_ISDIR(st.stx_mode) && depth >= DEPTH_MAX)
			return -ELOOP;
		if (S_ISDIR(st.stx_mode))
			r = remove_inside(TAKE_FD(fd), mount, depth);
	}
	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	return unlinkat(parent, name, AT_REMOVEDIR) < 0 ? (r < 0 ? r : -errno) : 0;
}

/* ".support-ana.gone": no account is called so. */
static void side_name(const char *name, const char *suffix, char ret[static SIDE_NAME_MAX])
{
	(void)snprintf(ret, SIDE_NAME_MAX, ".%s%s", name, suffix);
}

static int remove_side(int parent, const char *name)
{
	struct statx folder, home;

	if (look(parent, "", &folder) < 0 || look(parent, name, &home) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (folder.stx_mnt_id != home.stx_mnt_id)
		return -EXDEV;
	return remove_tree(parent, name, home.stx_mnt_id, 0);
}

/* Under another name first: what a kill -9 leaves half made stands in nobody's way. */
static int make_prepared(int parent, const char *name, uint32_t uid)
{
	_cleanup_(closep) int home = -EBADF;
	char temporary[SIDE_NAME_MAX];
	int r;

	side_name(name, ".new", temporary);
	r = remove_side(parent, temporary);
	if (r == 0 && mkdirat(parent, temporary, 0700) < 0)
		r = -errno;
	if (r < 0)
		return r;
	home = openat(parent, temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = home < 0 ? -errno : make_locked(home);
	if (r == 0 && fchown(home, uid, ACCOUNT_GID) < 0)
		r = -errno;
	if (r == 0 && renameat2(parent, temporary, parent, name, RENAME_NOREPLACE) < 0)
		r = -errno;
	return r;
}

int home_make(const char *homes, const char *login, uint32_t uid, struct problem *problem)
{
	_cleanup_(closep) int parent = -EBADF;
	char name[HOME_PATH_MAX];
	struct stat st;
	int r;

	parent = open_parent(homes, login, name, problem);
	if (parent < 0)
		return parent;
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (S_ISDIR(st.st_mode) && st.st_uid == uid)
			return 0;
		return problem_say(problem, -EEXIST,
			"%s/%s is not the home of %s: it belongs to uid %u; move it away", homes,
			name, login, (unsigned)st.st_uid);
	}
	r = make_prepared(parent, name, uid);
	if (r < 0)
		return problem_say(
			problem, r, "cannot make the home %s/%s: %s", homes, name, strerror(-r));
	return 0;
}

int home_retire(const char *homes, const char *login, uint32_t uid, struct problem *problem)
{
	_cleanup_(closep) int parent = -EBADF;
	char name[HOME_PATH_MAX], gone[SIDE_NAME_MAX];
	struct stat st;
	int r;

	parent = open_parent(homes, login, name, NULL);
	if (parent < 0 || fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (!S_ISDIR(st.st_mode) || st.st_uid != uid)
		return 0; /* somebody else's: not ours to remove */
	side_name(name, ".gone", gone);
	r = remove_side(parent, gone); /* an earlier one that was not removed to its end */
	if (r == 0 && renameat(parent, name, parent, gone) < 0)
		r = -errno;
	if (r < 0)
		return problem_say(problem, r, "cannot remove %s/%s: %s; look and remove it", homes,
			name, strerror(-r));
	return 0;
}

int home_remove(const char *homes, const char *login, struct problem *problem)
{
	_cleanup_(closep) int parent = -EBADF;
	char name[HOME_PATH_MAX], gone[SIDE_NAME_MAX];
	int r;

	parent = open_parent(homes, login, name, NULL);
	if (parent < 0)
		return 0;
	side_name(name, ".gone", gone);
	r = remove_side(parent, gone);
	if (r < 0)
		return problem_say(problem, r, "cannot remove all of %s/%s: %s; look and remove it",
			homes, gone, strerror(-r));
	return 0;
}
