/* SPDX-License-Identifier: MIT */

/* A document's exact bytes as a JSON string: what json-c takes out is what was put in, whatever
 * escapes travelled. */

#include "api/client.h"

struct json_object *api_envelope(
	const char *bytes, size_t size, const char *signature, size_t signature_size)
{
	struct json_object *envelope = json_object_new_object();

	json_object_object_add(envelope, "document", json_object_new_string_len(bytes, (int)size));
	json_object_object_add(envelope, "signature",
		json_object_new_string_len(signature ? signature : "", (int)signature_size));
	return envelope;
}

static bool take_text(
	struct json_object *object, const char *key, size_t max, const char **ret, size_t *ret_size)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, key, &value) ||
		!json_object_is_type(value, json_type_string) ||
		(size_t)json_object_get_string_len(value) > max)
		return false;
	*ret = json_object_get_string(value);
	*ret_size = (size_t)json_object_get_string_len(value);
	return true;
}

int api_envelope_open(struct json_object *envelope, const char **ret_bytes, size_t *ret_size,
	const char **ret_signature, size_t *ret_signature_size, struct problem *problem)
{
	const char *bytes, *signature;
	size_t size, signature_size;

	if (!take_text(envelope, "document", DOCUMENT_MAX, &bytes, &size) ||
		!take_text(envelope, "signature", SIGNATURE_MAX, &signature, &signature_size))
		return problem_say(problem, -EPROTO,
			"central sent something that is no document with its signature");
	*ret_bytes = bytes;
	*ret_size = size;
	*ret_signature = signature;
	*ret_signature_size = signature_size;
	return 0;
}
