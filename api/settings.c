/* SPDX-License-Identifier: MIT */

/* A file that others could read is refused rather than repaired: whoever reads the sentence must
 * know that the token may be known to others. */

#include "api/settings.h"
#include "core/json.h"
#include "lib/file.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
	const char *key;
	size_t offset, size;
} fields[] = {
#define FIELD(name)                                                                                \
	{                                                                                          \
#name, offsetof(struct settings, name), sizeof(((struct settings *)0)->name)       \
	}
	FIELD(url),
	FIELD(role),
	FIELD(name),
	FIELD(customer),
	FIELD(full_name),
	FIELD(team),
	FIELD(token),
	FIELD(key),
	FIELD(ca_file),
#undef FIELD
};
#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

static int format_path(char *ret, size_t ret_size, const char *folder, const char *file)
{
	return (size_t)snprintf(ret, ret_size, "%s/%s", folder, file) < ret_size ? 0
										 : -ENAMETOOLONG;
}

static int make_folder(const char *path, struct problem *problem)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return problem_say(problem, -errno, "cannot make %s: %s", path, strerror(errno));
	return 0;
}

int settings_folder(char *ret, size_t ret_size, struct problem *problem)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char config[PATH_MAX];
	struct stat st;
	int r;

	if (base && base[0] == '/')
		r = format_path(config, sizeof(config), base, "");
	else if (home && home[0] == '/')
		r = format_path(config, sizeof(config), home, ".config");
	else
		return problem_say(problem, -ENOENT,
			"neither XDG_CONFIG_HOME nor HOME says where your settings are");
	if (r == 0)
		r = format_path(ret, ret_size, config, "supportaccess");
	if (r < 0)
		return problem_say(problem, r, "the path of your settings is too long");
	r = make_folder(config, problem);
	if (r == 0)
		r = make_folder(ret, problem);
	if (r < 0)
		return r;
	if (lstat(ret, &st) < 0)
		return problem_say(problem, -errno, "%s: %s", ret, strerror(errno));
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077))
		return problem_say(problem, -EPERM,
			"%s must be a folder of yours that nobody else may enter: chmod 700 %s",
			ret, ret);
	return 0;
}

static int check_private(int fd, const char *path, struct problem *problem)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return problem_say(problem, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077))
		return problem_say(problem, -EPERM,
			"others may read %s, so its token is no longer secret: remove the file and "
			"log in again",
			path);
	return 0;
}

static int read_all(
	int fd, const char *path, char ret[static SETTINGS_MAX + 1], struct problem *problem)
{
	ssize_t n = file_read(fd, ret, SETTINGS_MAX + 1);

	if (n < 0)
		return problem_say(problem, (int)n, "%s: %s", path, strerror((int)-n));
	if (n > SETTINGS_MAX)
		return problem_say(
			problem, -EFBIG, "%s is larger than %d bytes", path, SETTINGS_MAX);
	ret[n] = '\0';
	return 0;
}

static int take_fields(
	const char *text, const char *path, struct settings *ret, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *object = NULL;
	const char *fault;

	*ret = (struct settings){ 0 };
	if (json_parse(text, strlen(text), SETTINGS_DEPTH_MAX, &object, &fault) < 0)
		return problem_say(problem, -EBADMSG, "%s is damaged: log in again", path);
	for (size_t i = 0; i < N_FIELDS; i++) {
		struct json_object *value = NULL;
		const char *got;

		if (!json_object_object_get_ex(object, fields[i].key, &value))
			continue;
		got = json_object_get_string(value);
		if (!got || strlen(got) >= fields[i].size)
			return problem_say(problem, -EBADMSG,
				"%s: \"%s\" is too long: log in again", path, fields[i].key);
		memcpy((char *)ret + fields[i].offset, got, strlen(got) + 1);
	}
	return 0;
}

int settings_load(
	const char *file, const char *login_line, struct settings *ret, struct problem *problem)
{
	char folder[PATH_MAX - 64], path[PATH_MAX], text[SETTINGS_MAX + 1];
	_cleanup_(closep) int fd = -EBADF;
	int r;

	r = settings_folder(folder, sizeof(folder), problem);
	if (r < 0)
		return r;
	r = format_path(path, sizeof(path), folder, file);
	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return problem_say(problem, -ENOENT, "you are not logged in: %s", login_line);
	if (fd < 0)
		return problem_say(problem, -errno, "%s: %s", path, strerror(errno));
	r = check_private(fd, path, problem);
	if (r == 0)
		r = read_all(fd, path, text, problem);
	if (r == 0)
		r = take_fields(text, path, ret, problem);
	explicit_bzero(text, sizeof(text));
	return r;
}

int settings_write(const char *file, const char *bytes, size_t size, struct problem *problem)
{
	char folder[PATH_MAX - 64], path[PATH_MAX], temporary[PATH_MAX + 16];
	_cleanup_(closep) int fd = -EBADF;
	int r;

	r = settings_folder(folder, sizeof(folder), problem);
	if (r < 0)
		return r;
	r = format_path(path, sizeof(path), folder, file);
	if (r < 0)
		return r;
	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	fd = mkostemp(temporary, O_CLOEXEC); /* born 0600 */
	if (fd < 0)
		return problem_say(problem, -errno, "%s: %s", temporary, strerror(errno));
	r = file_write(fd, bytes, size);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlink(temporary);
		return problem_say(problem, r, "cannot write %s: %s", path, strerror(-r));
	}
	return 0;
}

int settings_save(const char *file, const struct settings *settings, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *object = json_object_new_object();
	const char *text;

	for (size_t i = 0; i < N_FIELDS; i++)
		json_object_object_add(object, fields[i].key,
			json_object_new_string((const char *)settings + fields[i].offset));
	text = json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	return settings_write(file, text, strlen(text), problem);
}

int settings_open(const struct settings *settings, const char *user_agent, struct api **ret,
	struct problem *problem)
{
	struct api_settings api = { .url = settings->url,
		.token = settings->token,
		.ca_file = settings->ca_file,
		.user_agent = user_agent,
		.timeout_ms = API_TIMEOUT_MS };

	return api_open(&api, ret, problem);
}
