/* SPDX-License-Identifier: MIT */

/* One table, read in both directions. */

#include "lib/scope.h"

#include <stddef.h>
#include <string.h>

static const struct {
	enum scope scope;
	const char *name;
} scopes[] = {
	{ SCOPE_READ_ONLY, "read-only" },
	{ SCOPE_READ_WRITE, "read-write" },
	{ SCOPE_ADMIN, "admin" },
};

const char *scope_name(enum scope scope)
{
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		if (scopes[i].scope == scope)
			return scopes[i].name;
	return "none";
}

enum scope scope_from_name(const char *name)
{
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		if (strcmp(scopes[i].name, name) == 0)
			return scopes[i].scope;
	return SCOPE_NONE;
}
