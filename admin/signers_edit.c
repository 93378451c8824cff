/* SPDX-License-Identifier: MIT */

/* We add and take out whole lines and touch no other: a file that configuration management writes
 * too keeps its comments and its order. */

#include "admin/signers_edit.h"

#include "lib/cleanup.h"

#include <errno.h>
#include <string.h>

struct line {
	const char *text;
	size_t length;       /* without the line end */
	unsigned int number; /* from 1 */
	struct signer signer;
	char copy[SIGNERS_LINE_MAX + 1]; /* that the signer's texts lie in */
};

/* Moves on to the next line. False behind the last. */
static bool next_line(struct line *line, const char *text)
{
	const char *end = line->text ? line->text + line->length : NULL;

	line->text = end ? end + (*end == '\n') : text;
	if (!*line->text)
		return false;
	line->length = strcspn(line->text, "\n");
	line->number++;
	return true;
}

/* As signer_parse: 0; 1 for an empty line or a comment; -EINVAL. */
static int parse_line(struct line *line, struct problem *problem)
{
	if (line->length > SIGNERS_LINE_MAX)
		return problem_say(
			problem, -EINVAL, "it is longer than %d bytes", SIGNERS_LINE_MAX);
	memcpy(line->copy, line->text, line->length);
	line->copy[line->length] = '\0';
	return signer_parse(line->copy, &line->signer, problem);
}

int signers_each(
	const char *text, int (*each)(void *context, const struct signer *signer), void *context)
{
	_cleanup_(freep) struct line *line = calloc(1, sizeof(*line));

	if (!line)
		return -ENOMEM;
	while (next_line(line, text)) {
		int r = parse_line(line, NULL) == 0 ? each(context, &line->signer) : 0;

		if (r != 0)
			return r;
	}
	return 0;
}

int signers_without(const char *text, const char *principal, char **ret)
{
	_cleanup_(freep) struct line *line = calloc(1, sizeof(*line));
	_cleanup_(freep) char *kept = calloc(1, strlen(text) + 2);
	char *at = kept;
	int left_out = 0;

	if (!line || !kept)
		return -ENOMEM;
	while (next_line(line, text)) {
		if (parse_line(line, NULL) == 0 &&
			strcmp(line->signer.principals, principal) == 0) {
			left_out++;
			continue;
		}
		memcpy(at, line->text, line->length);
		at += line->length;
		*at++ = '\n';
	}
	*ret = TAKE_PTR(kept);
	return left_out;
}

/* Is `name` one of "a,b"? */
static bool is_listed(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (strncmp(list, name, length) == 0 &&
			(list[length] == ',' || list[length] == '\0'))
			return true;
	return false;
}

void signers_lint(const char *text, bool patterns, const char *const namespaces[2],
	void (*each)(void *context, unsigned int line, const char *fault), void *context)
{
	_cleanup_(freep) struct line *line = calloc(1, sizeof(*line));

	while (line && next_line(line, text)) {
		struct problem problem = PROBLEM_NONE;
		int r = parse_line(line, &problem);

		if (r < 0)
			each(context, line->number, problem.text);
		if (r != 0)
			continue;
		if (!patterns && strpbrk(line->signer.principals, "*?!"))
			each(context, line->number,
				"its principal is a pattern: write the exact one, so that one key "
				"is "
				"one person");
		if (!*line->signer.namespaces)
			each(context, line->number,
				"it has no namespaces=\"...\": what was signed for something else "
				"would count");
		for (size_t i = 0; *line->signer.namespaces && i < 2; i++)
			if (!is_listed(line->signer.namespaces, namespaces[i]))
				each(context, line->number,
					"one of our two namespaces is missing in it");
	}
}
