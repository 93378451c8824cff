/* SPDX-License-Identifier: MIT */
#pragma once

/* The lines "passwd" and "group" of nsswitch.conf, as text. */

#include <stdbool.h>

#define NSSWITCH_SERVICE "supportaccess"

/* Puts our service last in both lines; everything else stays as it is. The caller frees.
 * Returns 0; 1 if it stood in both already; -ENODATA if one of the lines is missing. */
int nsswitch_add(const char *text, char **ret);

/* Takes it out of both lines, however often it stands there. 0, or 1 if it stood in neither. */
int nsswitch_remove(const char *text, char **ret);

enum nsswitch_place {
	NSSWITCH_LAST,    /* where it belongs */
	NSSWITCH_MISSING, /* not in the line, or no such line */
	NSSWITCH_EARLIER, /* another source comes after it */
	NSSWITCH_BARRED,  /* an action before it ends the search: [NOTFOUND=return] */
};

/* Where our service stands in the line of `database` ("passwd"). */
enum nsswitch_place nsswitch_find(const char *text, const char *database);
