/* SPDX-License-Identifier: MIT */
#pragma once

/* What an analyser cannot see from the one file that it reads. tests/style includes this before
 * every file; no compiler does. */

#include "core/problem.h"
#include "lib/cleanup.h"

/* The answer is `r` itself, so that a guard is known to return the error that it met. */
#define problem_say(problem, r, ...)                                                               \
	({                                                                                         \
		int analysed_ = (r);                                                               \
		(void)(problem_say)(problem, analysed_, __VA_ARGS__);                              \
		analysed_;                                                                         \
	})

/* In the look for leaks, what _cleanup_ releases is static: it outlives its function, as far as
 * anybody can tell, and only what nobody releases is found. */
#ifdef ANALYSED_FOR_LEAKS
#undef _cleanup_
#define _cleanup_(f) static
#endif
