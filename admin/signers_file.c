/* SPDX-License-Identifier: MIT */

/* ssh-keygen judges these files; we only write lines that say exactly one thing, and tell of lines
 * that say more than their author may have meant. */

#include "admin/signers_file.h"

#include "lib/cleanup.h"
#include "lib/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t"

/* The end of a word; blanks within double quotes belong to it. */
static const char *word_end(const char *word)
{
	bool quoted = false;

	for (; *word && (quoted || !strchr(BLANKS, *word)); word++)
		if (*word == '"')
			quoted = !quoted;
	return word;
}

static const char *next_word(const char *end)
{
	return end + strspn(end, BLANKS);
}

static int copy_span(char *ret, size_t ret_size, const char *from, const char *end)
{
	size_t length = (size_t)(end - from);

	if (length >= ret_size)
		return -ENOBUFS;
	memcpy(ret, from, length);
	ret[length] = '\0';
	return 0;
}

static bool is_key_type(const char *word)
{
	static const char *const types[] = { "ssh-", "ecdsa-sha2-", "sk-" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strncmp(word, types[i], strlen(types[i])) == 0)
			return true;
	return false;
}

/* cert-authority,namespaces="a,b",valid-after="..." */
static int read_options(
	const char *word, const char *end, struct signer_line *ret, struct problem *problem)
{
	static const char *const known[] = { "cert-authority", "namespaces=\"", "valid-after=\"",
		"valid-before=\"" };

	while (word < end) {
		const char *stop = word, *quote;
		size_t i = 0;

		for (bool quoted = false; stop < end && (quoted || *stop != ','); stop++)
			if (*stop == '"')
				quoted = !quoted;
		while (i < 4 && strncasecmp(word, known[i], strlen(known[i])) != 0)
			i++;
		if (i == 4)
			return problem_say(problem, -EINVAL, "unknown option \"%.*s\"",
				(int)(stop - word), word);
		ret->authority = ret->authority || i == 0;
		quote = memchr(word, '"', (size_t)(stop - word));
		if (i == 1 &&
			(stop - quote < 2 || copy_span(ret->namespaces, sizeof(ret->namespaces),
						     quote + 1, stop - 1) < 0))
			return problem_say(problem, -EINVAL, "namespaces that make no sense");
		word = stop + (stop < end);
	}
	return 0;
}

int signer_line_read(const char *line, struct signer_line *ret, struct problem *problem)
{
	struct signer_line signer = { 0 };
	const char *word = line + strspn(line, BLANKS), *end = word_end(word), *base64;
	int r = 0;

	if (!*word || *word == '#')
		return SIGNER_NONE;
	if (copy_span(signer.principals, sizeof(signer.principals), word, end) < 0)
		return problem_say(problem, -EINVAL, "its principals are longer than 255 bytes");
	word = next_word(end);
	end = word_end(word);
	if (!is_key_type(word)) {
		r = read_options(word, end, &signer, problem);
		word = next_word(end);
		end = word_end(word);
	}
	if (r < 0)
		return r;
	base64 = next_word(end);
	if (copy_span(signer.key, sizeof(signer.key), word, word_end(base64)) < 0 ||
		!key_is_plain(signer.key))
		return problem_say(problem, -EINVAL, "there is no public key in it");
	*ret = signer;
	return SIGNER_ONE;
}

int signers_without(const char *text, const char *principal, char **ret)
{
	_cleanup_(freep) char *kept = calloc(1, strlen(text) + 2);
	int left_out = 0;
	char *at = kept;

	if (!kept)
		return -ENOMEM;
	while (*text) {
		size_t length = strcspn(text, "\n");
		struct signer_line signer = { 0 };
		char line[SIGNERS_FILE_LINE_MAX];

		if (copy_span(line, sizeof(line), text, text + length) == 0 &&
			signer_line_read(line, &signer, NULL) == SIGNER_ONE &&
			strcmp(signer.principals, principal) == 0) {
			left_out++;
		} else {
			memcpy(at, text, length);
			at += length;
			*at++ = '\n';
		}
		text += length + (text[length] == '\n');
	}
	*ret = TAKE_PTR(kept);
	return left_out;
}

static void lint_line(const struct signer_line *signer, unsigned int number, bool patterns,
	const char *const namespaces[2],
	void (*each)(void *context, unsigned int line, const char *fault), void *context)
{
	if (!patterns && strpbrk(signer->principals, "*?!"))
		each(context, number,
			"its principal is a pattern: write the exact principal, so that one key is "
			"one person");
	if (!*signer->namespaces)
		each(context, number,
			"it has no namespaces=\"...\": a signature that was made for something "
			"else "
			"would count");
	for (size_t i = 0; *signer->namespaces && i < 2; i++)
		if (!strstr(signer->namespaces, namespaces[i]))
			each(context, number, "one of our two namespaces is missing in it");
}

void signers_lint(const char *text, bool patterns, const char *const namespaces[2],
	void (*each)(void *context, unsigned int line, const char *fault), void *context)
{
	for (unsigned int number = 1; *text; number++) {
		struct problem problem = PROBLEM_NONE;
		size_t length = strcspn(text, "\n");
		struct signer_line signer;
		char line[SIGNERS_FILE_LINE_MAX];
		int r;

		if (copy_span(line, sizeof(line), text, text + length) < 0) {
			each(context, number, "it is longer than 4095 bytes");
		} else {
			r = signer_line_read(line, &signer, &problem);
			if (r < 0)
				each(context, number, problem.text);
			else if (r == SIGNER_ONE)
				lint_line(&signer, number, patterns, namespaces, each, context);
		}
		text += length + (text[length] == '\n');
	}
}
