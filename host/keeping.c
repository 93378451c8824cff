/* SPDX-License-Identifier: MIT */

/* Files rather than a socket, because either side must be able to work while the other is dead:
 * the keeper reads its end with no daemon, the daemon learns after a restart who died without it,
 * and a person can look at both. One line each; the reader accepts exactly what the writer
 * writes. */

#include "host/keeping.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define TOMBSTONE_SUFFIX ".ended"
#define LINE_LENGTH_MAX  256

static void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static bool id_is_valid(const char *id)
{
	size_t length = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return length > 0 && length <= DOCUMENT_SESSION_MAX && !id[length];
}

static int file_name(const char *id, const char *suffix, char ret[static NAME_MAX + 1])
{
	if (!id_is_valid(id))
		return -EINVAL;
	(void)snprintf(ret, NAME_MAX + 1, "%s%s", id, suffix);
	return 0;
}

static int open_dir(const char *dir)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

enum way {
	WAY_NEW,     /* -EEXIST if there is one */
	WAY_REPLACE, /* whether or not there is one */
	WAY_CHANGE,  /* -ENOENT if there is none */
};

static int put(int dir, const char *temp, const char *name, enum way way)
{
	int r = way == WAY_NEW
			? linkat(dir, temp, dir, name, 0)
			: renameat2(dir, temp, dir, name, way == WAY_CHANGE ? RENAME_EXCHANGE : 0);

	return r < 0 ? -errno : 0;
}

static int write_line(int dir, const char *name, const char *line, enum way way)
{
	_cleanup_(closep) int fd = -EBADF;
	char temp[NAME_MAX + 1];
	size_t size = strlen(line);
	int r = 0;

	/* A leading dot is no session id: nobody takes half a file for one. */
	(void)snprintf(temp, sizeof(temp), ".%d.%.200s", (int)getpid(), name);
	fd = openat(dir, temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (write(fd, line, size) != (ssize_t)size)
		r = -ENOSPC;
	else
		r = put(dir, temp, name, way);
	if (r < 0 || way != WAY_REPLACE)
		(void)unlinkat(dir, temp, 0);
	return r;
}

static int read_line(
	const char *dir, const char *id, const char *suffix, char ret[static LINE_LENGTH_MAX])
{
	_cleanup_(closep) int folder = open_dir(dir), fd = -EBADF;
	char name[NAME_MAX + 1];
	ssize_t size;
	int r = file_name(id, suffix, name);

	if (r < 0)
		return r;
	if (folder < 0)
		return folder;
	fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	size = read(fd, ret, LINE_LENGTH_MAX - 1);
	if (size < 0)
		return -errno;
	ret[size] = 0;
	if (size == 0 || memchr(ret, 0, (size_t)size) || strchr(ret, '\n') != ret + size - 1)
		return -EBADMSG;
	ret[size - 1] = 0;
	return 0;
}

static int write_end(const char *dir, const struct keeping *keeping, enum way way)
{
	_cleanup_(closep) int folder = open_dir(dir);
	char name[NAME_MAX + 1], line[LINE_LENGTH_MAX];
	int r = file_name(keeping->id, "", name);

	if (r < 0)
		return r;
	if (folder < 0)
		return folder;
	(void)snprintf(
		line, sizeof(line), "%" PRIu32 " %" PRId64 "\n", keeping->uid, keeping->until);
	return write_line(folder, name, line, way);
}

int keeping_write(const char *dir, const struct keeping *keeping)
{
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	return write_end(dir, keeping, WAY_REPLACE);
}

int keeping_change(const char *dir, const struct keeping *keeping)
{
	return write_end(dir, keeping, WAY_CHANGE);
}

int keeping_read(const char *dir, const char *id, struct keeping *ret)
{
	struct keeping found = { 0 };
	char line[LINE_LENGTH_MAX], again[LINE_LENGTH_MAX];
	int r = read_line(dir, id, "", line);

	if (r < 0)
		return r;
	if (sscanf(line, "%" SCNu32 " %" SCNd64, &found.uid, &found.until) != 2)
		return -EBADMSG;
	(void)snprintf(again, sizeof(again), "%" PRIu32 " %" PRId64, found.uid, found.until);
	if (strcmp(line, again) != 0)
		return -EBADMSG;
	(void)snprintf(found.id, sizeof(found.id), "%s", id);
	*ret = found;
	return 0;
}

int keeping_bury(const char *dir, const struct keeping_end *end)
{
	_cleanup_(closep) int folder = -EBADF;
	char name[NAME_MAX + 1], line[LINE_LENGTH_MAX];
	int r = file_name(end->id, TOMBSTONE_SUFFIX, name);

	if (r < 0)
		return r;
	if (strchr(end->cause, '\n'))
		return -EINVAL;
	folder = open_dir(dir);
	if (folder < 0)
		return folder;
	(void)snprintf(line, sizeof(line), "%" PRIu32 " %" PRId64 " %s\n", end->uid, end->when,
		end->cause);
	r = write_line(folder, name, line, WAY_NEW);
	return r == -EEXIST ? 0 : r;
}

int keeping_read_end(const char *dir, const char *id, struct keeping_end *ret)
{
	struct keeping_end found = { 0 };
	char line[LINE_LENGTH_MAX];
	int offset = 0, r;

	r = read_line(dir, id, TOMBSTONE_SUFFIX, line);
	if (r < 0)
		return r;
	if (sscanf(line, "%" SCNu32 " %" SCNd64 " %n", &found.uid, &found.when, &offset) != 2 ||
		offset == 0 || strlen(line + offset) >= sizeof(found.cause))
		return -EBADMSG;
	(void)snprintf(found.id, sizeof(found.id), "%s", id);
	(void)snprintf(found.cause, sizeof(found.cause), "%s", line + offset);
	*ret = found;
	return 0;
}

void keeping_lift(const char *dir, const char *id)
{
	_cleanup_(closep) int folder = open_dir(dir);
	char name[NAME_MAX + 1];

	if (folder >= 0 && file_name(id, "", name) == 0)
		(void)unlinkat(folder, name, 0);
}

void keeping_forget(const char *dir, const char *id)
{
	static const char *const suffixes[] = { "", TOMBSTONE_SUFFIX };
	_cleanup_(closep) int folder = open_dir(dir);
	char name[NAME_MAX + 1];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (folder >= 0 && file_name(id, suffixes[i], name) == 0)
			(void)unlinkat(folder, name, 0);
}

bool keeping_others(const char *dir, uint32_t uid, const char *except)
{
	_cleanup_(closedirp) DIR *folder = opendir(dir);
	const struct dirent *entry;

	if (!folder)
		return errno != ENOENT;
	while ((entry = readdir(folder))) {
		struct keeping_end end;
		struct keeping keeping;

		if (!id_is_valid(entry->d_name) || strcmp(entry->d_name, except) == 0)
			continue;
		if (keeping_read_end(dir, entry->d_name, &end) == 0)
			continue;
		if (keeping_read(dir, entry->d_name, &keeping) < 0 || keeping.uid == uid)
			return true;
	}
	return false;
}

int keeping_each(
	const char *dir, int (*each)(void *context, const struct keeping *keeping), void *context)
{
	_cleanup_(closedirp) DIR *folder = opendir(dir);
	const struct dirent *entry;
	int r = 0;

	if (!folder)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && (entry = readdir(folder))) {
		struct keeping_end end;
		struct keeping keeping;

		if (!id_is_valid(entry->d_name) || keeping_read_end(dir, entry->d_name, &end) == 0)
			continue;
		if (keeping_read(dir, entry->d_name, &keeping) == 0)
			r = each(context, &keeping);
	}
	return r;
}

int keeping_each_end(
	const char *dir, int (*each)(void *context, const struct keeping_end *end), void *context)
{
	_cleanup_(closedirp) DIR *folder = opendir(dir);
	const struct dirent *entry;
	int r = 0;

	if (!folder)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && (entry = readdir(folder))) {
		char id[NAME_MAX + 1];
		struct keeping_end end;
		char *suffix;

		(void)snprintf(id, sizeof(id), "%s", entry->d_name);
		suffix = strstr(id, TOMBSTONE_SUFFIX);
		if (!suffix || suffix[sizeof(TOMBSTONE_SUFFIX) - 1])
			continue;
		*suffix = 0;
		if (keeping_read_end(dir, id, &end) == 0)
			r = each(context, &end);
	}
	return r;
}
