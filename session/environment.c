/* SPDX-License-Identifier: MIT */

/* A list of what is kept, never of what is dropped: LD_PRELOAD, BASH_ENV and whatever comes next
 * are not named here. */

#include "session/environment.h"
#include "lib/account.h"
#include "lib/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* The characters that a kept value may have: none that means anything to a shell, and no slash in
 * what programs use as a part of a file name. */
#define OF_NAMES     LETTERS "._+@-"
#define OF_ADDRESSES LETTERS ".:% -"
#define OF_TERMINALS LETTERS "/_-"

static const struct {
	const char *name, *characters;
} kept[] = {
	{ "TERM", OF_NAMES },
	{ "LANG", OF_NAMES },
	{ "LC_ALL", OF_NAMES },
	{ "LC_COLLATE", OF_NAMES },
	{ "LC_CTYPE", OF_NAMES },
	{ "LC_MESSAGES", OF_NAMES },
	{ "LC_MONETARY", OF_NAMES },
	{ "LC_NUMERIC", OF_NAMES },
	{ "LC_TIME", OF_NAMES },
	{ "SSH_CONNECTION", OF_ADDRESSES },
	{ "SSH_TTY", OF_TERMINALS },
};

static int add(struct environment *environment, const char *name, const char *value)
{
	char *variable;

	if (environment->n >= ENVIRONMENT_MAX)
		return -E2BIG;
	if (asprintf(&variable, "%s=%s", name, value) < 0)
		return -ENOMEM;
	environment->variables[environment->n++] = variable;
	environment->variables[environment->n] = NULL;
	return 0;
}

static const char *find(char *const *old, const char *name)
{
	size_t length = strlen(name);

	for (; *old; old++)
		if (strncmp(*old, name, length) == 0 && (*old)[length] == '=')
			return *old + length + 1;
	return NULL;
}

static bool is_harmless(const char *value, const char *characters)
{
	size_t length = strspn(value, characters);

	return length > 0 && length < ENVIRONMENT_VALUE_MAX && !value[length];
}

static int keep(struct environment *environment, char *const *old)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(kept) / sizeof(kept[0]); i++) {
		const char *value = find(old, kept[i].name);

		if (value && is_harmless(value, kept[i].characters))
			r = add(environment, kept[i].name, value);
	}
	return r;
}

int environment_build(
	char *const *old, const char *home, const char *shell, struct environment *ret)
{
	const char *slash = strrchr(home, '/');
	const char *const made[][2] = {
		{ "HOME", home },
		{ "USER", slash ? slash + 1 : "" },
		{ "LOGNAME", slash ? slash + 1 : "" },
		{ "SHELL", shell },
		{ "PATH", ENVIRONMENT_PATH },
	};
	int r = 0;

	if (!slash || !account_name_is_ours(slash + 1) || shell[0] != '/')
		return -EINVAL;
	ret->n = 0;
	for (size_t i = 0; r == 0 && i < sizeof(made) / sizeof(made[0]); i++)
		r = add(ret, made[i][0], made[i][1]);
	return r < 0 ? r : keep(ret, old);
}
