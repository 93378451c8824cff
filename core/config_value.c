/* SPDX-License-Identifier: MIT */

/* Values of the configuration, one reader for each kind. A reader writes the member only when
 * the text is all that it may be. */

#include "core/config_key.h"
#include "lib/moment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER(config, key, type) ((type *)(void *)((char *)(config) + (key)->offset))

static int read_scope(const struct config_key *key, const char *text, struct config *config,
	struct problem *problem)
{
	enum scope scope = scope_from_name(text);

	if (scope == SCOPE_NONE)
		return problem_say(problem, -EINVAL,
			"\"%s\" is no scope: read-only, read-write or admin", text);
	*MEMBER(config, key, enum scope) = scope;
	return 0;
}

static int read_length(const struct config_key *key, const char *text, struct config *config,
	struct problem *problem)
{
	int64_t seconds = 0;

	if (*text && length_parse(text, &seconds) < 0)
		return problem_say(problem, -EINVAL,
			"\"%s\" is no length of time from 1 s to 400 days, like 4h or 3d", text);
	*MEMBER(config, key, int64_t) = seconds;
	return 0;
}

/* Decimal digits alone, within the key's limits once multiplied. */
static int read_digits(
	const struct config_key *key, const char *text, size_t length, int64_t factor, int64_t *ret)
{
	int64_t number = 0;

	if (!length || strspn(text, "0123456789") < length)
		return -EINVAL;
	for (size_t i = 0; i < length; i++)
		if (__builtin_mul_overflow(number, 10, &number) ||
			__builtin_add_overflow(number, text[i] - '0', &number))
			return -ERANGE;
	if (__builtin_mul_overflow(number, factor, &number) || number < key->min ||
		number > key->max)
		return -ERANGE;
	*ret = number;
	return 0;
}

static int read_number(const struct config_key *key, const char *text, struct config *config,
	struct problem *problem)
{
	if (read_digits(key, text, strlen(text), 1, MEMBER(config, key, int64_t)) < 0)
		return problem_say(problem, -EINVAL, "\"%s\" is no whole number from %lld to %lld",
			text, (long long)key->min, (long long)key->max);
	return 0;
}

static int read_size(const struct config_key *key, const char *text, struct config *config,
	struct problem *problem)
{
	static const char units[] = "KMG";
	size_t length = strlen(text);
	const char *unit = length ? strchr(units, text[length - 1]) : NULL;
	int64_t factor = unit ? (int64_t)1024 << (10 * (unit - units)) : 1;

	if (read_digits(key, text, length - (unit != NULL), factor, MEMBER(config, key, int64_t)) <
		0)
		return problem_say(problem, -EINVAL, "\"%s\" is no size from %lldM to %lldG", text,
			(long long)(key->min >> 20), (long long)(key->max >> 30));
	return 0;
}

static int read_switch(const struct config_key *key, const char *text, struct config *config,
	struct problem *problem)
{
	bool yes = strcmp(text, "yes") == 0;

	if (!yes && strcmp(text, "no") != 0)
		return problem_say(problem, -EINVAL, "\"%s\" is neither yes nor no", text);
	*MEMBER(config, key, bool) = yes;
	return 0;
}

static int take_text(const struct config_key *key, const char *text, struct config *config,
	struct problem *problem)
{
	size_t length = strlen(text);

	if (length >= CONFIG_TEXT_MAX)
		return problem_say(
			problem, -EINVAL, "the value is longer than %d bytes", CONFIG_TEXT_MAX - 1);
	memcpy(MEMBER(config, key, char), text, length + 1);
	return 0;
}

static int read_url(const struct config_key *key, const char *text, struct config *config,
	struct problem *problem)
{
	bool http = strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;

	if (*text && (!http || strpbrk(text, " \t\"<>\\")))
		return problem_say(
			problem, -EINVAL, "\"%s\" is no https:// or http:// address", text);
	return take_text(key, text, config, problem);
}

/* Absolute, without "..", and below what the key says. */
static int check_path(const struct config_key *key, const char *path, struct problem *problem)
{
	const char *below = key->below ? key->below : "/";

	if (strncmp(path, below, strlen(below)) != 0)
		return problem_say(problem, -EINVAL, "\"%s\" is no path below %s", path, below);
	if (strstr(path, "/../") || strstr(path, "//") ||
		(strlen(path) >= 3 && strcmp(path + strlen(path) - 3, "/..") == 0))
		return problem_say(problem, -EINVAL,
			"\"%s\" has \"..\" or \"//\" in it: write the path itself", path);
	return 0;
}

static int read_path(const struct config_key *key, const char *text, struct config *config,
	struct problem *problem)
{
	int r = *text ? check_path(key, text, problem) : 0;

	return r < 0 ? r : take_text(key, text, config, problem);
}

static int check_group(const struct config_key *key, const char *name, struct problem *problem)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char more[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.-";

	(void)key;
	if (!strchr(first, *name) || name[strspn(name, more)] || strlen(name) > 32)
		return problem_say(problem, -EINVAL, "\"%s\" is no name of a group", name);
	return 0;
}

void config_list_done(struct config_list *list)
{
	for (size_t i = 0; i < list->n_items; i++)
		free(list->items[i]);
	*list = (struct config_list){ 0 };
}

/* Replaces the list by the words of `text`, each of which passed `check`. */
static int read_words(const struct config_key *key, const char *text, struct config *config,
	int (*check)(const struct config_key *key, const char *word, struct problem *problem),
	struct problem *problem)
{
	_cleanup_(config_list_done) struct config_list list = { 0 };
	_cleanup_(freep) char *copy = strdup(text);
	char *save = NULL;
	int r;

	if (!copy)
		return -ENOMEM;
	for (char *word = strtok_r(copy, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
		r = check(key, word, problem);
		if (r < 0)
			return r;
		if (list.n_items == CONFIG_LIST_MAX)
			return problem_say(
				problem, -EINVAL, "there are more than %d words", CONFIG_LIST_MAX);
		list.items[list.n_items] = strdup(word);
		if (!list.items[list.n_items])
			return -ENOMEM;
		list.n_items++;
	}
	config_list_done(MEMBER(config, key, struct config_list));
	*MEMBER(config, key, struct config_list) = list;
	list = (struct config_list){ 0 };
	return 0;
}

static int read_groups(const struct config_key *key, const char *text, struct config *config,
	struct problem *problem)
{
	return read_words(key, text, config, check_group, problem);
}

static int read_paths(const struct config_key *key, const char *text, struct config *config,
	struct problem *problem)
{
	return read_words(key, text, config, check_path, problem);
}

int config_value_read(const struct config_key *key, const char *text, struct config *config,
	struct problem *problem)
{
	static int (*const readers[])(const struct config_key *key, const char *text,
		struct config *config, struct problem *problem) = {
		[CONFIG_SCOPE] = read_scope,
		[CONFIG_LENGTH] = read_length,
		[CONFIG_NUMBER] = read_number,
		[CONFIG_SIZE] = read_size,
		[CONFIG_SWITCH] = read_switch,
		[CONFIG_URL] = read_url,
		[CONFIG_PATH] = read_path,
		[CONFIG_GROUPS] = read_groups,
		[CONFIG_PATHS] = read_paths,
	};

	return readers[key->kind](key, text, config, problem);
}
