/* SPDX-License-Identifier: MIT */

/* What libeconf does not tell.
 *
 * Tried with libeconf 0.5.1: of a repeated key it returns the first value, for both; a line
 * without "=" is silently appended to the value before it, and so is an indented one; a line
 * longer than BUFSIZ counts as two; "#" within a value cuts it; a NUL byte hides the rest of the
 * line. Every one of these would be a setting that is not what its file says. So each line must
 * be empty, a comment, or KEY = VALUE, and only then does libeconf get to read the file. */

#include "core/config_key.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

DEFINE_CLEANUP(FILE *, fclose)

/* Cuts the white space off both ends, in place. */
static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length && strchr(" \t", text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

static const char *forbidden(const char *line, size_t length)
{
	if (length > CONFIG_LINE_MAX)
		return "the line is longer than 4096 bytes";
	for (size_t i = 0; i < length; i++)
		if (line[i] != '\t' && iscntrl((unsigned char)line[i]))
			return "there is a control character (a file with DOS line ends?)";
	return NULL;
}

/* Why "KEY = VALUE" is not one; NULL and the key if it is. */
static const char *split(char *line, const char **ret_key)
{
	char *equals = strchr(line, '='), *hash;

	if (*line == '[')
		return "there are no sections in this file";
	if (!equals)
		return "there is no \"=\": a setting is KEY = VALUE on one line";
	hash = strchr(equals, '#');
	if (hash && !strchr(" \t=", hash[-1]))
		return "\"#\" begins a comment and cannot be part of a value";
	*equals = '\0';
	*ret_key = trim(line);
	if (!**ret_key)
		return "there is no key before \"=\"";
	return NULL;
}

static int open_file(const char *path, FILE **ret, struct problem *problem)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	FILE *file;

	if (fd < 0 || fstat(fd, &st) < 0)
		return problem_say(problem, -errno, "cannot read %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return problem_say(problem, -EINVAL, "%s is not a file", path);
	if (st.st_size > CONFIG_FILE_MAX)
		return problem_say(problem, -EINVAL, "%s is larger than 256 KiB", path);
	file = fdopen(fd, "re");
	if (!file)
		return -errno;
	(void)TAKE_FD(fd);
	*ret = file;
	return 0;
}

int config_lines(const char *path,
	int (*each)(void *context, const char *key, unsigned int line, struct problem *problem),
	void *context, struct problem *problem)
{
	_cleanup_(fclosep) FILE *file = NULL;
	_cleanup_(freep) char *line = NULL;
	const char *key = NULL, *why;
	char *text;
	size_t size = 0;
	ssize_t length;
	int r;

	r = open_file(path, &file, problem);
	if (r < 0)
		return r;
	for (unsigned int number = 1; (length = getline(&line, &size, file)) >= 0; number++) {
		if (length && line[length - 1] == '\n')
			line[--length] = '\0';
		why = forbidden(line, (size_t)length);
		text = trim(line);
		if (!why && (!*text || *text == '#'))
			continue;
		if (!why)
			why = split(text, &key);
		if (why)
			return problem_say(problem, -EINVAL, "%s:%u: %s", path, number, why);
		r = each(context, key, number, problem);
		if (r < 0)
			return r;
	}
	return ferror(file) ? problem_say(problem, -EIO, "cannot read %s", path) : 0;
}
