/* SPDX-License-Identifier: MIT */

/* By a bounded child, as for accounts: a group may be a directory's, and a directory may hang. */

#include "host/groups.h"
#include "lib/child.h"

#include <stdio.h>
#include <string.h>

#define PATH_GETENT    "/usr/bin/getent"
#define GETENT_MISSING 2
#define GROUPS_MS      2000

/* The third field of "name:x:gid:members". */
static int parse_line(const char *line, gid_t *ret)
{
	const char *gid = strchr(line, ':');
	unsigned value;
	char after;

	gid = gid ? strchr(gid + 1, ':') : NULL;
	if (!gid || sscanf(gid + 1, "%9u%c", &value, &after) != 2 || after != ':')
		return -EBADMSG;
	*ret = value;
	return 0;
}

static int parse_output(char *output, gid_t *ret, size_t max, size_t *ret_n)
{
	size_t n = 0;
	char *save = NULL;

	for (char *line = strtok_r(output, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (n == max)
			return -E2BIG;
		if (parse_line(line, &ret[n]) == 0)
			n++;
	}
	*ret_n = n;
	return 0;
}

int groups_resolve(const struct config_list *names, gid_t *ret, size_t max, size_t *ret_n)
{
	const char *argv[CONFIG_LIST_MAX + 3] = { PATH_GETENT, "group" };
	struct child child = { .path = PATH_GETENT, .argv = argv, .timeout_ms = GROUPS_MS };
	struct child_result result;
	int r;

	*ret_n = 0;
	if (names->n_items == 0)
		return 0;
	for (size_t i = 0; i < names->n_items; i++)
		argv[2 + i] = names->items[i];
	r = child_run(&child, &result);
	if (r < 0)
		return r;
	if (result.status != 0 && result.status != GETENT_MISSING)
		r = -EIO;
	else
		r = parse_output(result.output, ret, max, ret_n);
	child_result_done(&result);
	return r;
}
