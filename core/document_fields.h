/* SPDX-License-Identifier: MIT */
#pragma once

/* The fields of each type of document, in their order: what docs/documents.md has as tables. One
 * table drives parsing and writing, so that the two cannot drift apart. */

#include "core/document.h"
#include "core/json.h"

#include <json-c/json.h>

#define DOCUMENT_VERSION     1
#define DOCUMENT_NUMBER_MAX  ((INT64_C(1) << 53) - 1) /* beyond, JSON readers begin to round */
#define DOCUMENT_LENGTH_MIN  60
#define DOCUMENT_LENGTH_MAX  (INT64_C(400) * 24 * 3600)
#define DOCUMENT_PENDING_MAX (INT64_C(31) * 24 * 3600)

enum field_kind {
	FIELD_TEXT,    /* a char array: bytes from `min` to `max`, and the form of `form` */
	FIELD_NUMBER,  /* an int64_t from `min` to `max` */
	FIELD_SCOPE,   /* an enum scope; `min` 0: may be empty */
	FIELD_VERDICT, /* a bool: "approve" or "deny" */
	FIELD_OBJECT,  /* a struct with `fields` */
	FIELD_LIST,    /* an array with `stride`, of the one nameless field in `fields` */
};

struct field {
	const char *name;
	enum field_kind kind;
	size_t offset; /* in the structure that it is a member of */
	int64_t min, max;
	bool (*form)(const char *text); /* NULL: any text; not asked about an empty one */
	const char *phrase;             /* what the form wants, for people */
	const struct field *fields;
	size_t n_fields;
	size_t stride, count_offset; /* of a list, whose elements are counted at count_offset */
	bool ascending;              /* strictly, by the text at the start of each element */
};

struct document_form {
	const char *name, *namespace;
	const struct field *fields; /* behind type and version */
	size_t n_fields;
	size_t offset; /* of its structure within struct document */
	/* What fields must say together; NULL: nothing. -EBADMSG with the reason. */
	int (*check)(const struct document *document, struct problem *problem);
};

/* How json-c writes the canonical form. */
#define CANONICAL_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

extern const struct document_form document_forms[DOCUMENT_TYPES];
