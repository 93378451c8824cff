/* SPDX-License-Identifier: MIT */

/* What is said here ends on terminals and in logs, and much of it quotes an outsider: the whole
 * sentence is escaped, not only the parts that somebody remembered to. */

#include "core/problem.h"

#include "lib/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The parentheses keep the analysers' macro of this name (tests/analysed.h) away. */
int(problem_say)(struct problem *problem, int r, const char *format, ...)
{
	/* Longer than what is kept, and escaping never shortens: a character that is cut at the
	 * end of `raw` is never shown. */
	char raw[PROBLEM_MAX + 8];
	va_list arguments;
	int length;

	if (!problem || problem->text[0])
		return r;
	va_start(arguments, format);
	length = vsnprintf(raw, sizeof(raw), format, arguments);
	va_end(arguments);
	if (length < 0)
		return r;
	(void)text_escape(raw, strlen(raw), problem->text, PROBLEM_MAX);
	return r;
}
