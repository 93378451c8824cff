/* SPDX-License-Identifier: MIT */

/* The tables of document_fields.c the other way round, and then the parser: a program cannot make
 * a document that others would refuse. */

#include "core/document_fields.h"
#include "lib/base32.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

static struct json_object *put(const struct field *field, const char *base);

static struct json_object *put_text(const struct field *field, const char *base)
{
	return json_object_new_string(base + field->offset);
}

static struct json_object *put_number(const struct field *field, const char *base)
{
	int64_t number;

	memcpy(&number, base + field->offset, sizeof(number));
	return json_object_new_int64(number);
}

static struct json_object *put_scope(const struct field *field, const char *base)
{
	enum scope scope;

	memcpy(&scope, base + field->offset, sizeof(scope));
	return json_object_new_string(scope == SCOPE_NONE ? "" : scope_name(scope));
}

static struct json_object *put_verdict(const struct field *field, const char *base)
{
	bool approve;

	memcpy(&approve, base + field->offset, sizeof(approve));
	return json_object_new_string(approve ? "approve" : "deny");
}

/* Adds the fields to `object`; gives up with -ENOMEM, the object stays the caller's. */
static int put_fields(
	struct json_object *object, const struct field *fields, size_t n_fields, const char *base)
{
	for (size_t i = 0; i < n_fields; i++) {
		struct json_object *value = put(&fields[i], base);

		if (!value || json_object_object_add(object, fields[i].name, value) < 0) {
			json_object_put(value);
			return -ENOMEM;
		}
	}
	return 0;
}

static struct json_object *put_object(const struct field *field, const char *base)
{
	_cleanup_(json_putp) struct json_object *object = json_object_new_object();

	if (!object || put_fields(object, field->fields, field->n_fields, base + field->offset) < 0)
		return NULL;
	return TAKE_PTR(object);
}

/* A count beyond the list's limit is cut to one more than that, which the parser then refuses;
 * what lies behind the array is never read. */
static struct json_object *put_list(const struct field *field, const char *base)
{
	_cleanup_(json_putp) struct json_object *list = json_object_new_array();
	size_t count;

	memcpy(&count, base + field->count_offset, sizeof(count));
	for (size_t i = 0; list && i < count; i++) {
		size_t at = i < (size_t)field->max ? i : 0;
		struct json_object *value =
			put(field->fields, base + field->offset + at * field->stride);

		if (!value || json_object_array_add(list, value) < 0) {
			json_object_put(value);
			return NULL;
		}
		if (i == (size_t)field->max)
			break;
	}
	return TAKE_PTR(list);
}

static struct json_object *put(const struct field *field, const char *base)
{
	static struct json_object *(*const putters[])(const struct field *, const char *) = {
		[FIELD_TEXT] = put_text,
		[FIELD_NUMBER] = put_number,
		[FIELD_SCOPE] = put_scope,
		[FIELD_VERDICT] = put_verdict,
		[FIELD_OBJECT] = put_object,
		[FIELD_LIST] = put_list,
	};

	return putters[field->kind](field, base);
}

static struct json_object *put_document(const struct document *document)
{
	const struct document_form *form = &document_forms[document->type];
	static const struct field head[] = {
		{ .name = "type", .kind = FIELD_TEXT, .offset = 0 },
	};
	_cleanup_(json_putp) struct json_object *object = json_object_new_object();
	struct json_object *version = json_object_new_int(DOCUMENT_VERSION);

	if (!object || !version || put_fields(object, head, 1, form->name) < 0 ||
		json_object_object_add(object, "version", version) < 0) {
		json_object_put(version);
		return NULL;
	}
	if (put_fields(object, form->fields, form->n_fields,
		    (const char *)document + form->offset) < 0)
		return NULL;
	return TAKE_PTR(object);
}

int document_write(const struct document *document, char **ret_bytes, size_t *ret_size,
	struct digest *ret_digest, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *object = put_document(document);
	_cleanup_(document_freep) struct document *again = NULL;
	_cleanup_(freep) char *bytes = NULL;
	const char *text;
	size_t size;
	int r;

	if (!object)
		return -ENOMEM;
	text = json_object_to_json_string_length(object, CANONICAL_FLAGS, &size);
	if (!text)
		return -ENOMEM;
	r = document_parse(text, size, &again, problem);
	if (r < 0)
		return r;
	bytes = malloc(size + 1);
	if (!bytes)
		return -ENOMEM;
	memcpy(bytes, text, size + 1);
	*ret_bytes = TAKE_PTR(bytes);
	*ret_size = size;
	if (ret_digest)
		*ret_digest = again->digest;
	return 0;
}

int document_nonce(char ret[static DOCUMENT_NONCE_LEN + 1])
{
	uint8_t bytes[(5 * DOCUMENT_NONCE_LEN + 7) / 8];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -EIO;
	base32_encode(bytes, DOCUMENT_NONCE_LEN, ret);
	return 0;
}

const char *document_type_name(enum document_type type)
{
	return document_forms[type].name;
}

const char *document_namespace(enum document_type type)
{
	return document_forms[type].namespace;
}

int document_type_from_name(const char *name, enum document_type *ret)
{
	for (size_t i = 0; i < DOCUMENT_TYPES; i++)
		if (strcmp(document_forms[i].name, name) == 0) {
			*ret = (enum document_type)i;
			return 0;
		}
	return -ENOENT;
}
