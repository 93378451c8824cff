/* SPDX-License-Identifier: MIT */

/* Configuration: one table of keys, three kinds of files, the last wins.
 *
 * A configuration with an error in it is not used at all: half of what an administrator wrote is
 * something that nobody wrote. All errors are told at once, so that one round of editing does. */

#include "core/config_key.h"
#include "lib/child.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <libeconf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define KEY(name, kind, value, ...)                                                                \
	{                                                                                          \
#name, kind, offsetof(struct config, name), value, __VA_ARGS__                     \
	}

#define MIB (1LL << 20)
#define GIB (1LL << 30)

/* In the order of conf/supportaccess.conf, which tests/unit/config_test.c holds against it. */
static const struct config_key keys[] = {
	KEY(max_scope, CONFIG_SCOPE, "read-write"),
	KEY(max_length, CONFIG_LENGTH, ""),
	KEY(max_sessions, CONFIG_NUMBER, "20", 1, 1000),
	KEY(central, CONFIG_URL, ""),
	KEY(proxy, CONFIG_URL, ""),
	KEY(ca_file, CONFIG_PATH, ""),
	KEY(poll_wait, CONFIG_NUMBER, "50", 1, 50),
	KEY(max_pending, CONFIG_NUMBER, "200", 1, 10000),
	KEY(max_accounts, CONFIG_NUMBER, "10000", 1, 29996),
	KEY(groups_read_only, CONFIG_GROUPS, "adm systemd-journal"),
	KEY(groups_read_write, CONFIG_GROUPS, "adm systemd-journal"),
	KEY(groups_admin, CONFIG_GROUPS, "adm systemd-journal"),
	KEY(hide, CONFIG_PATHS, ""),
	KEY(sockets, CONFIG_PATHS, "", 0, 0, "/run/"),
	KEY(shell, CONFIG_PATH, "/bin/bash"),
	KEY(scratch_size, CONFIG_SIZE, "64M", MIB, 64 * GIB),
	KEY(max_processes, CONFIG_NUMBER, "150", 10, 100000),
	KEY(show_approvers, CONFIG_SWITCH, "no"),
};
#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

struct config_origin {
	char *text;
	char *where; /* NULL: the default */
};

/* One loading: what was read so far, and everything that is wrong with it. */
struct loading {
	struct config config;
	const char *path; /* of the file that is being read */
	econf_file *file;
	unsigned int lines[N_KEYS]; /* where each key stands in it; 0: not yet */
	char errors[PROBLEM_MAX];
};

const struct config_key *config_key_find(const char *name)
{
	for (size_t i = 0; i < N_KEYS; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

/* Joins one more sentence to those that are already said. */
static void add_error(struct loading *loading, const char *sentence)
{
	size_t used = strlen(loading->errors);

	snprintf(loading->errors + used, sizeof(loading->errors) - used, "%s%s", used ? "; " : "",
		sentence);
}

static int remember(
	struct loading *loading, const struct config_key *key, const char *text, unsigned int line)
{
	struct config_origin *origin = &loading->config.origins[key - keys];
	_cleanup_(freep) char *copy = strdup(text), *where = NULL;

	if (!copy || (line && asprintf(&where, "%s:%u", loading->path, line) < 0))
		return -ENOMEM;
	free(origin->text);
	free(origin->where);
	origin->text = TAKE_PTR(copy);
	origin->where = TAKE_PTR(where);
	return 0;
}

static int load_value(struct loading *loading, const struct config_key *key, unsigned int line)
{
	struct problem problem = PROBLEM_NONE, sentence = PROBLEM_NONE;
	_cleanup_(freep) char *text = NULL;
	int r;

	if (econf_getStringValue(loading->file, NULL, key->name, &text) == ECONF_NOMEM)
		return -ENOMEM;
	r = config_value_read(key, text ? text : "", &loading->config, &problem);
	if (r == -EINVAL) {
		problem_say(&sentence, r, "%s:%u: %s: %s", loading->path, line, key->name,
			problem.text);
		add_error(loading, sentence.text);
		return 0;
	}
	return r < 0 ? r : remember(loading, key, text ? text : "", line);
}

static int load_line(void *context, const char *name, unsigned int line, struct problem *problem)
{
	struct loading *loading = context;
	const struct config_key *key = config_key_find(name);
	struct problem sentence = PROBLEM_NONE;
	unsigned int *first;

	(void)problem;
	if (!key) {
		problem_say(
			&sentence, -EINVAL, "%s:%u: unknown key \"%s\"", loading->path, line, name);
		add_error(loading, sentence.text);
		return 0;
	}
	first = &loading->lines[key - keys];
	if (*first) {
		problem_say(&sentence, -EINVAL, "%s:%u: %s stands in line %u already",
			loading->path, line, name, *first);
		add_error(loading, sentence.text);
		return 0;
	}
	*first = line;
	return load_value(loading, key, line);
}

static int ignore_line(void *context, const char *key, unsigned int line, struct problem *problem)
{
	(void)context, (void)key, (void)line, (void)problem;
	return 0;
}

/* Reads one file; a missing one is no error. */
static int load_file(struct loading *loading, const char *path)
{
	struct problem problem = PROBLEM_NONE;
	enum econf_err error;
	int r;

	r = config_lines(path, ignore_line, NULL, &problem);
	if (r == -ENOENT)
		return 0;
	if (r < 0) {
		add_error(loading, problem.text);
		return r == -ENOMEM ? r : 0;
	}
	error = econf_readFile(&loading->file, path, "=", "#");
	if (error != ECONF_SUCCESS && error != ECONF_NOKEY) {
		problem_say(&problem, -EINVAL, "%s: %s", path, econf_errString(error));
		add_error(loading, problem.text);
		return 0;
	}
	loading->path = path;
	memset(loading->lines, 0, sizeof(loading->lines));
	r = config_lines(path, load_line, loading, &problem);
	econf_freeFile(loading->file);
	loading->file = NULL;
	return r;
}

static int is_conf(const struct dirent *entry)
{
	return fnmatch("*.conf", entry->d_name, FNM_PERIOD) == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int load_directory(struct loading *loading, const char *directory)
{
	struct dirent **entries = NULL;
	int n = scandir(directory, &entries, is_conf, by_bytes), r = 0;

	if (n < 0)
		return errno == ENOENT ? 0 : -errno;
	for (int i = 0; i < n; i++) {
		_cleanup_(freep) char *path = NULL;

		if (r == 0 && asprintf(&path, "%s/%s", directory, entries[i]->d_name) < 0)
			r = -ENOMEM;
		if (r == 0)
			r = load_file(loading, path);
		free(entries[i]);
	}
	free(entries);
	return r;
}

static int load_defaults(struct loading *loading)
{
	int r = 0;

	loading->config.origins = calloc(N_KEYS, sizeof(*loading->config.origins));
	if (!loading->config.origins)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < N_KEYS; i++) {
		r = config_value_read(&keys[i], keys[i].value, &loading->config, NULL);
		if (r == 0)
			r = remember(loading, &keys[i], keys[i].value, 0);
	}
	return r;
}

static int load_all(struct loading *loading, const char *vendor_dir, const char *etc_dir)
{
	_cleanup_(freep) char *vendor = NULL, *site = NULL, *directory = NULL;
	int r;

	if (asprintf(&vendor, "%s/supportaccess.conf", vendor_dir) < 0 ||
		asprintf(&site, "%s/supportaccess.conf", etc_dir) < 0 ||
		asprintf(&directory, "%s/conf.d", etc_dir) < 0)
		return -ENOMEM;
	r = load_defaults(loading);
	if (r == 0)
		r = load_file(loading, vendor);
	if (r == 0)
		r = load_file(loading, site);
	if (r == 0)
		r = load_directory(loading, directory);
	return r;
}

static int finish(struct loading *loading, int r, const char *where, struct config *ret,
	struct problem *problem)
{
	if (r == 0 && loading->errors[0])
		r = problem_say(problem, -EINVAL, "%s", loading->errors);
	if (r < 0) {
		config_done(&loading->config);
		return problem_say(
			problem, r, "cannot read the configuration in %s: %s", where, strerror(-r));
	}
	*ret = loading->config;
	return 0;
}

int config_load(
	const char *vendor_dir, const char *etc_dir, struct config *ret, struct problem *problem)
{
	struct loading loading = { 0 };
	int r = load_all(&loading, vendor_dir, etc_dir);

	return finish(&loading, r, etc_dir, ret, problem);
}

/* Without spaces around "=", so that no line is longer than it was. */
int config_write(const struct config *config)
{
	_cleanup_(freep) char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	bool failed;

	if (!file)
		return -ENOMEM;
	for (size_t i = 0; i < N_KEYS; i++)
		if (config->origins[i].where)
			fprintf(file, "%s=%s\n", keys[i].name, config->origins[i].text);
	failed = ferror(file);
	if (fclose(file) != 0 || failed)
		return -ENOMEM;
	return child_file("settings", text, size);
}

int config_read(int fd, struct config *ret, struct problem *problem)
{
	struct loading loading = { 0 };
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (access(path, R_OK) < 0) /* a file that is missing would be no error, as elsewhere */
		return problem_say(
			problem, -errno, "no settings were handed over as descriptor %d", fd);
	r = load_defaults(&loading);
	if (r == 0)
		r = load_file(&loading, path);
	return finish(&loading, r, path, ret, problem);
}

void config_done(struct config *config)
{
	struct config_list *lists[] = { &config->groups_read_only, &config->groups_read_write,
		&config->groups_admin, &config->hide, &config->sockets };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		config_list_done(lists[i]);
	for (size_t i = 0; config->origins && i < N_KEYS; i++) {
		free(config->origins[i].text);
		free(config->origins[i].where);
	}
	free(config->origins);
	*config = (struct config){ 0 };
}

void config_each(const struct config *config,
	void (*each)(void *context, const char *key, const char *value, const char *origin),
	void *context)
{
	for (size_t i = 0; i < N_KEYS; i++) {
		const struct config_origin *origin = &config->origins[i];

		each(context, keys[i].name, origin->text,
			origin->where ? origin->where : "default");
	}
}
