/* SPDX-License-Identifier: MIT */

/* Rows are JSON first and a table second: what a program reads and what a person reads come from
 * the same objects, so they cannot differ. Cells pass through text_escape here, at the last
 * moment, and nowhere else. */

#include "core/output.h"

#include "core/json.h"
#include "lib/cleanup.h"
#include "lib/moment.h"
#include "lib/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CELL_MAX    1024
#define COLUMNS_MAX 16

enum output_format output_asked(const struct arguments *arguments)
{
	if (argument_given(arguments, "json"))
		return OUTPUT_JSON;
	return argument_given(arguments, "plain") ? OUTPUT_PLAIN : OUTPUT_TABLE;
}

static void print_json(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_SPACED |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
}

/* What people read of one value; "-" for nothing. */
static void show_cell(struct json_object *row, const struct output_column *column, int64_t now,
	char ret[static CELL_MAX])
{
	struct json_object *value = NULL;
	char text[CELL_MAX] = "";
	const char *shown = "";

	json_object_object_get_ex(row, column->key, &value);
	if (value && column->show) {
		column->show(value, now, text, sizeof(text));
		shown = text;
	} else if (value) {
		shown = json_object_get_string(value);
	}
	if (!shown[0])
		shown = "-";
	(void)text_escape(shown, strlen(shown), ret, CELL_MAX);
}

static void print_padded(const char *text, size_t width, bool last)
{
	size_t used = text_width(text);

	printf("%s%*s", text, last ? 0 : (int)(width - used) + 2, "");
}

static size_t count_columns(const struct output_column *columns)
{
	size_t n = 0;

	while (n < COLUMNS_MAX && columns[n].key)
		n++;
	return n;
}

static void widen(size_t *width, size_t to)
{
	if (*width < to)
		*width = to;
}

static void print_table(struct json_object *rows, const struct output_column *columns, int64_t now)
{
	size_t widths[COLUMNS_MAX], n = count_columns(columns),
				    n_rows = json_object_array_length(rows);
	char cell[CELL_MAX];

	for (size_t c = 0; c < n; c++) {
		widths[c] = text_width(columns[c].title);
		for (size_t r = 0; r < n_rows; r++) {
			show_cell(json_object_array_get_idx(rows, r), &columns[c], now, cell);
			widen(&widths[c], text_width(cell));
		}
	}
	for (size_t c = 0; c < n; c++)
		print_padded(columns[c].title, widths[c], c + 1 == n);
	putchar('\n');
	for (size_t r = 0; r < n_rows; r++) {
		for (size_t c = 0; c < n; c++) {
			show_cell(json_object_array_get_idx(rows, r), &columns[c], now, cell);
			print_padded(cell, widths[c], c + 1 == n);
		}
		putchar('\n');
	}
}

static void print_plain(struct json_object *row, const struct output_column *columns, int64_t now)
{
	char cell[CELL_MAX];

	for (; columns->key; columns++) {
		show_cell(row, columns, now, cell);
		printf("%s: %s\n", columns->title, cell);
	}
}

void output_list(enum output_format format, const char *noun, struct json_object *rows,
	const struct output_column *columns, const char *empty, int64_t now)
{
	size_t n = rows ? json_object_array_length(rows) : 0;

	if (format == OUTPUT_JSON) {
		_cleanup_(json_putp) struct json_object *all = json_object_new_object();

		json_object_object_add(all, "schema", json_object_new_int(1));
		json_object_object_add(
			all, noun, rows ? json_object_get(rows) : json_object_new_array());
		print_json(all);
	} else if (n == 0) {
		puts(empty);
	} else if (format == OUTPUT_TABLE) {
		print_table(rows, columns, now);
	} else {
		for (size_t i = 0; i < n; i++) {
			if (i)
				putchar('\n');
			print_plain(json_object_array_get_idx(rows, i), columns, now);
		}
	}
}

static void print_object_json(struct json_object *object)
{
	_cleanup_(json_putp) struct json_object *all = json_object_new_object();

	json_object_object_add(all, "schema", json_object_new_int(1));
	json_object_object_foreach (object, key, value)
		if (strcmp(key, "schema") != 0)
			json_object_object_add(all, key, json_object_get(value));
	print_json(all);
}

void output_object(enum output_format format, struct json_object *object,
	const struct output_column *columns, int64_t now)
{
	char cell[CELL_MAX];
	size_t width = 0;

	if (format == OUTPUT_JSON) {
		print_object_json(object);
		return;
	}
	if (format == OUTPUT_PLAIN) {
		print_plain(object, columns, now);
		return;
	}
	for (const struct output_column *c = columns; c->key; c++)
		widen(&width, text_width(c->title));
	for (; columns->key; columns++) {
		show_cell(object, columns, now, cell);
		print_padded(columns->title, width, false);
		puts(cell);
	}
}

void output_result(enum output_format format, struct json_object *result, const char *sentence, ...)
{
	char text[4 * CELL_MAX], safe[4 * CELL_MAX];
	const char *line = text;
	va_list values;

	if (format == OUTPUT_JSON) {
		print_object_json(result);
		return;
	}
	va_start(values, sentence);
	vsnprintf(text, sizeof(text), sentence, values);
	va_end(values);
	while (*line) {
		size_t length = strcspn(line, "\n");

		(void)text_escape(line, length, safe, sizeof(safe));
		puts(safe);
		line += length + (line[length] == '\n');
	}
}

/* A time in JSON is a number of seconds or, for programs that read us, RFC 3339. */
void output_show_time(struct json_object *value, int64_t now, char *ret, size_t ret_size)
{
	int64_t moment = json_object_get_int64(value);

	if (json_object_is_type(value, json_type_string) &&
		moment_parse(json_object_get_string(value), now, &moment) < 0)
		moment = 0;
	if (moment)
		moment_show(moment, now, false, true, ret, ret_size);
	else
		snprintf(ret, ret_size, "-");
}

void output_show_length(struct json_object *value, int64_t now, char *ret, size_t ret_size)
{
	(void)now;
	length_show(json_object_get_int64(value), ret, ret_size);
}

/* On a terminal, without NO_COLOR (no-color.org). */
static bool has_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

void output_state(const char *state)
{
	bool colour = has_colour();

	fputs(colour ? "\033[1m" : "", stdout);
	for (; *state; state++)
		putchar(isalpha((unsigned char)*state) ? toupper((unsigned char)*state) : '?');
	fputs(colour ? "\033[0m" : "", stdout);
}
