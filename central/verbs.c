/* SPDX-License-Identifier: MIT */

#include "central/verbs.h"

#include "lib/moment.h"
#include "lib/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int verb_open(const struct arguments *arguments, bool create, struct central **ret,
	struct problem *problem)
{
	const char *path = argument(arguments, "database");

	return central_open(path ? path : DATABASE_DEFAULT, create, ret, problem);
}

int verb_option(const struct arguments *arguments, const char *name, const char **ret,
	struct problem *problem)
{
	*ret = argument(arguments, name);
	if (*ret)
		return 0;
	return problem_say(problem, -EINVAL, "--%s is missing", name);
}

static int check_form(const char *what, const char *name, size_t max, const char *alphabet,
	struct problem *problem)
{
	size_t length = strlen(name);

	if (length > 0 && length <= max && strspn(name, alphabet) == length && name[0] != '-' &&
		name[0] != '.' && name[0] != '@' && name[0] != '_')
		return 0;
	return problem_say(problem, -EINVAL,
		"\"%s\" cannot be the name of %s: 1 to %zu of %s, a letter or digit first", name,
		what, max, strchr(alphabet, 'A') ? "A-Z a-z 0-9 . _ @ -" : "a-z 0-9 -");
}

int verb_check_name(const char *what, const char *name, size_t max, struct problem *problem)
{
	return check_form(what, name, max, "abcdefghijklmnopqrstuvwxyz0123456789-", problem);
}

int verb_check_principal(const char *what, const char *name, struct problem *problem)
{
	return check_form(what, name, DOCUMENT_PRINCIPAL_MAX,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@-", problem);
}

int verb_check_text(const char *what, const char *text, size_t max, struct problem *problem)
{
	if (strlen(text) <= max && text_is_plain(text, strlen(text)))
		return 0;
	return problem_say(problem, -EINVAL,
		"\"%s\" cannot be %s: at most %zu bytes of UTF-8 without control characters", text,
		what, max);
}

int verb_said(const struct arguments *arguments, bool changed, const char *format, ...)
{
	va_list values;

	if (output_asked(arguments) == OUTPUT_JSON) {
		printf("{\"schema\": 1, \"changed\": %s}\n", changed ? "true" : "false");
		return EXIT_DONE;
	}
	va_start(values, format);
	vprintf(format, values);
	va_end(values);
	printf("%s\n", changed ? "" : " Nothing changed.");
	return EXIT_DONE;
}

int verb_code_ends(const struct arguments *arguments, int64_t *ret, struct problem *problem)
{
	const char *text = argument(arguments, "for");
	int64_t length = CODE_LENGTH;

	if (text && length_parse(text, &length) < 0)
		return problem_say(problem, -EINVAL, "--for %s is no length, as 4h or 3d", text);
	*ret = moment_now() + length;
	return 0;
}

int verb_make_code(struct central *central, const struct code_row *code, struct secret *ret)
{
	int r = secret_make_code(ret);

	return r < 0 ? r : central_code_add(central, ret->hash, code, moment_now());
}

int verb_show_secret(const struct arguments *arguments, const char *name,
	const struct secret *secret, int64_t ends, const char *format, ...)
{
	char until[MOMENT_TEXT_MAX], rfc[32];
	va_list values;

	moment_rfc3339(ends, rfc);
	if (output_asked(arguments) == OUTPUT_JSON) {
		printf("{\"schema\": 1, \"changed\": true, \"%s\": \"%s\", \"ends\": \"%s\"}\n",
			name, secret->text, rfc);
		return EXIT_DONE;
	}
	moment_show(ends, moment_now(), false, true, until, sizeof(until));
	va_start(values, format);
	vfprintf(stderr, format, values);
	va_end(values);
	fprintf(stderr, "\nIt ends %s, and is shown only now:\n", until);
	printf("%s\n", secret->text);
	return EXIT_DONE;
}
