/* SPDX-License-Identifier: MIT */
#pragma once

/* libcurl, loaded when the first question is to be asked. It brings thirty libraries with it, and
 * loading them takes longer than most of what the CLIs do without the network: `supportaccess
 * revoke` on a host kills before they would be there. */

#include "core/problem.h"

#include <curl/curl.h>

#define LIBCURL_FUNCTIONS(X)                                                                       \
	X(easy_cleanup)                                                                            \
	X(easy_escape)                                                                             \
	X(easy_getinfo)                                                                            \
	X(easy_init)                                                                               \
	X(easy_perform)                                                                            \
	X(easy_setopt)                                                                             \
	X(easy_strerror)                                                                           \
	X(free)                                                                                    \
	X(getdate)                                                                                 \
	X(global_init)                                                                             \
	X(slist_append)                                                                            \
	X(slist_free_all)                                                                          \
	X(url)                                                                                     \
	X(url_cleanup)                                                                             \
	X(url_get)                                                                                 \
	X(url_set)

/* libcurl.easy_init is curl_easy_init, and so on. */
struct libcurl {
#define X(name) __typeof__(&curl_##name) name;
	LIBCURL_FUNCTIONS(X)
#undef X
};

extern struct libcurl libcurl;

/* To be called before the first of them; again does nothing. */
int libcurl_load(struct problem *problem);
