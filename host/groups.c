/* SPDX-License-Identifier: MIT */

/* By a bounded child, as for accounts: a group may be a directory's, and a directory may hang. The
 * child is most of what publishing costs, and a group's number hardly ever changes, so an answer
 * holds for a minute; nscd would keep it for an hour. */

#include "host/groups.h"
#include "lib/child.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PATH_GETENT    "/usr/bin/getent"
#define GETENT_MISSING 2
#define GROUPS_MS      2000
#define KEPT_S         60
#define KEPT_MAX       3 /* one for each scope */
#define NAMES_MAX      1024

struct kept {
	char names[NAMES_MAX];
	gid_t gids[CONFIG_LIST_MAX];
	size_t n;
	time_t until;
};

/* The third field of "name:x:gid:members". */
static int parse_line(const char *line, gid_t *ret)
{
	const char *gid = strchr(line, ':');
	uint64_t value;
	char after;

	gid = gid ? strchr(gid + 1, ':') : NULL;
	if (!gid || sscanf(gid + 1, "%10" SCNu64 "%c", &value, &after) != 2 || after != ':' ||
		value >= UINT32_MAX)
		return -EBADMSG;
	*ret = (gid_t)value;
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

static int ask(const struct config_list *names, gid_t *ret, size_t max, size_t *ret_n)
{
	const char *argv[CONFIG_LIST_MAX + 3] = { PATH_GETENT, "group" };
	struct child child = { .path = PATH_GETENT, .argv = argv, .timeout_ms = GROUPS_MS };
	struct child_result result;
	int r;

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

static time_t seconds(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* The names in one text, or false if there are too many to be kept. */
static bool join(const struct config_list *names, char ret[static NAMES_MAX])
{
	size_t used = 0;

	for (size_t i = 0; i < names->n_items; i++) {
		int n = snprintf(ret + used, NAMES_MAX - used, "%s ", names->items[i]);

		if (n < 0 || (size_t)n >= NAMES_MAX - used)
			return false;
		used += (size_t)n;
	}
	return true;
}

int groups_resolve(const struct config_list *names, gid_t *ret, size_t max, size_t *ret_n)
{
	static struct kept kept[KEPT_MAX];
	static size_t next;
	char text[NAMES_MAX];
	bool keep = join(names, text);
	int r;

	*ret_n = 0;
	if (names->n_items == 0)
		return 0;
	for (size_t i = 0; keep && i < KEPT_MAX; i++) {
		if (seconds() >= kept[i].until || strcmp(kept[i].names, text) != 0 ||
			kept[i].n > max)
			continue;
		memcpy(ret, kept[i].gids, kept[i].n * sizeof(ret[0]));
		*ret_n = kept[i].n;
		return 0;
	}
	r = ask(names, ret, max, ret_n);
	if (r < 0 || !keep)
		return r;
	kept[next] = (struct kept){ .n = *ret_n, .until = seconds() + KEPT_S };
	memcpy(kept[next].names, text, sizeof(text));
	memcpy(kept[next].gids, ret, *ret_n * sizeof(ret[0]));
	next = (next + 1) % KEPT_MAX;
	return 0;
}
