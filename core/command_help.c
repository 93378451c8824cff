/* SPDX-License-Identifier: MIT */

/* Help is laid out in two columns, the right one wrapped at 80. */

#include "core/command_help.h"

#include "lib/text.h"

#include <stdint.h>
#include <string.h>

#define HELP_COLUMNS 80
#define LEFT_MAX     30 /* a longer left side gets a line of its own */
#define NAME_MAX_LEN 64

/* Prints `text` from column `at` on, wrapped between words, further lines indented by `indent`. */
static void print_wrapped(FILE *out, const char *text, size_t at, size_t indent)
{
	while (*text) {
		size_t bytes = strcspn(text, " \n");
		size_t width = 0;

		for (size_t i = 0; i < bytes; i++)
			width += (text[i] & 0xc0) != 0x80;
		if (at > indent && at + width + 1 > HELP_COLUMNS) {
			fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (at > indent) {
			fputc(' ', out);
			at++;
		}
		fwrite(text, 1, bytes, out);
		at += width;
		text += bytes;
		text += strspn(text, " \n");
	}
	fputc('\n', out);
}

static void print_row(FILE *out, const char *left, size_t left_width, const char *right)
{
	size_t used = text_width(left);

	fprintf(out, "  %s", left);
	if (used > left_width)
		fprintf(out, "\n%*s", (int)left_width + 4, "");
	else
		fprintf(out, "%*s", (int)(left_width - used) + 2, "");
	print_wrapped(out, right, left_width + 4, left_width + 4);
}

static void left_of_verb(const struct command *command, char *ret, size_t ret_size)
{
	const char *words = command->synopsis ? command->synopsis : "";

	snprintf(ret, ret_size, "%s%s%s", command->name, *words ? " " : "", words);
}

static void left_of_option(const struct option_spec *option, char *ret, size_t ret_size)
{
	char letter[8] = "    ";

	if (option->letter)
		snprintf(letter, sizeof(letter), "-%c, ", option->letter);
	snprintf(ret, ret_size, "%s--%s%s%s", letter, option->name, option->argument ? " " : "",
		option->argument ? option->argument : "");
}

static void widen(size_t *width, const char *left)
{
	size_t used = text_width(left);

	if (used > *width && used <= LEFT_MAX)
		*width = used;
}

void command_help_verbs(
	FILE *out, const char *path, const char *summary, const struct command *commands)
{
	char left[NAME_MAX_LEN * 2];
	size_t width = 0;

	fprintf(out, "Usage: %s VERB [OPTIONS] [WORDS]\n", path);
	if (summary) {
		fputc('\n', out);
		print_wrapped(out, summary, 0, 0);
	}
	fputc('\n', out);
	for (const struct command *c = commands; c->name; c++) {
		left_of_verb(c, left, sizeof(left));
		widen(&width, left);
	}
	for (const struct command *c = commands; c->name; c++) {
		left_of_verb(c, left, sizeof(left));
		print_row(out, left, width, c->help);
	}
	fprintf(out, "\n`%s VERB --help` tells more.\n", path);
}

void command_help_verb(FILE *out, const char *path, const struct command *command)
{
	static const struct option_spec help = { "help", 'h', NULL, "print this", false };
	const char *words = command->synopsis ? command->synopsis : "";
	char left[NAME_MAX_LEN * 2];
	size_t width = 0;

	fprintf(out, "Usage: %s [OPTIONS]%s%s\n\n", path, *words ? " " : "", words);
	print_wrapped(out, command->help, 0, 0);
	fputc('\n', out);
	for (const struct option_spec *o = command->options; o && o->name; o++) {
		left_of_option(o, left, sizeof(left));
		widen(&width, left);
	}
	left_of_option(&help, left, sizeof(left));
	widen(&width, left);
	for (const struct option_spec *o = command->options; o && o->name; o++) {
		left_of_option(o, left, sizeof(left));
		print_row(out, left, width, o->help);
	}
	left_of_option(&help, left, sizeof(left));
	print_row(out, left, width, help.help);
	if (command->more)
		fprintf(out, "\n%s%s", command->more,
			command->more[strlen(command->more) - 1] == '\n' ? "" : "\n");
}

/* Levenshtein's distance; names longer than NAME_MAX_LEN are far from everything. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_LEN + 1], n = strlen(b);

	if (n > NAME_MAX_LEN || strlen(a) > NAME_MAX_LEN)
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t changed = diagonal + (a[i - 1] != b[j - 1]);
			size_t shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

			diagonal = row[j];
			row[j] = changed < shorter ? changed : shorter;
		}
	}
	return row[n];
}

const char *command_nearest(
	const char *typed, const void *table, const char *(*name)(const void *table, size_t i))
{
	const char *nearest = NULL, *tried;
	size_t best = SIZE_MAX;

	for (size_t i = 0; (tried = name(table, i)); i++) {
		size_t d = strncmp(typed, tried, strlen(typed)) == 0 ? 1 : distance(typed, tried);

		if (d < best && d <= strlen(tried) / 3 + 1) {
			best = d;
			nearest = tried;
		}
	}
	return nearest;
}
