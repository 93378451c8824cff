/* SPDX-License-Identifier: MIT */

/* Asks the other sources, and only them: getent with the services of nsswitch.conf's passwd line
 * without ours. A child, because a name service module may hang, and in here it would hang us. */

#include "host/accounts.h"
#include "lib/child.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_GETENT    "/usr/bin/getent"
#define PATH_NSSWITCH  "/etc/nsswitch.conf"
#define SERVICES_MAX   512
#define PROBE_MS       2000
#define PROBE_EACH_MS  200 /* more, for every key behind the first */
#define LIST_MS        5000
#define LIST_MAX       (16 * 1024 * 1024)
#define GETENT_MISSING 2 /* its exit status when a key was not found */

/* Copies the words of `line` but ours and an action in brackets behind it: "passwd: files ldap". */
static int other_services(const char *database, char *line, char ret[static SERVICES_MAX])
{
	size_t used = (size_t)snprintf(ret, SERVICES_MAX, "%s:", database);
	bool ours = false;
	char *save = NULL;

	for (char *word = strtok_r(line, " \t\n", &save); word;
		word = strtok_r(NULL, " \t\n", &save)) {
		ours = strcmp(word, "supportaccess") == 0 || (ours && word[0] == '[');
		if (ours)
			continue;
		if (used + strlen(word) + 2 > SERVICES_MAX)
			return -ENOBUFS;
		used += (size_t)snprintf(ret + used, SERVICES_MAX - used, " %s", word);
	}
	return 0;
}

static int read_services(const char *database, char ret[static SERVICES_MAX])
{
	size_t length = strlen(database);
	FILE *file = fopen(PATH_NSSWITCH, "re");
	char line[SERVICES_MAX];
	bool found = false;
	int r = 0;

	while (file && !found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "#")] = '\0';
		if (strncmp(line, database, length) != 0 || line[length] != ':')
			continue;
		found = true;
		r = other_services(database, line + length + 1, ret);
	}
	if (file)
		(void)fclose(file);
	if (!found)
		snprintf(ret, SERVICES_MAX, "%s:files", database);
	return r;
}

int accounts_probe_system(const struct account_key *keys, size_t n)
{
	char services[SERVICES_MAX], numbers[ACCOUNTS_PROBE_MAX][16];
	const char *argv[4 + 2 * ACCOUNTS_PROBE_MAX + 1] = { PATH_GETENT, "-s", services,
		"passwd" };
	struct child child = { .path = PATH_GETENT, .argv = argv };
	struct child_result result;
	size_t used = 4;
	int r;

	if (n == 0) /* of no key at all getent lists everybody */
		return 0;
	if (n > ACCOUNTS_PROBE_MAX)
		return -E2BIG;
	child.timeout_ms = PROBE_MS + PROBE_EACH_MS * ((int)n - 1);
	r = read_services("passwd", services);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		if (keys[i].name)
			argv[used++] = keys[i].name;
		if (keys[i].uid == 0)
			continue;
		snprintf(numbers[i], sizeof(numbers[i]), "%" PRIu32, keys[i].uid);
		argv[used++] = numbers[i];
	}
	r = child_run(&child, &result);
	if (r < 0)
		return r;
	if (result.status != 0 && result.status != GETENT_MISSING)
		r = -EIO;
	else
		r = result.output_size > 0;
	child_result_done(&result);
	return r;
}

bool accounts_uid_is_alone(uint32_t uid)
{
	return accounts_probe_system(&(struct account_key){ .uid = uid }, 1) == 0;
}

/* "name:x:uid:..." Takes `line` apart. */
static int each_foreign_line(
	char *line, int (*each)(void *context, const char *name, uint32_t uid), void *context)
{
	char *fields[3], *end;
	unsigned long uid;

	for (size_t i = 0; i < 3; i++) {
		fields[i] = strsep(&line, ":");
		if (!fields[i])
			return 0;
	}
	errno = 0;
	uid = strtoul(fields[2], &end, 10);
	if (errno || *end || end == fields[2] || uid > UINT32_MAX)
		return 0;
	if (!account_name_is_ours(fields[0]) && !account_uid_is_ours((uid_t)uid))
		return 0;
	return each(context, fields[0], (uint32_t)uid);
}

int accounts_each_foreign(int (*each)(void *context, const char *name, uint32_t uid), void *context)
{
	char services[SERVICES_MAX];
	const char *const argv[] = { PATH_GETENT, "-s", services, "passwd", NULL };
	const struct child child = {
		.path = PATH_GETENT, .argv = argv, .timeout_ms = LIST_MS, .output_max = LIST_MAX
	};
	_cleanup_(child_result_done) struct child_result result = { 0 };
	char *rest, *line;
	int r = read_services("passwd", services);

	if (r == 0)
		r = child_run(&child, &result);
	rest = result.output;
	while (r == 0 && (line = strsep(&rest, "\n")))
		r = each_foreign_line(line, each, context);
	return r;
}

int accounts_foreign_group(char ret[static ACCOUNT_FOREIGN_GROUP_MAX])
{
	char services[SERVICES_MAX], gids[ACCOUNT_GROUPS][16];
	const char *const argv[] = { PATH_GETENT, "-s", services, "group", ACCOUNT_GROUP,
		ACCOUNT_GROUP_READONLY, ACCOUNT_GROUP_READWRITE, ACCOUNT_GROUP_ADMIN, gids[0],
		gids[1], gids[2], gids[3], NULL };
	const struct child child = { .path = PATH_GETENT, .argv = argv, .timeout_ms = PROBE_MS };
	_cleanup_(child_result_done) struct child_result result = { 0 };
	char *rest, *name, *gid;
	int r = read_services("group", services);

	for (uint32_t i = 0; i < ACCOUNT_GROUPS; i++)
		(void)snprintf(gids[i], sizeof(gids[i]), "%u", ACCOUNT_GID + i);
	if (r == 0)
		r = child_run(&child, &result);
	if (r < 0)
		return r;
	rest = result.output;
	name = rest ? strsep(&rest, ":") : NULL;
	if (!name || !*name)
		return result.status == 0 || result.status == GETENT_MISSING ? 0 : -EIO;
	(void)strsep(&rest, ":");
	gid = rest ? strsep(&rest, ":") : NULL;
	(void)snprintf(ret, ACCOUNT_FOREIGN_GROUP_MAX, "%s (%s)", name, gid ? gid : "");
	return 1;
}
