/* SPDX-License-Identifier: MIT */

/* What is missing reads as empty: a place may know less of a request than another one. */

#include "core/json.h"

#include "lib/moment.h"
#include "lib/text.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* json-c's strictness lets names in single quotes pass, NaN and Infinity. Outside of texts JSON has
 * but these bytes. */
static bool is_foreign(const char *bytes, size_t size)
{
	static const char known[] = "{}[]:,\"+-.0123456789eE \t\r\ntrufalsn";
	bool in_text = false;

	for (size_t i = 0; i < size; i++) {
		if (!in_text && !memchr(known, bytes[i], sizeof(known) - 1))
			return true;
		if (in_text && bytes[i] == '\\')
			i++;
		else if (bytes[i] == '"')
			in_text = !in_text;
	}
	return false;
}

static const char *tokenise(
	struct json_tokener *tokener, const char *bytes, size_t size, struct json_object **ret)
{
	enum json_tokener_error error;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	*ret = json_tokener_parse_ex(tokener, bytes, (int)size);
	error = json_tokener_get_error(tokener);
	if (error == json_tokener_continue)
		return "it is cut";
	if (error != json_tokener_success)
		return json_tokener_error_desc(error);
	if (json_tokener_get_parse_end(tokener) != size)
		return "something stands behind it";
	if (!json_object_is_type(*ret, json_type_object))
		return "it is no object";
	return NULL;
}

int json_parse(const char *bytes, size_t size, int depth_max, struct json_object **ret,
	const char **ret_fault)
{
	struct json_tokener *tokener;

	*ret = NULL;
	*ret_fault = size > INT_MAX               ? "it is too long"
		     : !text_is_utf8(bytes, size) ? "it is not UTF-8"
		     : is_foreign(bytes, size)
			     ? "it has single quotes, NaN or something else that JSON does not have"
			     : NULL;
	if (*ret_fault)
		return -EBADMSG;
	while (size > 0 && is_space(bytes[size - 1]))
		size--; /* json-c's strictness refuses it */
	tokener = json_tokener_new_ex(depth_max);
	if (!tokener)
		return -ENOMEM;
	*ret_fault = tokenise(tokener, bytes, size, ret);
	json_tokener_free(tokener);
	if (!*ret_fault)
		return 0;
	json_object_put(*ret);
	*ret = NULL;
	return -EBADMSG;
}

void json_add_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text ? text : ""));
}

void json_add_number(struct json_object *object, const char *key, int64_t number)
{
	json_object_object_add(object, key, json_object_new_int64(number));
}

void json_add_switch(struct json_object *object, const char *key, bool value)
{
	json_object_object_add(object, key, json_object_new_boolean(value));
}

void json_add_time(struct json_object *object, const char *key, int64_t moment)
{
	char text[32];

	if (moment)
		moment_rfc3339(moment, text);
	json_object_object_add(object, key, moment ? json_object_new_string(text) : NULL);
}

const char *json_text(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, key, &value) ||
		!json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

int64_t json_number(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, key, &value);
	return json_object_get_int64(value);
}

struct json_object *json_list(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, key, &value) ||
		!json_object_is_type(value, json_type_array))
		return NULL;
	return value;
}

void json_show_list(struct json_object *value, int64_t now, char *ret, size_t ret_size)
{
	size_t n = json_object_array_length(value), used = 0;

	(void)now;
	*ret = '\0';
	for (size_t i = 0; i < n && used < ret_size; i++)
		used += (size_t)snprintf(ret + used, ret_size - used, "%s%s", i ? " " : "",
			json_object_get_string(json_object_array_get_idx(value, i)));
}

void json_show_switch(struct json_object *value, int64_t now, char *ret, size_t ret_size)
{
	(void)now;
	snprintf(ret, ret_size, "%s", json_object_get_boolean(value) ? "yes" : "no");
}
