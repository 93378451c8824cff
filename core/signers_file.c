/* SPDX-License-Identifier: MIT */

/* Files are read once and handed on as bytes: who verifies a signature under another user sees
 * exactly what was checked here, and needs no right to read /etc. */

#include "core/signers.h"
#include "core/signers_files.h"
#include "lib/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Bytes of several files. */
struct pile {
	char *bytes;
	size_t size;
};

static void pile_done(struct pile *pile)
{
	free(pile->bytes);
}

/* Whoever can write there can open this host. */
static int check_owner(const char *path, const struct stat *st, struct problem *problem)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return problem_say(problem, -EPERM,
			"%s belongs to uid %u and is not read: whoever can write to it decides who "
			"is let in (sudo chown root: %s)",
			path, (unsigned)st->st_uid, path);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return problem_say(problem, -EPERM,
			"%s can be written by others than its owner and is not read (sudo chmod "
			"go-w %s)",
			path, path);
	return 0;
}

static int trusted_open(const char *path, int flags, struct problem *problem)
{
	/* O_NONBLOCK: a FIFO in the way must not make us wait for its writer. */
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
	struct stat st;
	int r;

	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0 || fstat(fd, &st) < 0)
		return problem_say(problem, -errno, "cannot read %s: %s", path, strerror(errno));
	if (!(flags & O_DIRECTORY) && !S_ISREG(st.st_mode))
		return problem_say(problem, -EPERM, "%s is not a file", path);
	r = check_owner(path, &st, problem);
	return r < 0 ? r : TAKE_FD(fd);
}

int trusted_read(
	const char *path, size_t max, char **ret, size_t *ret_size, struct problem *problem)
{
	_cleanup_(closep) int fd = trusted_open(path, 0, problem);
	_cleanup_(freep) char *bytes = NULL;
	ssize_t n;

	if (fd < 0)
		return fd;
	bytes = malloc(max + 1);
	if (!bytes)
		return -ENOMEM;
	n = file_read(fd, bytes, max + 1);
	if (n < 0)
		return problem_say(problem, (int)n, "cannot read %s: %s", path, strerror((int)-n));
	if ((size_t)n > max)
		return problem_say(
			problem, -EFBIG, "%s has more than %zu bytes and is not read", path, max);
	bytes[n] = '\0';
	*ret = TAKE_PTR(bytes);
	*ret_size = (size_t)n;
	return 0;
}

static int is_read(const struct dirent *entry)
{
	return !strchr(entry->d_name, '.') && !strchr(entry->d_name, '~');
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int each_below(const struct signers *signers, signers_file_fn *each, void *context,
	struct problem *problem)
{
	_cleanup_(closep) int fd = trusted_open(signers->directory, O_DIRECTORY, problem);
	struct dirent **entries = NULL;
	int r = 0, count;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	count = scandirat(fd, ".", &entries, is_read, by_name);
	if (count < 0)
		return problem_say(
			problem, -errno, "cannot read %s: %s", signers->directory, strerror(errno));
	if (count > SIGNERS_FILES_MAX)
		r = problem_say(problem, -EFBIG, "%s has more than %d files", signers->directory,
			SIGNERS_FILES_MAX);
	for (int i = 0; i < count; i++) {
		_cleanup_(freep) char *path = NULL;

		if (r == 0 && asprintf(&path, "%s/%s", signers->directory, entries[i]->d_name) < 0)
			r = -ENOMEM;
		if (r == 0)
			r = each(context, path, problem);
		free(entries[i]);
	}
	free(entries);
	return r;
}

int signers_each_file(const struct signers *signers, signers_file_fn *each, void *context,
	struct problem *problem)
{
	int r = each(context, signers->file, problem);

	if (r != 0 || !signers->directory)
		return r;
	return each_below(signers, each, context, problem);
}

static int add_file(void *context, const char *path, struct problem *problem)
{
	struct pile *pile = context;
	_cleanup_(freep) char *bytes = NULL;
	char *grown;
	size_t size;
	int r = signers_file_read(path, &bytes, &size, problem);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (size > SIGNERS_FILE_MAX - pile->size)
		return problem_say(problem, -EFBIG,
			"%s: the files of signers have more than %d bytes together", path,
			SIGNERS_FILE_MAX);
	grown = realloc(pile->bytes, pile->size + size + 2);
	if (!grown)
		return -ENOMEM;
	memcpy(grown + pile->size, bytes, size);
	pile->bytes = grown;
	pile->size += size;
	if (size > 0 && bytes[size - 1] != '\n')
		pile->bytes[pile->size++] = '\n';
	pile->bytes[pile->size] = '\0';
	return 0;
}

int signers_read(
	const struct signers *signers, char **ret, size_t *ret_size, struct problem *problem)
{
	_cleanup_(pile_done) struct pile pile = { 0 };
	int r = signers_each_file(signers, add_file, &pile, problem);

	if (r < 0)
		return r;
	*ret = pile.bytes ? TAKE_PTR(pile.bytes) : strdup("");
	*ret_size = pile.size;
	return *ret ? 0 : -ENOMEM;
}
