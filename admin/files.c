/* SPDX-License-Identifier: MIT */

/* nsswitch.conf half written is a machine that nobody logs in to: nothing here is ever edited in
 * place. */

#include "admin/files.h"

#include "lib/child.h"
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define RUN_TIMEOUT_MS 30000

int files_read(const char *path, char **ret, struct problem *problem)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	_cleanup_(freep) char *text = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0 || fstat(fd, &st) < 0)
		return problem_say(problem, -errno, "cannot read %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size > FILES_MAX)
		return problem_say(problem, -EINVAL, "%s is no file, or larger than 256 KiB", path);
	text = calloc(1, (size_t)st.st_size + 1);
	if (!text)
		return -ENOMEM;
	n = file_read(fd, text, (size_t)st.st_size);
	if (n < 0)
		return problem_say(problem, (int)n, "cannot read %s: %s", path, strerror((int)-n));
	*ret = TAKE_PTR(text);
	return 0;
}

/* Mode and owner of the file that is being replaced, or `mode` and our own. */
static int take_attributes(int fd, const char *path, mode_t mode)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno != ENOENT || fchmod(fd, mode) < 0 ? -errno : 0;
	if (fchown(fd, st.st_uid, st.st_gid) < 0 || fchmod(fd, st.st_mode & 07777) < 0)
		return -errno;
	return 0;
}

static int sync_folder(const char *path)
{
	_cleanup_(freep) char *copy = strdup(path);
	_cleanup_(closep) int fd = -EBADF;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

static int write_beside(const char *beside, const char *path, const char *text, mode_t mode)
{
	_cleanup_(closep) int fd = -EBADF;
	int r;

	(void)unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = file_write(fd, text, strlen(text));
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r == 0)
		r = take_attributes(fd, path, mode);
	if (r == 0 && rename(beside, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(beside);
	return r < 0 ? r : sync_folder(path);
}

int files_replace(const char *path, const char *text, mode_t mode, struct problem *problem)
{
	_cleanup_(freep) char *beside = NULL, *real = realpath(path, NULL);
	const char *target = real ? real : path; /* a link stays one */
	int r;

	if (asprintf(&beside, "%s.supportaccess-new", target) < 0)
		return -ENOMEM;
	r = write_beside(beside, target, text, mode);
	if (r < 0)
		return problem_say(problem, r, "cannot write %s: %s", target, strerror(-r));
	return 0;
}

int files_first_line(const char *path, char **ret)
{
	_cleanup_(freep) char *text = NULL;
	int r = files_read(path, &text, NULL);

	if (r < 0)
		return r;
	/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): a failed call left errno > 0 */
	text[strcspn(text, "\r\n")] = '\0';
	if (!*text)
		return -ENODATA;
	*ret = TAKE_PTR(text);
	return 0;
}

int files_folder(const char *path, mode_t mode, struct problem *problem)
{
	_cleanup_(freep) char *copy = strdup(path);
	int r;

	if (!copy)
		return -ENOMEM;
	if (mkdir(path, mode) == 0 || errno == EEXIST)
		return 0;
	if (errno == ENOENT) {
		r = files_folder(dirname(copy), 0755, problem);
		if (r < 0)
			return r;
		if (mkdir(path, mode) == 0)
			return 0;
	}
	return problem_say(problem, -errno, "cannot make %s: %s", path, strerror(errno));
}

int files_run(const char *const *argv, char **ret_output, struct problem *problem)
{
	static const char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		"LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", NULL };
	_cleanup_(child_result_done) struct child_result result = { 0 };
	const struct child child = {
		.path = argv[0], .argv = argv, .envp = environment, .timeout_ms = RUN_TIMEOUT_MS
	};
	int r = child_run(&child, &result);

	if (r < 0)
		return problem_say(problem, r, "cannot run %s: %s", argv[0], strerror(-r));
	if (result.status != 0)
		return problem_say(problem, -EIO, "%s %s failed (%d): %s", argv[0],
			argv[1] ? argv[1] : "", result.status,
			result.error_size ? result.error : result.output);
	if (ret_output)
		*ret_output = TAKE_PTR(result.output);
	return 0;
}
