/* SPDX-License-Identifier: MIT */

/* The monitor is moved before sshd forks for the user, so everything of the connection is born
 * inside, and an ordinary user gets nothing out: leaving needs write access to another cgroup.
 *
 * logind's scope is adopted because moving the monitor out of it would close logind's session.
 * The check of leader and user is no formality: an sshd that an administrator started by hand
 * sits in the administrator's own scope, and killing that kills the administrator. */

#include "host/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>

#define CGROUP_PATH_MAX  1024
#define CGROUP_DEPTH_MAX 8 /* of folders that somebody made below a session's */
#define FREEZE_PASSES    100
#define LOGIND_SESSIONS  "/run/systemd/sessions"

static void fclosep(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

static void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* Finds where cgroup2 is mounted. mountinfo: "36 35 0:31 ROOT MOUNT options [...] - TYPE ..." */
static int find_mount(char ret[static CGROUP_PATH_MAX])
{
	_cleanup_(fclosep) FILE *file = fopen("/proc/self/mountinfo", "re");
	_cleanup_(freep) char *line = NULL;
	size_t size = 0;

	if (!file)
		return -errno;
	while (getline(&line, &size, file) > 0) {
		char *type = strstr(line, " - "), mount[257];

		if (!type || strncmp(type + 3, "cgroup2 ", 8) != 0)
			continue;
		if (sscanf(line, "%*s %*s %*s %*s %256s", mount) != 1 || strchr(mount, '\\'))
			continue;
		(void)snprintf(ret, CGROUP_PATH_MAX, "%s", mount);
		return 0;
	}
	return -ENOENT;
}

/* The path of a cgroup's file, or of its folder (`file` ""). */
static int locate(const char *path, const char *file, char ret[static CGROUP_PATH_MAX])
{
	char mount[CGROUP_PATH_MAX];
	int r = find_mount(mount);

	if (r < 0)
		return r;
	if (snprintf(ret, CGROUP_PATH_MAX, "%s%s%s%s", mount, path, *file ? "/" : "", file) >=
		CGROUP_PATH_MAX)
		return -ENAMETOOLONG;
	return 0;
}

static int write_file(const char *path, const char *file, const char *text)
{
	char name[CGROUP_PATH_MAX];
	_cleanup_(closep) int fd = -EBADF;
	int r = locate(path, file, name);

	if (r < 0)
		return r;
	fd = open(name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

static bool is_scope(const char *path, char *ret_session, size_t ret_size)
{
	static const char prefix[] = "session-", suffix[] = ".scope";
	const char *name = strrchr(path, '/'), *end;

	if (!name || strncmp(name + 1, prefix, sizeof(prefix) - 1) != 0)
		return false;
	name += sizeof(prefix);
	end = name + strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789");
	if (end == name || strcmp(end, suffix) != 0 || (size_t)(end - name) >= ret_size)
		return false;
	(void)snprintf(ret_session, ret_size, "%.*s", (int)(end - name), name);
	return true;
}

bool cgroup_path_is_ours(const char *path)
{
	static const char ours[] = "/" CGROUP_FOLDER "/";
	char scope[32];

	if (path[0] != '/' || strstr(path, "/.."))
		return false;
	if (strncmp(path, ours, sizeof(ours) - 1) == 0)
		return path[sizeof(ours) - 1] && path[sizeof(ours) - 1] != '.' &&
		       !strchr(path + sizeof(ours) - 1, '/');
	return is_scope(path, scope, sizeof(scope));
}

/* The cgroup2 path of a process, from its line "0::/path". */
static int read_own(int32_t pid, char *ret, size_t ret_size)
{
	char name[64];
	_cleanup_(fclosep) FILE *file = NULL;
	_cleanup_(freep) char *line = NULL;
	size_t size = 0;

	(void)snprintf(name, sizeof(name), "/proc/%" PRId32 "/cgroup", pid);
	file = fopen(name, "re");
	if (!file)
		return -errno;
	while (getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = 0;
		if (strncmp(line, "0::/", 4) != 0)
			continue;
		if (strlen(line + 3) >= ret_size)
			return -ENAMETOOLONG;
		(void)snprintf(ret, ret_size, "%s", line + 3);
		return 0;
	}
	return -ENOENT;
}

/* Does logind say that this session's leader is this process and its user this uid? */
static bool logind_confirms(const char *scope, int32_t leader, uint32_t uid)
{
	char name[sizeof(LOGIND_SESSIONS) + 64];
	_cleanup_(fclosep) FILE *file = NULL;
	_cleanup_(freep) char *line = NULL;
	bool same_leader = false, same_uid = false;
	size_t size = 0;

	(void)snprintf(name, sizeof(name), LOGIND_SESSIONS "/%s", scope);
	file = fopen(name, "re");
	while (file && getline(&line, &size, file) > 0) {
		uint64_t number;

		if (sscanf(line, "LEADER=%" SCNu64, &number) == 1)
			same_leader = number == (uint64_t)leader;
		else if (sscanf(line, "UID=%" SCNu64, &number) == 1)
			same_uid = number == uid;
	}
	return same_leader && same_uid;
}

static bool adopt_scope(struct session *session)
{
	char path[sizeof(session->cgroup)], scope[32];

	if (read_own(session->monitor.pid, path, sizeof(path)) < 0 || strstr(path, "/.."))
		return false;
	if (!is_scope(path, scope, sizeof(scope)) ||
		!logind_confirms(scope, session->monitor.pid, session->uid))
		return false;
	(void)snprintf(session->cgroup, sizeof(session->cgroup), "%s", path);
	return true;
}

static int make_folder(const char *path)
{
	char name[CGROUP_PATH_MAX];
	int r = locate(path, "", name);

	if (r < 0)
		return r;
	return mkdir(name, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/* Moves by number, then makes sure that the number still meant the same process. */
static int move_in(const char *path, const struct process_name *process)
{
	char number[16];
	int fd, r;

	(void)snprintf(number, sizeof(number), "%" PRId32, process->pid);
	r = write_file(path, "cgroup.procs", number);
	if (r < 0)
		return r;
	fd = process_open(process);
	if (fd < 0)
		return fd;
	(void)close(fd);
	return 0;
}

void cgroup_enter(struct session *session, int64_t max_processes)
{
	char limit[24];

	session->cgroup[0] = 0;
	if (session->monitor.pid <= 0 || adopt_scope(session))
		return;
	if (make_folder("/" CGROUP_FOLDER) < 0)
		return;
	(void)write_file("/" CGROUP_FOLDER, "cgroup.subtree_control", "+pids");
	(void)snprintf(
		session->cgroup, sizeof(session->cgroup), "/" CGROUP_FOLDER "/%s", session->id);
	(void)snprintf(limit, sizeof(limit), "%" PRId64, max_processes);
	if (cgroup_path_is_ours(session->cgroup) && make_folder(session->cgroup) == 0) {
		(void)write_file(session->cgroup, "pids.max", limit); /* RLIMIT_NPROC holds too */
		if (move_in(session->cgroup, &session->monitor) == 0)
			return;
		cgroup_remove(session->cgroup);
	}
	session->cgroup[0] = 0;
}

static int64_t each_in(
	const char *folder, int depth, void (*each)(void *context, int32_t pid), void *context)
{
	_cleanup_(fclosep) FILE *file = NULL;
	_cleanup_(closedirp) DIR *dir = opendir(folder);
	char name[CGROUP_PATH_MAX + NAME_MAX];
	const struct dirent *entry;
	int64_t count = 0;
	int32_t pid;

	(void)snprintf(name, sizeof(name), "%s/cgroup.procs", folder);
	file = fopen(name, "re");
	if (!file || !dir)
		return -ENOENT;
	for (; fscanf(file, "%" SCNd32, &pid) == 1; count++)
		if (pid > 0)
			each(context, pid);
	while (depth < CGROUP_DEPTH_MAX && (entry = readdir(dir))) {
		int64_t below;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if (snprintf(name, CGROUP_PATH_MAX, "%s/%s", folder, entry->d_name) >=
			CGROUP_PATH_MAX)
			continue;
		below = each_in(name, depth + 1, each, context);
		count += below > 0 ? below : 0;
	}
	return count;
}

int64_t cgroup_each(const char *path, void (*each)(void *context, int32_t pid), void *context)
{
	char folder[CGROUP_PATH_MAX];

	if (!cgroup_path_is_ours(path) || locate(path, "", folder) < 0)
		return -ENOENT;
	return each_in(folder, 0, each, context);
}

bool cgroup_holds(const char *path, int32_t pid)
{
	char own[CGROUP_PATH_MAX];
	size_t length = strlen(path);

	if (read_own(pid, own, sizeof(own)) < 0 || strncmp(own, path, length) != 0)
		return false;
	return own[length] == 0 || own[length] == '/';
}

/* The pidfd is taken first and the cgroup read after: a number that was reused in between shows
 * another cgroup. */
static void kill_one(void *context, int32_t pid)
{
	_cleanup_(closep) int fd = pidfd_open(pid, 0);

	if (fd >= 0 && cgroup_holds(context, pid))
		(void)pidfd_send_signal(fd, SIGKILL, NULL, 0);
}

/* Frozen processes cannot fork, and die of SIGKILL all the same. */
static int kill_frozen(const char *path)
{
	int64_t left = 1;

	(void)write_file(path, "cgroup.freeze", "1");
	for (int i = 0; left > 0 && i < FREEZE_PASSES; i++)
		left = cgroup_each(path, kill_one, (void *)path);
	(void)write_file(path, "cgroup.freeze", "0");
	return left > 0 ? -EAGAIN : 0;
}

int cgroup_kill(const char *path)
{
	int r;

	if (!cgroup_path_is_ours(path))
		return -EINVAL;
	r = write_file(path, "cgroup.kill", "1");
	return r == -ENOENT ? kill_frozen(path) : r;
}

static void remove_in(const char *folder, int depth)
{
	_cleanup_(closedirp) DIR *dir = opendir(folder);
	char name[CGROUP_PATH_MAX];
	const struct dirent *entry;

	while (dir && depth < CGROUP_DEPTH_MAX && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if (snprintf(name, sizeof(name), "%s/%s", folder, entry->d_name) < CGROUP_PATH_MAX)
			remove_in(name, depth + 1);
	}
	(void)rmdir(folder);
}

void cgroup_remove(const char *path)
{
	static const char ours[] = "/" CGROUP_FOLDER "/";
	char folder[CGROUP_PATH_MAX];

	if (strncmp(path, ours, sizeof(ours) - 1) != 0 || !cgroup_path_is_ours(path))
		return;
	if (locate(path, "", folder) == 0)
		remove_in(folder, 0);
}
