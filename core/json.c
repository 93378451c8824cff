/* SPDX-License-Identifier: MIT */

/* What is missing reads as empty: a place may know less of a request than another one. */

#include "core/json.h"

#include "lib/moment.h"

#include <stdio.h>
#include <string.h>

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
