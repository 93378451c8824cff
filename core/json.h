/* SPDX-License-Identifier: MIT */
#pragma once

/* JSON from others, and fields of JSON objects, for rows of tables and request states. */

#include "lib/scope.h"

#include <json-c/json.h>
#include <stdint.h>

/* Releases an object: _cleanup_(json_putp). */
static inline void json_putp(struct json_object **object)
{
	json_object_put(*object);
}

/* Takes `size` bytes as one object (RFC 8259) of at most `depth_max` levels. That they are UTF-8
 * is checked here: json-c lets overlong forms pass.
 *
 * Returns 0 and the object; -ENOMEM; or -EBADMSG and in `*ret_fault` what is wrong with the bytes,
 * a static text for "the body is not JSON: %s". */
int json_parse(const char *bytes, size_t size, int depth_max, struct json_object **ret,
	const char **ret_fault);

void json_add_text(struct json_object *object, const char *key, const char *text);
void json_add_number(struct json_object *object, const char *key, int64_t number);
void json_add_switch(struct json_object *object, const char *key, bool value);
/* RFC 3339 in UTC; 0 is null. */
void json_add_time(struct json_object *object, const char *key, int64_t moment);

/* The text of a field; "" if there is none. */
const char *json_text(struct json_object *object, const char *key);
int64_t json_number(struct json_object *object, const char *key);
/* The array of a field; NULL if there is none. */
struct json_object *json_list(struct json_object *object, const char *key);

/* For columns: a list of texts as "db1 db2"; a switch as "yes" and "no". */
void json_show_list(struct json_object *value, int64_t now, char *ret, size_t ret_size);
void json_show_switch(struct json_object *value, int64_t now, char *ret, size_t ret_size);
