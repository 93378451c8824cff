/* SPDX-License-Identifier: MIT */
#pragma once

/* Releasing what a function holds, whichever way it returns.
 *
 *	_cleanup_(closep) int fd = -EBADF;
 *	_cleanup_(freep) char *name = NULL;
 *
 * The owner gives a thing away with TAKE_PTR or TAKE_FD, which leave nothing behind to
 * release. These, and no others: a reader learns them once. */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))

/* For a pointer type with a `free` function of its own: DEFINE_CLEANUP(struct store *, store_free)
 * makes store_freep. */
#define DEFINE_CLEANUP(type, function)                                                             \
	static inline __attribute__((unused)) void function##p(type *p)                            \
	{                                                                                          \
		if (*p)                                                                            \
			function(*p);                                                              \
	}

#define TAKE_PTR(p)                                                                                \
	({                                                                                         \
		__typeof__(p) take_ = (p);                                                         \
		(p) = NULL;                                                                        \
		take_;                                                                             \
	})

#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int take_ = (fd);                                                                  \
		(fd) = -EBADF;                                                                     \
		take_;                                                                             \
	})

static inline void freep(void *p)
{
	free(*(void **)p);
}

/* Keeps errno, so that it can stand behind a failed call. */
static inline void closep(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	errno = saved;
}
