/* SPDX-License-Identifier: MIT */

/* The order is the design.
 *
 * 1. While still in sshd's mount namespace, take copies (open_tree) of its whole tree and of the
 *    few pieces that sshd itself must write or reach. A copy keeps the flags that it has there,
 *    so nothing becomes writable that was not.
 * 2. Only then unshare, make the copy of the tree read-only, nosuid and private in one call, and
 *    pivot into it: sshd's root becomes the namespace's root, also when sshd was in a chroot,
 *    because who enters a mount namespace lands at its root.
 * 3. Cover what is to be private or hidden, put the pieces back, and look at the result: what
 *    mountinfo shows, and not what was asked for, decides. */

#include "host/mounts.h"
#include "lib/account.h"
#include "lib/file.h"
#include "lib/paths.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define RUN_SIZE       "1048576"           /* bytes of the tmpfs on /run: mount points only */
#define RUN_HIDDEN     PATH_RUN "/.hidden" /* an empty file that nobody may read */
#define RUN_EMPTY      PATH_RUN "/.empty"  /* one that everybody may */
#define INODES         "16384"
#define PIECES_MAX     (CONFIG_LIST_MAX + 32)
#define PIECE_PATH_MAX 256
#define MOUNTINFO_MAX  (256 * 1024)

/* What sshd must go on reaching. None of it need exist. `writable` pieces are those that it
 * writes: accounting, and terminals, whose owner it sets. */
static const struct {
	const char *path;
	bool writable;
} needed[] = {
	{ "/dev/pts", true },
	{ "/var/log/wtmp", true },
	{ "/var/log/lastlog", true },
	{ "/var/log/btmp", true },
	{ "/run/utmp", true },
	{ "/run/sshd", false },
	{ "/run/nscd", false },
	{ "/run/systemd/journal/dev-log", false },
	{ "/run/systemd/journal/socket", false },
	{ "/run/systemd/journal/stdout", false },
	{ PATH_VIEW_DIR, false },
	{ PATH_SESSION_SOCKET, false },
};

/* World-writable folders of the host, each replaced by a private one. */
static const char *const scratch[] = { "/tmp", "/var/tmp", "/dev/shm" };

struct piece {
	char path[PIECE_PATH_MAX];
	uint64_t mount_id;
	int fd;
	bool writable, is_dir;
};

struct pieces {
	struct piece list[PIECES_MAX];
	size_t n;
};

static int say_errno(struct problem *problem, const char *what, const char *path)
{
	int r = -errno;

	return problem_say(problem, r, "cannot confine the session: cannot %s %s: %s", what, path,
		strerror(-r));
}

static int set_flags(int fd, unsigned int recursive, uint64_t flags)
{
	struct mount_attr attr = { .attr_set = flags, .propagation = MS_PRIVATE };

	return mount_setattr(fd, "", AT_EMPTY_PATH | recursive, &attr, sizeof(attr));
}

/* --- 1. copies ----------------------------------------------------------------------------- */

/* A copy of `path` as seen from sshd's root; -ENOENT if it is not there. */
static int copy_piece(int root, const char *path, struct piece *ret)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	_cleanup_(closep) int found = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	struct statx about;
	struct stat st;

	if (found < 0 || fstat(found, &st) < 0)
		return -errno;
	ret->fd = open_tree(found, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (ret->fd < 0)
		return -errno;
	ret->is_dir = S_ISDIR(st.st_mode);
	if (statx(ret->fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &about) < 0)
		return -errno;
	ret->mount_id = about.stx_mnt_id;
	return 0;
}

static int take_piece(
	struct pieces *pieces, int root, const char *path, bool writable, struct problem *problem)
{
	struct piece *piece = &pieces->list[pieces->n];
	int r;

	if (pieces->n >= PIECES_MAX || strlen(path) >= sizeof(piece->path))
		return problem_say(
			problem, -E2BIG, "cannot confine the session: %s is too long", path);
	r = copy_piece(root, path, piece);
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r < 0)
		return problem_say(problem, r, "cannot confine the session: cannot copy %s: %s",
			path, strerror(-r));
	(void)snprintf(piece->path, sizeof(piece->path), "%s", path);
	piece->writable = writable;
	pieces->n++;
	return 0;
}

static int take_pieces(const struct mounts *mounts, struct pieces *ret, struct problem *problem)
{
	const struct config_list *sockets = &mounts->config->sockets;
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(needed) / sizeof(needed[0]); i++)
		r = take_piece(ret, mounts->root, needed[i].path, needed[i].writable, problem);
	for (size_t i = 0; r == 0 && i < sockets->n_items; i++) {
		if (strncmp(sockets->items[i], "/run/", 5) != 0 || strstr(sockets->items[i], "/.."))
			return problem_say(problem, -EINVAL,
				"cannot confine the session: sockets= names %s, which is not below "
				"/run; correct it in " PATH_CONFIG "/supportaccess.conf",
				sockets->items[i]);
		r = take_piece(ret, mounts->root, sockets->items[i], false, problem);
	}
	return r;
}

/* --- 2. the tree --------------------------------------------------------------------------- */

static int enter_copy(int tree, struct problem *problem)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWIPC) < 0)
		return say_errno(problem, "make", "a mount and an IPC namespace");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return say_errno(problem, "make private", "/");
	if (set_flags(tree, AT_RECURSIVE, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID) < 0)
		return say_errno(problem, "make read-only", "all file systems");
	if (move_mount(tree, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return say_errno(problem, "mount over", "/");
	if (fchdir(tree) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
		umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return say_errno(problem, "change the root to", "the read-only copy");
	return 0;
}

/* --- 3. covering --------------------------------------------------------------------------- */

struct tmpfs {
	const char *size, *mode;
	uint32_t uid, gid;
	uint64_t flags;
};

static int make_tmpfs(const struct tmpfs *tmpfs)
{
	_cleanup_(closep) int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	char uid[16], gid[16];
	const char *const options[][2] = {
		{ "source", "supportaccess" },
		{ "size", tmpfs->size },
		{ "mode", tmpfs->mode },
		{ "nr_inodes", INODES },
		{ "uid", uid },
		{ "gid", gid },
	};
	int fd;

	if (fs < 0)
		return -errno;
	(void)snprintf(uid, sizeof(uid), "%" PRIu32, tmpfs->uid);
	(void)snprintf(gid, sizeof(gid), "%" PRIu32, tmpfs->gid);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (fsconfig(fs, FSCONFIG_SET_STRING, options[i][0], options[i][1], 0) < 0)
			return -errno;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = fsmount(fs, FSMOUNT_CLOEXEC,
		(unsigned int)(tmpfs->flags | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
	return fd < 0 ? -errno : fd;
}

static int attach(int mount, int target)
{
	return move_mount(
		       mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0
		       ? -errno
		       : 0;
}

/* Mounts a tmpfs over `path`; -ENOENT if there is nothing to cover. */
static int cover(const char *path, const struct tmpfs *tmpfs, int *ret_mount)
{
	_cleanup_(closep) int target = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closep) int mount = -EBADF;
	int r;

	if (target < 0)
		return -errno;
	mount = make_tmpfs(tmpfs);
	r = mount < 0 ? mount : attach(mount, target);
	if (r == 0 && ret_mount)
		*ret_mount = TAKE_FD(mount);
	return r;
}

static int cover_or_say(
	const char *path, const struct tmpfs *tmpfs, int *ret_mount, struct problem *problem)
{
	int r = cover(path, tmpfs, ret_mount);

	if (r < 0)
		return problem_say(problem, r, "cannot confine the session: cannot cover %s: %s",
			path, strerror(-r));
	return 0;
}

static int make_file(const char *path, mode_t mode)
{
	_cleanup_(closep) int fd =
		open(path, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == EEXIST ? 0 : -errno;
	return fchmod(fd, mode) < 0 ? -errno : 0;
}

/* Makes the folders that lead to `path`, below the new /run. */
static int make_parents(const char *path)
{
	char folder[PIECE_PATH_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		(void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
		if (mkdir(folder, 0755) < 0 && errno != EEXIST && errno != EROFS)
			return -errno;
	}
	return 0;
}

static bool is_in_run(const char *path)
{
	return strncmp(path, "/run/", 5) == 0;
}

static int put_back(const struct piece *piece)
{
	uint64_t flags =
		MOUNT_ATTR_NOSUID | (piece->writable ? MOUNT_ATTR_NOEXEC : MOUNT_ATTR_RDONLY);
	_cleanup_(closep) int target = -EBADF;
	int r = 0;

	if (is_in_run(piece->path)) {
		r = make_parents(piece->path);
		if (r == 0 && piece->is_dir)
			r = mkdir(piece->path, 0755) < 0 && errno != EEXIST ? -errno : 0;
		else if (r == 0)
			r = make_file(piece->path, 0600);
	}
	if (r < 0)
		return r;
	if (set_flags(piece->fd, 0, flags) < 0)
		return -errno;
	target = open(piece->path, O_PATH | O_CLOEXEC);
	return target < 0 ? -errno : attach(piece->fd, target);
}

static int put_pieces(const struct pieces *pieces, bool in_run, struct problem *problem)
{
	for (size_t i = 0; i < pieces->n; i++) {
		int r;

		if (is_in_run(pieces->list[i].path) != in_run)
			continue;
		r = put_back(&pieces->list[i]);
		if (r < 0)
			return problem_say(problem, r,
				"cannot confine the session: cannot keep %s: %s",
				pieces->list[i].path, strerror(-r));
	}
	return 0;
}

/* A new /run with nothing in it but the pieces, and two files to cover others with. */
static int cover_run(const struct pieces *pieces, struct problem *problem)
{
	const struct tmpfs run = { RUN_SIZE, "0755", 0, 0, 0 };
	_cleanup_(closep) int mount = -EBADF;
	int r = cover_or_say("/run", &run, &mount, problem);

	if (r < 0)
		return r;
	r = put_pieces(pieces, true, problem);
	if (r < 0)
		return r;
	if (make_parents(RUN_HIDDEN) < 0 || make_file(RUN_HIDDEN, 0) < 0 ||
		make_file(RUN_EMPTY, 0444) < 0 || (mkdir("/run/shm", 0755) < 0 && errno != EEXIST))
		return say_errno(problem, "fill", "/run"); /* /dev/shm may be a link to /run/shm */
	if (set_flags(mount, 0, MOUNT_ATTR_RDONLY) < 0)
		return say_errno(problem, "make read-only", "/run");
	return 0;
}

static int bind_file(const char *source, const char *path)
{
	_cleanup_(closep) int target = open(path, O_PATH | O_CLOEXEC), copy = -EBADF;

	if (target < 0)
		return -errno;
	copy = open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return copy < 0 ? -errno : attach(copy, target);
}

static int hide(const char *path, struct problem *problem)
{
	const struct tmpfs nothing = { "4096", "0000", 0, 0, MOUNT_ATTR_RDONLY };
	int r;

	if (path[0] != '/' || !path[1] || strstr(path, "/.."))
		return problem_say(problem, -EINVAL,
			"cannot confine the session: hide= names \"%s\", which cannot be covered; "
			"correct it in " PATH_CONFIG "/supportaccess.conf",
			path);
	r = cover(path, &nothing, NULL);
	if (r == -ENOTDIR)
		r = bind_file(RUN_HIDDEN, path);
	if (r < 0 && r != -ENOENT)
		return problem_say(problem, r, "cannot confine the session: cannot hide %s: %s",
			path, strerror(-r));
	return 0;
}

static int hide_all(const struct config_list *paths, struct problem *problem)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < paths->n_items; i++)
		r = hide(paths->items[i], problem);
	return r;
}

static int cover_scratch(const char *size, struct problem *problem)
{
	const struct tmpfs private = { size, "1777", 0, 0, 0 };

	for (size_t i = 0; i < sizeof(scratch) / sizeof(scratch[0]); i++) {
		int r = cover(scratch[i], &private, NULL);

		if (r < 0 && r != -ENOENT)
			return problem_say(problem, r,
				"cannot confine the session: cannot cover %s: %s", scratch[i],
				strerror(-r));
	}
	return 0;
}

/* What pam_env and sshd would read there is not the agent's to write. As mount points they can be
 * neither renamed nor removed. */
static int lock_home(const char *home, struct problem *problem)
{
	const struct tmpfs nothing = { "4096", "0555", 0, 0, MOUNT_ATTR_RDONLY };
	char ssh[PIECE_PATH_MAX + 16], environment[PIECE_PATH_MAX + 32];
	int r;

	(void)snprintf(ssh, sizeof(ssh), "%s/.ssh", home);
	(void)snprintf(environment, sizeof(environment), "%s/.pam_environment", home);
	if (mkdir(ssh, 0755) < 0 || make_file(environment, 0444) < 0)
		return say_errno(problem, "fill", home);
	r = bind_file(RUN_EMPTY, environment);
	if (r < 0)
		return problem_say(problem, r, "cannot confine the session: cannot cover %s: %s",
			environment, strerror(-r));
	return cover_or_say(ssh, &nothing, NULL, problem);
}

static int cover_homes(const struct mounts *mounts, const char *size, struct problem *problem)
{
	const struct tmpfs homes = { "65536", "0755", 0, 0, 0 };
	const struct tmpfs own = { size, "0700", mounts->uid, ACCOUNT_GID, 0 };
	_cleanup_(closep) int mount = -EBADF;
	char home[PIECE_PATH_MAX];
	int r;

	r = cover(PATH_HOMES, &homes, &mount);
	if (r < 0)
		return problem_say(problem, r,
			"cannot confine the session: cannot cover " PATH_HOMES ": %s; it must be a "
			"folder, an empty one will do: mkdir -m 755 " PATH_HOMES,
			strerror(-r));
	(void)snprintf(home, sizeof(home), PATH_HOMES "/%s", mounts->home);
	if (mkdir(home, 0700) < 0)
		return say_errno(problem, "make", home);
	r = cover_or_say(home, &own, NULL, problem);
	if (r == 0)
		r = lock_home(home, problem);
	if (r == 0 && set_flags(mount, 0, MOUNT_ATTR_RDONLY) < 0)
		r = say_errno(problem, "make read-only", PATH_HOMES);
	return r;
}

/* --- the result ---------------------------------------------------------------------------- */

static bool has_option(const char *options, const char *option)
{
	size_t length = strlen(option);

	for (const char *at = options; *at; at += strcspn(at, ","), at += *at == ',')
		if (strncmp(at, option, length) == 0 && (at[length] == ',' || !at[length]))
			return true;
	return false;
}

/* One of our own tmpfs, or a piece that sshd writes. */
static bool may_write(uint64_t mount_id, const char *rest, const struct pieces *pieces)
{
	if (strstr(rest, " - tmpfs supportaccess "))
		return true;
	for (size_t i = 0; i < pieces->n; i++)
		if (pieces->list[i].writable && pieces->list[i].mount_id == mount_id)
			return true;
	return false;
}

static int check_line(const char *line, const struct pieces *pieces, struct problem *problem)
{
	char path[4097], options[512];
	uint64_t mount_id;
	int rest = 0;

	if (sscanf(line, "%" SCNu64 " %*s %*s %*s %4096s %511s%n", &mount_id, path, options,
		    &rest) != 3)
		return problem_say(problem, -EBADMSG,
			"cannot confine the session: /proc/self/mountinfo has a line too long");
	if (!has_option(options, "nosuid") || strstr(line + rest, " shared:"))
		return problem_say(problem, -EPERM,
			"cannot confine the session: %s has kept set-user-id or shared mounts",
			path);
	if (!has_option(options, "ro") && !may_write(mount_id, line + rest, pieces))
		return problem_say(problem, -EPERM,
			"cannot confine the session: %s has stayed writable", path);
	return 0;
}

static int check(int proc, const struct pieces *pieces, struct problem *problem)
{
	_cleanup_(closep) int fd = openat(proc, "self/mountinfo", O_RDONLY | O_CLOEXEC);
	_cleanup_(freep) char *text = malloc(MOUNTINFO_MAX);
	ssize_t size;
	int r = 0;

	if (fd < 0 || !text)
		return say_errno(problem, "read", "/proc/self/mountinfo");
	size = file_read(fd, text, MOUNTINFO_MAX);
	if (size < 0 || size == MOUNTINFO_MAX)
		return problem_say(problem, size < 0 ? (int)size : -E2BIG,
			"cannot confine the session: %s",
			size < 0 ? strerror((int)-size) : "this machine has too many mounts");
	text[size] = 0;
	for (char *line = text, *end; r == 0 && (end = strchr(line, '\n')); line = end + 1) {
		*end = 0;
		r = check_line(line, pieces, problem);
	}
	return r;
}

static void pieces_done(struct pieces *pieces)
{
	for (size_t i = 0; i < pieces->n; i++)
		(void)close(pieces->list[i].fd);
}

int mounts_confine(const struct mounts *mounts, struct problem *problem)
{
	_cleanup_(pieces_done) struct pieces pieces = { .n = 0 };
	_cleanup_(closep) int tree = -EBADF;
	char size[24];
	int r;

	(void)snprintf(size, sizeof(size), "%" PRId64, mounts->config->scratch_size);
	r = take_pieces(mounts, &pieces, problem);
	if (r < 0)
		return r;
	tree = open_tree(mounts->root, "",
		OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
	if (tree < 0)
		return say_errno(problem, "copy", "the file systems that sshd sees");
	r = enter_copy(tree, problem);
	if (r == 0)
		r = cover_run(&pieces, problem);
	if (r == 0)
		r = hide_all(&mounts->config->hide, problem);
	if (r == 0)
		r = cover_scratch(size, problem);
	if (r == 0)
		r = cover_homes(mounts, size, problem);
	if (r == 0)
		r = put_pieces(&pieces, false, problem);
	if (r == 0)
		r = check(mounts->proc, &pieces, problem);
	return r;
}
