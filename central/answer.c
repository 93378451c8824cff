/* SPDX-License-Identifier: MIT */

/* Every kind of problem is a row: its name is part of the API and never changes, its detail is a
 * sentence for a person. */

#include "central/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	unsigned status;
	const char *name, *title;
} faults[] = {
	[FAULT_MALFORMED] = { 400, "malformed", "The request is malformed" },
	[FAULT_TOKEN] = { 401, "token", "No valid token" },
	[FAULT_CODE] = { 401, "code", "No valid one-time code" },
	[FAULT_ROLE] = { 403, "role", "Not for this role" },
	[FAULT_NOT_YOURS] = { 403, "not-yours", "Not yours" },
	[FAULT_NOT_FOUND] = { 404, "not-found", "Not found" },
	[FAULT_METHOD] = { 405, "method", "Method not allowed" },
	[FAULT_SHORT_ID] = { 409, "short-id", "Another document has this short id" },
	[FAULT_CODE_USED] = { 409, "code-used", "The one-time code was used before" },
	[FAULT_HOST_NAME] = { 409, "host-name", "Another host has this name" },
	[FAULT_CHAIN_GAP] = { 409, "chain-gap", "Events are missing before these" },
	[FAULT_CHAIN_FORK] = { 409, "chain-fork", "Other events have these numbers" },
	[FAULT_TOO_LARGE] = { 413, "too-large", "Too large" },
	[FAULT_MEDIA_TYPE] = { 415, "media-type", "Not JSON" },
	[FAULT_DOCUMENT] = { 422, "document", "The document is not acceptable" },
	[FAULT_TOO_MANY] = { 429, "too-many", "Too many requests" },
	[FAULT_INTERNAL] = { 500, "internal", "Central failed" },
	[FAULT_BUSY] = { 503, "busy", "Central is busy" },
};

int answer_add(struct json_object *object, const char *name, struct json_object *value)
{
	if (!value)
		return -ENOMEM;
	if (json_object_object_add(object, name, value) == 0)
		return 0;
	(void)json_object_put(value);
	return -ENOMEM;
}

int answer_add_text(struct json_object *object, const char *name, const char *text)
{
	return answer_add(object, name, json_object_new_string(text));
}

int answer_add_number(struct json_object *object, const char *name, int64_t number)
{
	return answer_add(object, name, json_object_new_int64(number));
}

int answer_append(struct json_object *list, struct json_object *value)
{
	if (!value)
		return -ENOMEM;
	if (json_object_array_add(list, value) == 0)
		return 0;
	(void)json_object_put(value);
	return -ENOMEM;
}

struct json_object *answer_envelope(const char *document, const char *signature)
{
	struct json_object *envelope = json_object_new_object();

	if (envelope && answer_add_text(envelope, "document", document) == 0 &&
		answer_add_text(envelope, "signature", signature) == 0)
		return envelope;
	(void)json_object_put(envelope);
	return NULL;
}

static int answer(
	struct exchange *x, unsigned status, const char *media_type, struct json_object *json)
{
	const char *text = json_object_to_json_string_ext(
		json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

	free(x->text);
	x->text = text ? strdup(text) : NULL;
	if (!x->text)
		return -ENOMEM;
	x->status = status;
	x->media_type = media_type;
	return 0;
}

int answer_json(struct exchange *x, unsigned status, struct json_object *json)
{
	_cleanup_(json_putp) struct json_object *owned = json;
	int r;

	if (!owned)
		return -ENOMEM;
	r = answer_add_number(owned, "schema", 1);
	return r < 0 ? r : answer(x, status, "application/json", owned);
}

int answer_nothing(struct exchange *x)
{
	x->status = MHD_HTTP_NO_CONTENT;
	return 0;
}

int answer_text(struct exchange *x, const char *media_type, const char *text)
{
	x->text = strdup(text);
	if (!x->text)
		return -ENOMEM;
	x->status = MHD_HTTP_OK;
	x->media_type = media_type;
	return 0;
}

static int answer_problem(
	struct exchange *x, enum fault fault, const char *detail, const char *name, int64_t number)
{
	_cleanup_(json_putp) struct json_object *json = json_object_new_object();
	char type[64];
	int r;

	if (!json)
		return -ENOMEM;
	snprintf(type, sizeof(type), "urn:supportaccess:%s", faults[fault].name);
	r = answer_add_text(json, "type", type);
	if (r == 0)
		r = answer_add_text(json, "title", faults[fault].title);
	if (r == 0)
		r = answer_add_number(json, "status", faults[fault].status);
	if (r == 0)
		r = answer_add_text(json, "detail", detail);
	if (r == 0 && name)
		r = answer_add_number(json, name, number);
	return r < 0 ? r : answer(x, faults[fault].status, "application/problem+json", json);
}

int answer_fault(struct exchange *x, enum fault fault, const char *format, ...)
{
	char detail[EXCHANGE_DETAIL_MAX];
	va_list values;

	va_start(values, format);
	vsnprintf(detail, sizeof(detail), format, values);
	va_end(values);
	return answer_problem(x, fault, detail, NULL, 0);
}

int answer_fault_number(
	struct exchange *x, enum fault fault, const char *name, int64_t number, const char *detail)
{
	return answer_problem(x, fault, detail, name, number);
}
