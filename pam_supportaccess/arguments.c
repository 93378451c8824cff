/* SPDX-License-Identifier: MIT */

/* Arguments as a table: a name, whether it has a value, and who takes it. */

#include "pam_supportaccess/arguments.h"

#include "lib/paths.h"

#include <errno.h>
#include <security/pam_ext.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

static bool take_debug(struct arguments *arguments, const char *value)
{
	(void)value;
	arguments->debug = true;
	return true;
}

static bool take_socket(struct arguments *arguments, const char *value)
{
	arguments->socket = value;
	return value[0] == '/';
}

/* "1500ms", "2s" or plain seconds, "2". */
static bool take_timeout(struct arguments *arguments, const char *value)
{
	char *end;
	long number;

	if (value[0] < '0' || value[0] > '9')
		return false;
	errno = 0;
	number = strtol(value, &end, 10);
	if (errno != 0 || number > TIMEOUT_MAX_MS)
		return false;
	if (strcmp(end, "s") == 0 || *end == '\0')
		number *= 1000;
	else if (strcmp(end, "ms") != 0)
		return false;
	if (number < TIMEOUT_MIN_MS || number > TIMEOUT_MAX_MS)
		return false;
	arguments->timeout_ms = (int)number;
	return true;
}

static const struct {
	const char *name; /* with its `=`, if a value follows */
	bool (*take)(struct arguments *arguments, const char *value);
} table[] = {
	{ "debug", take_debug },
	{ "socket=", take_socket },
	{ "timeout=", take_timeout },
};

/* The value behind `name` in `word`, or NULL if `word` is another argument. */
static const char *value_of(const char *word, const char *name)
{
	size_t length = strlen(name);
	bool has_value = name[length - 1] == '=';

	if (strncmp(word, name, length) != 0 || (!has_value && word[length]))
		return NULL;
	return word + length;
}

static void read_one(pam_handle_t *pam, const char *word, struct arguments *arguments)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct arguments changed = *arguments;
		const char *value = value_of(word, table[i].name);

		if (!value)
			continue;
		if (table[i].take(&changed, value))
			*arguments = changed;
		else
			pam_syslog(pam, LOG_WARNING,
				"ignoring \"%s\": socket= takes an absolute path, timeout= a "
				"length "
				"from %d ms to %d s",
				word, TIMEOUT_MIN_MS, TIMEOUT_MAX_MS / 1000);
		return;
	}
	pam_syslog(pam, LOG_WARNING,
		"ignoring the unknown argument \"%s\"; known are debug, socket= and timeout=",
		word);
}

void arguments_read(pam_handle_t *pam, int argc, const char **argv, struct arguments *ret)
{
	*ret = (struct arguments){
		.socket = PATH_CONTROL_SOCKET,
		.timeout_ms = TIMEOUT_DEFAULT_MS,
	};
	for (int i = 0; i < argc; i++)
		read_one(pam, argv[i], ret);
}
