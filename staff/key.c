/* SPDX-License-Identifier: MIT */

#include "staff/key.h"

#include "core/signature.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static bool strip(char *path, const char *suffix)
{
	size_t len = strlen(path), n = strlen(suffix);

	if (len <= n || strcmp(path + len - n, suffix) != 0)
		return false;
	path[len - n] = '\0';
	return true;
}

static int join(char ret[static PATH_MAX], const char *a, const char *b)
{
	return (size_t)snprintf(ret, PATH_MAX, "%s%s", a, b) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* "type base64 comment" without the comment. */
static int take_plain(char *line, char ret[static DOCUMENT_KEY_MAX + 1])
{
	char *type_end = strchr(line, ' ');
	size_t len;

	if (!type_end)
		return -EINVAL;
	len = (size_t)(type_end - line) + 1 + strcspn(type_end + 1, " \r\n");
	if (len > DOCUMENT_KEY_MAX)
		return -EINVAL;
	memcpy(ret, line, len);
	ret[len] = '\0';
	return 0;
}

static int read_plain(
	const char *base, char ret[static DOCUMENT_KEY_MAX + 1], struct problem *problem)
{
	char path[PATH_MAX], line[DOCUMENT_KEY_MAX * 2];
	_cleanup_(closep) int fd = -EBADF;
	ssize_t n;

	if (join(path, base, ".pub") < 0)
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return problem_say(problem, -errno, "%s: %s", path, strerror(errno));
	n = read(fd, line, sizeof(line) - 1);
	if (n < 0)
		return problem_say(problem, -errno, "%s: %s", path, strerror(errno));
	line[n] = '\0';
	if (take_plain(line, ret) < 0)
		return problem_say(problem, -EINVAL, "%s is no public key", path);
	return 0;
}

int key_find(const struct arguments *arguments, const struct settings *settings,
	struct agent_key *ret, struct problem *problem)
{
	const char *given = argument(arguments, "key"), *home = getenv("HOME");
	int r;

	if (!given && settings->key[0])
		given = settings->key;
	if (given)
		r = join(ret->private, given, "");
	else
		r = join(ret->private, home ? home : "", "/.ssh/id_ed25519");
	if (r < 0)
		return r;
	if (!strip(ret->private, "-cert.pub"))
		(void)strip(ret->private, ".pub");
	r = join(ret->certificate, ret->private, "-cert.pub");
	if (r < 0)
		return r;
	if (access(ret->certificate, R_OK) < 0)
		return problem_say(problem, -ENOENT,
			"there is no certificate %s: let your agent authority sign %s.pub, or name "
			"another key with --key",
			ret->certificate, ret->private);
	return read_plain(ret->private, ret->plain, problem);
}

int key_sign(const struct agent_key *key, enum document_type type, const char *bytes, size_t size,
	char **ret_signature, size_t *ret_size, struct problem *problem)
{
	return signature_make(
		key->certificate, type, true, bytes, size, ret_signature, ret_size, problem);
}
