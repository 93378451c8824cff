/* SPDX-License-Identifier: MIT */
#pragma once

/* One sentence for a person: what happened, to what, why, and what to do.
 *
 * A function that can fail in a way that a person must understand takes a `struct problem *`,
 * which may be NULL, and fills it when it fails. The first problem said is kept: the deepest
 * function knows best. The text never contains control characters. */

#define PROBLEM_MAX 1024

struct problem {
	char text[PROBLEM_MAX]; /* empty: none */
};

#define PROBLEM_NONE ((struct problem){ { 0 } })

/* Says what went wrong and returns `r`, so that a guard reads
 *	return problem_say(problem, -EINVAL, "%s: unknown key \"%s\"", path, key);
 * Bytes that are no printable UTF-8 text are written as \xNN; what is too long ends in "...". */
int problem_say(struct problem *problem, int r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
