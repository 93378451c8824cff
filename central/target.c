/* SPDX-License-Identifier: MIT */

/* libmicrohttpd decodes targets too, but leniently: it keeps broken escapes and lets %00 cut a
 * text. What names a document or a host is read here instead, in one pass over a copy. */

#include "central/target.h"

#include <errno.h>
#include <string.h>

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decodes in place: what is decoded is never longer. */
static int decode(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		int c = (unsigned char)*from;

		if (c == '%') {
			int high = hex_value(from[1]);
			int low = high < 0 ? -1 : hex_value(from[2]);

			if (low < 0)
				return -EBADMSG;
			c = high * 16 + low;
			from += 2;
		}
		if (c < 0x20 || c > 0x7e || c == '/')
			return -EBADMSG;
		*to++ = (char)c;
	}
	*to = '\0';
	return 0;
}

static int parse_path(char *path, struct target *target)
{
	char *next = path + 1;

	if (*path != '/')
		return -EBADMSG;
	while (next) {
		char *segment = next;
		int r;

		if (target->n_segments == TARGET_SEGMENTS_MAX)
			return -E2BIG;
		next = strchr(segment, '/');
		if (next)
			*next++ = '\0';
		r = decode(segment);
		if (r < 0)
			return r;
		target->segments[target->n_segments++] = segment;
	}
	return 0;
}

static int parse_parameter(char *text, struct target *target)
{
	char *value = strchr(text, '=');
	int r;

	if (!value || value == text)
		return -EBADMSG;
	*value++ = '\0';
	r = decode(text);
	if (r == 0)
		r = decode(value);
	if (r < 0)
		return r;
	if (target_parameter(target, text))
		return -EBADMSG;
	if (target->n_parameters == TARGET_PARAMETERS_MAX)
		return -E2BIG;
	target->parameters[target->n_parameters].name = text;
	target->parameters[target->n_parameters++].value = value;
	return 0;
}

static int parse_query(char *query, struct target *target)
{
	while (query) {
		char *parameter = query;
		int r;

		query = strchr(parameter, '&');
		if (query)
			*query++ = '\0';
		r = parse_parameter(parameter, target);
		if (r < 0)
			return r;
	}
	return 0;
}

int target_parse(const char *uri, struct target *ret)
{
	char *query;
	int r;

	ret->n_segments = ret->n_parameters = 0;
	if (strlen(uri) > TARGET_MAX)
		return -E2BIG;
	memcpy(ret->text, uri, strlen(uri) + 1);
	query = strchr(ret->text, '?');
	if (query)
		*query++ = '\0';
	r = parse_path(ret->text, ret);
	return r < 0 ? r : parse_query(query, ret);
}

const char *target_parameter(const struct target *target, const char *name)
{
	for (size_t i = 0; i < target->n_parameters; i++)
		if (strcmp(target->parameters[i].name, name) == 0)
			return target->parameters[i].value;
	return NULL;
}
