/* SPDX-License-Identifier: MIT */

/* Our reading of ALLOWED SIGNERS, for listing, editing and warning. What counts for a signature is
 * ssh-keygen's reading of the same bytes. Ours is the stricter one, and is asked first: where
 * ssh-keygen skips a line that it cannot read, whoever wrote the line should hear of it. */

#include "core/signers.h"

#include "core/signers_files.h"
#include "lib/text.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t"

/* Takes a word off `*at`, in double quotes or up to a blank; NULL if there is none. */
static char *take_word(char **at)
{
	char *word = *at + strspn(*at, BLANKS), *end;

	if (*word == '\0')
		return NULL;
	if (*word == '"') {
		end = strchr(++word, '"');
		if (!end || (end[1] && !strchr(BLANKS, end[1])))
			return NULL;
	} else {
		end = word + strcspn(word, BLANKS "\"");
		if (*end == '"')
			return NULL;
	}
	*at = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static const struct option {
	const char *name;
	size_t offset; /* of its text in struct signer */
} options[] = {
	{ "namespaces", offsetof(struct signer, namespaces) },
	{ "valid-after", offsetof(struct signer, valid_after) },
	{ "valid-before", offsetof(struct signer, valid_before) },
};

static const struct option *option_find(const char *name, size_t size)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strlen(options[i].name) == size && !strncasecmp(options[i].name, name, size))
			return &options[i];
	return NULL;
}

/* Takes name="value" off `*at`, with nothing of it left behind. */
static int take_option(char **at, struct signer *signer, struct problem *problem)
{
	char *name = *at, *value, *end;
	size_t length = strcspn(name, "=\"," BLANKS);
	const struct option *option = option_find(name, length);

	if (!option)
		return problem_say(problem, -EINVAL, "unknown option \"%.*s\"",
			(int)(length < 40 ? length : 40), name);
	if (name[length] != '=' || name[length + 1] != '"' ||
		!(end = strchr(value = name + length + 2, '"')) || end == value)
		return problem_say(
			problem, -EINVAL, "the option is written %s=\"...\"", option->name);
	if (**(const char **)((char *)signer + option->offset))
		return problem_say(problem, -EINVAL, "the option %s stands twice", option->name);
	*(const char **)((char *)signer + option->offset) = value;
	*end = '\0';
	*at = end + 1;
	return 0;
}

static int take_options(char **at, struct signer *signer, struct problem *problem)
{
	static const char authority[] = "cert-authority";
	const size_t length = sizeof(authority) - 1;
	int r;

	for (;; (*at)++) {
		if (!strncasecmp(*at, authority, length) && strchr("," BLANKS, (*at)[length])) {
			signer->authority = true;
			*at += length;
		} else {
			r = take_option(at, signer, problem);
			if (r < 0)
				return r;
		}
		if (**at != ',')
			break;
	}
	return **at && strchr(BLANKS, **at)
		       ? 0
		       : problem_say(problem, -EINVAL, "a blank belongs behind the options");
}

/* The key is the rest of the line, "type base64 comment", with any number of blanks. */
static int take_key(char *at, struct signer *signer, struct problem *problem)
{
	char *type = take_word(&at), *base64 = type ? take_word(&at) : NULL;
	size_t type_size, base64_size;

	if (!base64)
		return problem_say(problem, -EINVAL, "there is no public key");
	/* Side by side again, with the one blank that a plain key has. */
	type_size = strlen(type);
	base64_size = strlen(base64);
	memmove(type + type_size + 1, base64, base64_size + 1);
	type[type_size] = ' ';
	if (!key_is_plain(type) || key_fingerprint(type, signer->fingerprint) < 0)
		return problem_say(
			problem, -EINVAL, "\"%.40s...\" is no public key that may sign", type);
	signer->key = type;
	signer->comment = at + strspn(at, BLANKS);
	return 0;
}

static bool has_key_here(const char *at)
{
	return !strncmp(at, "ssh-", 4) || !strncmp(at, "ecdsa-", 6) || !strncmp(at, "sk-", 3);
}

int signer_parse(char *line, struct signer *ret, struct problem *problem)
{
	struct signer signer = { .namespaces = "", .valid_after = "", .valid_before = "" };
	char *at = line;
	int r = 0;

	for (char *tab = line; (tab = strchr(tab, '\t'));)
		*tab = ' ';
	if (!text_is_plain(line, strlen(line)))
		return problem_say(
			problem, -EINVAL, "the line has control characters or is not UTF-8");
	at += strspn(at, BLANKS);
	if (*at == '\0' || *at == '#')
		return 1;
	signer.principals = take_word(&at);
	if (!signer.principals || !*signer.principals)
		return problem_say(problem, -EINVAL, "there is no principal");
	at += strspn(at, BLANKS);
	if (*at && !has_key_here(at))
		r = take_options(&at, &signer, problem);
	if (r == 0)
		r = take_key(at, &signer, problem);
	if (r < 0)
		return r;
	*ret = signer;
	return 0;
}

int signers_each_line(const char *path, char *bytes, size_t size,
	int (*each)(void *context, const struct signer *signer), void *context,
	struct problem *problem)
{
	char *at = bytes, *end = bytes + size, *next;

	for (size_t number = 1; at < end; at = next, number++) {
		struct problem why = PROBLEM_NONE;
		size_t length = strcspn(at, "\n");
		struct signer signer;
		int r;

		next = at + length + 1;
		if (length > SIGNERS_LINE_MAX || (at + length < end && at[length] != '\n'))
			r = problem_say(&why, -EINVAL, "the line is too long or has a NUL");
		else {
			at[length] = '\0';
			r = signer_parse(at, &signer, &why);
		}
		if (r < 0)
			return problem_say(problem, r, "%s:%zu: %s", path, number, why.text);
		if (r > 0)
			continue;
		signer.file = path;
		signer.line = number;
		r = each(context, &signer);
		if (r != 0)
			return r;
	}
	return 0;
}

static int ignore_signer(void *context, const struct signer *signer)
{
	(void)context;
	(void)signer;
	return 0;
}

int signers_file_read(const char *path, char **ret, size_t *ret_size, struct problem *problem)
{
	_cleanup_(freep) char *bytes = NULL, *copy = NULL;
	size_t size;
	int r = trusted_read(path, SIGNERS_FILE_MAX, &bytes, &size, problem);

	if (r < 0)
		return r;
	copy = malloc(size + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, bytes, size + 1);
	r = signers_each_line(path, copy, size, ignore_signer, NULL, problem);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(bytes);
	*ret_size = size;
	return 0;
}

struct listing {
	int (*each)(void *context, const struct signer *signer);
	void *context;
};

static int list_file(void *context, const char *path, struct problem *problem)
{
	const struct listing *listing = context;
	_cleanup_(freep) char *bytes = NULL;
	size_t size;
	int r = trusted_read(path, SIGNERS_FILE_MAX, &bytes, &size, problem);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return signers_each_line(path, bytes, size, listing->each, listing->context, problem);
}

int signers_list(const struct signers *signers,
	int (*each)(void *context, const struct signer *signer), void *context,
	struct problem *problem)
{
	struct listing listing = { each, context };

	return signers_each_file(signers, list_file, &listing, problem);
}
