/* SPDX-License-Identifier: MIT */

/* Publishing a view: written beside the old one, renamed over it.
 *
 * The order matters. A reader that kept the old map learns only from the `superseded` word that it
 * must look at the path again, so the word is set before the rename: between the two it opens the
 * old file once more, finds it still marked, and asks again next time. The other way round, a
 * crash in between would leave readers on an old file for ever.
 *
 * Nothing is fsynced: the view lies on a tmpfs and is written anew from the store at each start. */

#include "lib/view.h"

#include "lib/cleanup.h"
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

static int write_file(const char *path, const uint8_t *bytes, size_t length)
{
	_cleanup_(closep) int fd = -EBADF;

	if (unlink(path) < 0 && errno != ENOENT) /* left by a writer that was killed */
		return -errno;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	if (fchmod(fd, 0644) < 0) /* whatever the umask */
		return -errno;
	return file_write(fd, bytes, length);
}

int view_mark_superseded(const char *path)
{
	static const uint32_t word = VIEW_SUPERSEDED;
	_cleanup_(closep) int fd = -EBADF;
	struct stat st;

	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) /* a link and a pipe are not read either: there is nothing to mark */
		return errno == ENOENT || errno == ELOOP || errno == ENXIO ? 0 : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	/* No look at the rest: readers may hold it from before it was damaged. */
	if (!S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(struct view_header))
		return 0;
	if (pwrite(fd, &word, sizeof(word), offsetof(struct view_header, superseded)) < 0)
		return -errno;
	return 0;
}

int view_publish(const char *path, const struct view_account *accounts, size_t count)
{
	_cleanup_(freep) uint8_t *bytes = NULL;
	char beside[PATH_MAX];
	size_t length = 0;
	int r;

	if ((size_t)snprintf(beside, sizeof(beside), "%s.new", path) >= sizeof(beside))
		return -ENAMETOOLONG;
	r = view_build(accounts, count, &bytes, &length);
	if (r < 0)
		return r;
	r = write_file(beside, bytes, length);
	if (r == 0)
		r = view_mark_superseded(path);
	if (r == 0 && rename(beside, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(beside);
	return r;
}
