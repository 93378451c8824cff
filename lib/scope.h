/* SPDX-License-Identifier: MIT */
#pragma once

/* How far an agent may go. Ordered: a wider scope is a larger number, so that "no wider
 * than" is a comparison. Sites will name scopes of their own between these; leave gaps. */

#include <stdbool.h>

enum scope {
	SCOPE_NONE = 0,
	SCOPE_READ_ONLY = 10,  /* look, change nothing: enforced by the kernel */
	SCOPE_READ_WRITE = 20, /* an ordinary user in configured groups */
	SCOPE_ADMIN = 30,      /* read-write and sudo */
};

/* The name in documents, configuration and on the screen: "read-only"; "none" for any other
 * number. */
const char *scope_name(enum scope scope);

/* Finds the scope of that exact name. Returns SCOPE_NONE if there is none. */
enum scope scope_from_name(const char *name);
