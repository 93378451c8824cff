/* SPDX-License-Identifier: MIT */

/* Parsing is strict in one stroke: what json-c made of the bytes is written again, and if a single
 * byte differs the document is refused. White space, duplicate keys, cut numbers and unusual
 * escapes need no rule of their own. What is left to check is in the tables of document_fields.c.
 */

#include "core/document_fields.h"

#include "lib/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WHERE_MAX 128

/* Where a value stands, for people: "request: \"hosts[2].name\"". */
struct place {
	struct problem *problem;
	const char *type;
	char where[WHERE_MAX];
};

__attribute__((format(printf, 2, 3))) static int refuse(
	const struct place *place, const char *format, ...)
{
	char rule[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(rule, sizeof(rule), format, arguments);
	va_end(arguments);
	return problem_say(
		place->problem, -EBADMSG, "%s: \"%s\" %s", place->type, place->where, rule);
}

static struct place place_member(const struct place *outer, const char *name)
{
	struct place inner = *outer;

	snprintf(inner.where, sizeof(inner.where), "%.60s%s%.60s", outer->where,
		outer->where[0] ? "." : "", name);
	return inner;
}

static struct place place_element(const struct place *outer, size_t index)
{
	struct place inner = *outer;

	snprintf(inner.where, sizeof(inner.where), "%.100s[%zu]", outer->where, index);
	return inner;
}

static int take(const struct place *, struct json_object *, const struct field *, char *);

static int take_text(
	const struct place *place, struct json_object *value, const struct field *field, char *base)
{
	const char *text = json_object_get_string(value);
	size_t size;

	if (!json_object_is_type(value, json_type_string))
		return refuse(place, "must be a text");
	size = (size_t)json_object_get_string_len(value);
	if (!text_is_plain(text, size))
		return refuse(place, "has control characters or is not UTF-8");
	if (size > (size_t)field->max)
		return refuse(
			place, "has %zu bytes, at most %d are allowed", size, (int)field->max);
	if (size == 0 && field->min > 0)
		return refuse(place, "may not be empty");
	if (size > 0 && (size < (size_t)field->min || (field->form && !field->form(text))))
		return refuse(place, "must be %s", field->phrase);
	memcpy(base + field->offset, text, size + 1);
	return 0;
}

static int take_number(
	const struct place *place, struct json_object *value, const struct field *field, char *base)
{
	int64_t number = json_object_get_int64(value);

	if (!json_object_is_type(value, json_type_int) || number < field->min ||
		number > field->max)
		return refuse(place, "must be a whole number from %lld to %lld",
			(long long)field->min, (long long)field->max);
	memcpy(base + field->offset, &number, sizeof(number));
	return 0;
}

static int take_scope(
	const struct place *place, struct json_object *value, const struct field *field, char *base)
{
	const char *text = json_object_get_string(value);
	enum scope scope = SCOPE_NONE;

	if (json_object_is_type(value, json_type_string))
		scope = scope_from_name(text);
	else
		text = NULL;
	if (scope == SCOPE_NONE && (!text || text[0] || field->min > 0))
		return refuse(place, "must be read-only, read-write or admin");
	memcpy(base + field->offset, &scope, sizeof(scope));
	return 0;
}

static int take_verdict(
	const struct place *place, struct json_object *value, const struct field *field, char *base)
{
	const char *text = json_object_get_string(value);
	bool approve;

	if (!json_object_is_type(value, json_type_string) ||
		(strcmp(text, "approve") != 0 && strcmp(text, "deny") != 0))
		return refuse(place, "must be approve or deny");
	approve = text[0] == 'a';
	memcpy(base + field->offset, &approve, sizeof(approve));
	return 0;
}

/* Says what is wrong when `found`, which may be NULL, stands where `expected` should. */
static int refuse_order(const struct place *outer, struct json_object *object, const char *expected,
	const char *found)
{
	struct place place = place_member(outer, expected ? expected : found);

	if (!expected)
		return refuse(&place, "is not a field that is known here");
	if (json_object_object_get_ex(object, expected, NULL))
		return refuse(&place, "is not in its place: the order of fields is fixed");
	return refuse(&place, "is missing");
}

/* From the entry `at` on, the object has exactly these fields in this order. */
static int take_fields(const struct place *outer, struct json_object *object, struct lh_entry *at,
	const struct field *fields, size_t n_fields, char *base)
{
	int r;

	for (size_t i = 0; i < n_fields; i++, at = lh_entry_next(at)) {
		const char *name = at ? lh_entry_k(at) : NULL;
		struct place place = place_member(outer, fields[i].name);

		if (!name || strcmp(name, fields[i].name) != 0)
			return refuse_order(outer, object, fields[i].name, name);
		r = take(&place, (struct json_object *)lh_entry_v(at), &fields[i], base);
		if (r < 0)
			return r;
	}
	return at ? refuse_order(outer, object, NULL, lh_entry_k(at)) : 0;
}

static int take_object(
	const struct place *place, struct json_object *value, const struct field *field, char *base)
{
	if (!json_object_is_type(value, json_type_object))
		return refuse(place, "must be an object");
	return take_fields(place, value, lh_table_head(json_object_get_object(value)),
		field->fields, field->n_fields, base + field->offset);
}

static int take_list(
	const struct place *place, struct json_object *value, const struct field *field, char *base)
{
	size_t count;
	int r;

	if (!json_object_is_type(value, json_type_array))
		return refuse(place, "must be a list");
	count = json_object_array_length(value);
	if (count < (size_t)field->min || count > (size_t)field->max)
		return refuse(place, "has %zu elements, %d to %d are allowed", count,
			(int)field->min, (int)field->max);
	for (size_t i = 0; i < count; i++) {
		struct place inner = place_element(place, i);
		char *element = base + field->offset + i * field->stride;

		r = take(&inner, json_object_array_get_idx(value, i), field->fields, element);
		if (r < 0)
			return r;
		if (field->ascending && i > 0 && strcmp(element - field->stride, element) >= 0)
			return refuse(&inner, "is not in ascending order");
	}
	memcpy(base + field->count_offset, &count, sizeof(count));
	return 0;
}

static int take(
	const struct place *place, struct json_object *value, const struct field *field, char *base)
{
	static int (*const takers[])(
		const struct place *, struct json_object *, const struct field *, char *) = {
		[FIELD_TEXT] = take_text,
		[FIELD_NUMBER] = take_number,
		[FIELD_SCOPE] = take_scope,
		[FIELD_VERDICT] = take_verdict,
		[FIELD_OBJECT] = take_object,
		[FIELD_LIST] = take_list,
	};

	return takers[field->kind](place, value, field, base);
}

/* Are these the bytes that the same content is written as here? */
static int check_canonical(
	struct json_object *object, const char *bytes, size_t size, struct problem *problem)
{
	size_t again_size, same = 0;
	const char *again = json_object_to_json_string_length(object, CANONICAL_FLAGS, &again_size);

	if (!again)
		return -ENOMEM;
	while (same < size && same < again_size && bytes[same] == again[same])
		same++;
	if (same == size && same == again_size)
		return 0;
	return problem_say(problem, -EBADMSG,
		"the document is not in canonical form, from byte %zu on (white space, a field "
		"twice, a number or an escape that is written otherwise)",
		same);
}

static int find_form(struct json_object *object, enum document_type *ret, struct problem *problem)
{
	struct json_object *type, *version;

	if (!json_object_object_get_ex(object, "type", &type) ||
		!json_object_is_type(type, json_type_string))
		return problem_say(problem, -EBADMSG, "the document has no \"type\"");
	if (document_type_from_name(json_object_get_string(type), ret) < 0)
		return problem_say(problem, -EPROTONOSUPPORT,
			"documents of type \"%.64s\" are not known here",
			json_object_get_string(type));
	if (!json_object_object_get_ex(object, "version", &version) ||
		!json_object_is_type(version, json_type_int))
		return problem_say(problem, -EBADMSG, "the document has no \"version\"");
	if (json_object_get_int64(version) != DOCUMENT_VERSION)
		return problem_say(problem, -EPROTONOSUPPORT,
			"%s: version %lld is not known here, only version %d",
			document_type_name(*ret), (long long)json_object_get_int64(version),
			DOCUMENT_VERSION);
	return 0;
}

static int take_document(
	struct json_object *object, struct document *document, struct problem *problem)
{
	const struct document_form *form = &document_forms[document->type];
	struct lh_entry *first = lh_table_head(json_object_get_object(object));
	const struct place place = { .problem = problem, .type = form->name };
	int r;

	if (strcmp(lh_entry_k(first), "type") != 0)
		return refuse_order(&place, object, "type", NULL);
	if (strcmp(lh_entry_k(lh_entry_next(first)), "version") != 0)
		return refuse_order(&place, object, "version", NULL);
	document->version = DOCUMENT_VERSION;
	r = take_fields(&place, object, lh_entry_next(lh_entry_next(first)), form->fields,
		form->n_fields, (char *)document + form->offset);
	if (r < 0 || !form->check)
		return r;
	return form->check(document, problem);
}

int document_parse(const char *bytes, size_t size, struct document **ret, struct problem *problem)
{
	_cleanup_(document_freep) struct document *document = NULL;
	_cleanup_(json_putp) struct json_object *object = NULL;
	const char *fault;
	int r;

	if (size > DOCUMENT_MAX)
		return problem_say(problem, -EMSGSIZE,
			"the document has %zu bytes, at most %d are allowed", size, DOCUMENT_MAX);
	if (!text_is_plain(bytes, size))
		return problem_say(
			problem, -EBADMSG, "the document has control characters or is not UTF-8");
	r = json_parse(bytes, size, DOCUMENT_DEPTH_MAX, &object, &fault);
	if (r == -EBADMSG)
		return problem_say(
			problem, r, "the document is not JSON as it should be: %s", fault);
	if (r < 0)
		return r;
	r = check_canonical(object, bytes, size, problem);
	if (r < 0)
		return r;
	document = calloc(1, sizeof(*document));
	if (!document)
		return -ENOMEM;
	r = find_form(object, &document->type, problem);
	if (r == 0)
		r = take_document(object, document, problem);
	if (r == 0)
		r = digest_compute(bytes, size, &document->digest);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(document);
	return 0;
}

void document_free(struct document *document)
{
	free(document);
}
