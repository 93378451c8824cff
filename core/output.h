/* SPDX-License-Identifier: MIT */
#pragma once

/* What programs print: a table for people on a terminal, tab-free plain lines for screen readers
 * (--plain), JSON for programs (--json). One description of the rows serves all three. Text from
 * the other company is shown with its control characters escaped. */

#include "core/command.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum output_format {
	OUTPUT_TABLE,
	OUTPUT_PLAIN, /* "NAME: value" lines, a blank line between rows */
	OUTPUT_JSON,  /* {"schema": 1, "requests": [...]} */
};

/* From --json and --plain. */
enum output_format output_asked(const struct arguments *arguments);

struct output_column {
	const char *key;   /* in the JSON objects of the rows */
	const char *title; /* above the column */
	/* Turns the JSON value into what people read; NULL: text as it is, numbers in decimal. */
	void (*show)(struct json_object *value, int64_t now, char *ret, size_t ret_size);
};

/* Prints `rows`, a JSON array of objects; the JSON form prints them whole, the others only the
 * `columns` (ended by a NULL key). `noun` is the list's name in JSON ("requests"), `empty` what
 * people read when there is none ("no request waits"). */
void output_list(enum output_format format, const char *noun, struct json_object *rows,
	const struct output_column *columns, const char *empty, int64_t now);

/* Prints one object, adding "schema": 1 in JSON; for people "Title  value" lines. */
void output_object(enum output_format format, struct json_object *object,
	const struct output_column *columns, int64_t now);

/* Tells what a verb did: the sentence, or in JSON the object. What it says of others' text is made
 * safe to show; its own line ends stay. */
void output_result(enum output_format format, struct json_object *result, const char *sentence, ...)
	__attribute__((format(printf, 3, 4)));

/* Prints a state's word in capitals, the one thing on a screen that has colour. What is no letter
 * is a question mark: the word may be the other company's. */
void output_state(const char *state);

/* For `show` above. Times: "today 18:02 +01:00, in 3 h 58 min" in the local zone (RFC 3339 UTC in
 * JSON is for the caller to put in the object). Seconds: "4 h". */
void output_show_time(struct json_object *value, int64_t now, char *ret, size_t ret_size);
void output_show_length(struct json_object *value, int64_t now, char *ret, size_t ret_size);
