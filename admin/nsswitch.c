/* SPDX-License-Identifier: MIT */

/* Ours comes last: every other source is asked first, and wins. */

#include "admin/nsswitch.h"

#include "lib/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t"

static const char *const databases[] = { "passwd", "group" };
#define N_DATABASES (sizeof(databases) / sizeof(databases[0]))

/* The sources of a line "passwd: files systemd # why", or NULL if it is another line. */
static const char *sources_of(const char *line, const char *database)
{
	size_t length = strlen(database);

	line += strspn(line, BLANKS);
	if (strncmp(line, database, length) != 0)
		return NULL;
	line += length + strspn(line + length, BLANKS);
	return *line == ':' ? line + 1 : NULL;
}

static const char *line_end(const char *line)
{
	return line + strcspn(line, "\n");
}

/* The end of the sources: before a comment and the blanks in front of it. */
static const char *sources_end(const char *sources)
{
	const char *end = sources + strcspn(sources, "#\n");

	while (end > sources && strchr(BLANKS, end[-1]))
		end--;
	return end;
}

/* Our word in [sources, end), or NULL. */
static const char *find_word(const char *sources, const char *end)
{
	const size_t length = strlen(NSSWITCH_SERVICE);

	while (sources < end) {
		size_t word;

		sources += strspn(sources, BLANKS);
		word = strcspn(sources, BLANKS "[#\n");
		if (word == length && strncmp(sources, NSSWITCH_SERVICE, length) == 0)
			return sources;
		sources += word ? word : 1;
	}
	return NULL;
}

/* The text up to `at`, `middle`, and the rest from `rest` on. */
static char *splice(const char *text, const char *at, const char *middle, const char *rest)
{
	char *joined = NULL;

	if (asprintf(&joined, "%.*s%s%s", (int)(at - text), text, middle, rest) < 0)
		return NULL;
	return joined;
}

/* The first line of `database` in the text; its sources, or NULL. */
static const char *find_line(const char *text, const char *database)
{
	while (*text) {
		const char *sources = sources_of(text, database);

		if (sources)
			return sources;
		text = line_end(text);
		text += *text == '\n';
	}
	return NULL;
}

/* Replaces *text. 0, 1: nothing to do, or a negative errno. */
static int add_to(char **text, const char *database)
{
	const char *sources = find_line(*text, database);
	char *changed;

	if (!sources)
		return -ENODATA;
	if (find_word(sources, sources_end(sources)))
		return 1;
	changed = splice(*text, sources_end(sources), " " NSSWITCH_SERVICE, sources_end(sources));
	if (!changed)
		return -ENOMEM;
	free(*text);
	*text = changed;
	return 0;
}

/* The same for the first of our words in the line. */
static int remove_word(char **text, const char *database)
{
	const char *sources = find_line(*text, database), *word, *before;
	char *changed;

	word = sources ? find_word(sources, sources_end(sources)) : NULL;
	if (!word)
		return 1;
	for (before = word; before > sources && strchr(BLANKS, before[-1]);)
		before--;
	changed = splice(*text, before, "", word + strlen(NSSWITCH_SERVICE));
	if (!changed)
		return -ENOMEM;
	free(*text);
	*text = changed;
	return 0;
}

static int remove_from(char **text, const char *database)
{
	int r = remove_word(text, database);

	if (r != 0)
		return r;
	while (r == 0)
		r = remove_word(text, database);
	return r < 0 ? r : 0;
}

static int edit(const char *text, int (*edit_one)(char **text, const char *database), char **ret)
{
	_cleanup_(freep) char *copy = strdup(text);
	int unchanged = 0;

	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < N_DATABASES; i++) {
		int r = edit_one(&copy, databases[i]);

		if (r < 0)
			return r;
		unchanged += r;
	}
	*ret = TAKE_PTR(copy);
	return unchanged == N_DATABASES;
}

int nsswitch_add(const char *text, char **ret)
{
	return edit(text, add_to, ret);
}

int nsswitch_remove(const char *text, char **ret)
{
	return edit(text, remove_from, ret);
}

/* Does "[...=return]" stand between? `[SUCCESS=return]` is what happens anyway. */
static bool is_barred(const char *sources, const char *word)
{
	for (const char *action = sources; (action = memchr(action, '[', (size_t)(word - action)));
		action++)
		if (strncasecmp(action, "[NOTFOUND=return", 16) == 0 ||
			strncasecmp(action, "[!SUCCESS=return", 16) == 0)
			return true;
	return false;
}

enum nsswitch_place nsswitch_find(const char *text, const char *database)
{
	const char *sources = find_line(text, database), *end, *word, *after;

	if (!sources)
		return NSSWITCH_MISSING;
	end = sources_end(sources);
	word = find_word(sources, end);
	if (!word)
		return NSSWITCH_MISSING;
	if (is_barred(sources, word))
		return NSSWITCH_BARRED;
	after = word + strlen(NSSWITCH_SERVICE);
	return after == end ? NSSWITCH_LAST : NSSWITCH_EARLIER;
}
