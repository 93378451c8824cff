/* SPDX-License-Identifier: MIT */

/* The key line is a lock of its own: shut, its forced command refuses whatever else goes wrong;
 * open, it forces the login shell. `restrict` first, so that what a newer sshd may come to allow
 * is not allowed here. */

#include "host/publish_keys.h"
#include "lib/paths.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define OPEN_LINE "restrict,pty,command=\"" PATH_LOGIN_SHELL "\" %s %s\n"
#define SHUT_LINE "restrict,command=\"" PATH_NOLOGIN "\" %s %s\n"
#define FILE_MAX  (KEYS_OF_ACCOUNT_MAX * (DOCUMENT_KEY_MAX + 256))

static bool is_written(int dir_fd, const char *name, const char *text)
{
	_cleanup_(closep) int fd = -EBADF;
	char now[FILE_MAX + 1];
	struct stat st;
	ssize_t n;

	fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
		(st.st_mode & 07777) != 0644)
		return false;
	n = read(fd, now, sizeof(now));
	return n == (ssize_t)strlen(text) && memcmp(now, text, (size_t)n) == 0;
}

/* On a tmpfs: nothing to sync, a rename is enough for all who are alive. */
static int write_file(int dir_fd, const char *name, const char *text)
{
	_cleanup_(closep) int fd = -EBADF;
	char temporary[64];
	int r = 0;

	snprintf(temporary, sizeof(temporary), ".%s.new", name);
	(void)unlinkat(dir_fd, temporary, 0);
	fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	if (fchmod(fd, 0644) < 0)
		r = -errno;
	else if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		r = -ENOSPC;
	else if (renameat(dir_fd, temporary, dir_fd, name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(dir_fd, temporary, 0);
	return r;
}

int publish_keys(int dir_fd, const char *name, const struct key_line *lines, size_t n_lines)
{
	char text[FILE_MAX + 1] = "";
	size_t used = 0;

	for (size_t i = 0; i < n_lines; i++) {
		int n = snprintf(text + used, sizeof(text) - used,
			lines[i].open ? OPEN_LINE : SHUT_LINE, lines[i].key, name);

		if (n < 0 || (size_t)n >= sizeof(text) - used)
			return -ENOBUFS;
		used += (size_t)n;
	}
	return is_written(dir_fd, name, text) ? 0 : write_file(dir_fd, name, text);
}

int publish_keys_prune(int dir_fd, size_t expected,
	bool (*is_known)(void *context, const char *name), void *context)
{
	int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;
	size_t n = 0;
	int r = 0;

	if (!dir) {
		r = -errno;
		if (copy >= 0)
			(void)close(copy);
		return r;
	}
	while ((entry = readdir(dir)))
		n += account_name_is_ours(entry->d_name);
	rewinddir(dir);
	while (n > expected && (entry = readdir(dir)))
		if (account_name_is_ours(entry->d_name) && !is_known(context, entry->d_name) &&
			unlinkat(dir_fd, entry->d_name, 0) < 0)
			r = -errno;
	(void)closedir(dir);
	return r;
}
