/* SPDX-License-Identifier: MIT */

/* json-c parses; two things that it forgives are refused here: it keeps the last of two members
 * with one name, and it lets a text hold a NUL. */

#include "central/body.h"
#include "core/document.h"
#include "core/json.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Members of the outermost object, those that have one name counted each. */
static size_t count_members(const char *bytes, size_t size)
{
	size_t members = 0, depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < size; i++) {
		char c = bytes[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		else if (c == ':' && depth == 1)
			members++;
	}
	return members;
}

static int parse(const char *bytes, size_t size, struct json_object **ret, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *json = NULL;
	const char *fault;
	int r = json_parse(bytes, size, BODY_DEPTH_MAX, &json, &fault);

	if (r == -EBADMSG)
		return problem_say(problem, r, "the body is not JSON as it should be: %s", fault);
	if (r < 0)
		return r;
	if (count_members(bytes, size) != (size_t)json_object_object_length(json))
		return problem_say(problem, -EBADMSG, "the body has a member twice");
	*ret = TAKE_PTR(json);
	return 0;
}

static int get_text(struct json_object *value, const char *name, const char **ret, size_t *ret_size,
	struct problem *problem)
{
	if (!json_object_is_type(value, json_type_string))
		return problem_say(problem, -EBADMSG, "\"%s\" is no text", name);
	*ret = json_object_get_string(value);
	*ret_size = (size_t)json_object_get_string_len(value);
	if (strlen(*ret) != *ret_size)
		return problem_say(problem, -EBADMSG, "\"%s\" has a NUL in it", name);
	return 0;
}

static int get_member(struct json_object *json, const char *name, const char **ret,
	size_t *ret_size, struct problem *problem)
{
	struct json_object *value;

	if (!json_object_object_get_ex(json, name, &value))
		return problem_say(problem, -EBADMSG, "\"%s\" is missing", name);
	return get_text(value, name, ret, ret_size, problem);
}

static int expect_members(struct json_object *json, int members, struct problem *problem)
{
	if (json_object_object_length(json) > members)
		return problem_say(problem, -EBADMSG, "the body has an unknown member");
	return 0;
}

int body_envelope(const char *bytes, size_t size, struct envelope *ret, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *json = NULL;
	int r;

	r = parse(bytes, size, &json, problem);
	if (r == 0)
		r = expect_members(json, 2, problem);
	if (r == 0)
		r = get_member(json, "document", &ret->document, &ret->document_size, problem);
	if (r == 0)
		r = get_member(json, "signature", &ret->signature, &ret->signature_size, problem);
	if (r == 0)
		ret->json = TAKE_PTR(json);
	return r;
}

static int get_events(struct json_object *json, struct report *ret, struct problem *problem)
{
	struct json_object *list;
	size_t size;

	if (!json_object_object_get_ex(json, "events", &list) ||
		!json_object_is_type(list, json_type_array))
		return problem_say(problem, -EBADMSG, "\"events\" is no list");
	ret->n_events = json_object_array_length(list);
	if (ret->n_events > BODY_EVENTS_MAX)
		return problem_say(
			problem, -EBADMSG, "more than %d events at once", BODY_EVENTS_MAX);
	for (size_t i = 0; i < ret->n_events; i++) {
		int r = get_text(json_object_array_get_idx(list, i), "events", &ret->events[i],
			&size, problem);

		if (r < 0)
			return r;
	}
	return 0;
}

int body_report(const char *bytes, size_t size, struct report *ret, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *json = NULL;
	size_t length;
	int r;

	r = parse(bytes, size, &json, problem);
	if (r == 0)
		r = expect_members(json, 3, problem);
	if (r == 0)
		r = get_events(json, ret, problem);
	if (r == 0)
		r = get_member(json, "head", &ret->head, &length, problem);
	if (r == 0)
		r = get_member(json, "signature", &ret->signature, &length, problem);
	if (r == 0)
		ret->json = TAKE_PTR(json);
	return r;
}

/* Takes `text` off the front of what is left. */
static bool take(const char **at, size_t *left, const char *text)
{
	size_t size = strlen(text);

	if (size > *left || memcmp(*at, text, size) != 0)
		return false;
	*at += size;
	*left -= size;
	return true;
}

bool body_is_armour(const char *signature, size_t size)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789+/=\n";
	size_t length = 0;

	if (size > SIGNATURE_MAX || !take(&signature, &size, "-----BEGIN SSH SIGNATURE-----\n"))
		return false;
	while (length < size && memchr(alphabet, signature[length], sizeof(alphabet) - 1))
		length++;
	signature += length;
	size -= length;
	if (length == 0 || !take(&signature, &size, "-----END SSH SIGNATURE-----"))
		return false;
	return size == 0 || (size == 1 && *signature == '\n');
}
