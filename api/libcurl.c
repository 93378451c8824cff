/* SPDX-License-Identifier: MIT */

/* The interface of this name is stable since 2006; its functions are looked up all at once, so
 * that nothing can be missing later. */

#include "api/libcurl.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#define LIBRARY "libcurl.so.4"

struct libcurl libcurl;

static int look_up(void *library, const char *name, void *ret, struct problem *problem)
{
	void *function = dlsym(library, name);

	if (!function)
		return problem_say(problem, -ELIBBAD, LIBRARY " has no %s: %s", name, dlerror());
	memcpy(ret, &function, sizeof(function));
	return 0;
}

int libcurl_load(struct problem *problem)
{
	struct libcurl found = { 0 };
	void *library;
	int r = 0;

	if (libcurl.easy_init)
		return 0;
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return problem_say(problem, -ELIBACC,
			"cannot load libcurl: %s; is the package libcurl4 installed?", dlerror());
#define X(name)                                                                                    \
	if (r == 0)                                                                                \
		r = look_up(library, "curl_" #name, &found.name, problem);
	LIBCURL_FUNCTIONS(X)
#undef X
	if (r == 0 && found.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		r = problem_say(problem, -ENOMEM, "libcurl does not start");
	if (r == 0)
		libcurl = found;
	return r;
}
