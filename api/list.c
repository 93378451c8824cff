/* SPDX-License-Identifier: MIT */

/* A server that names the same page again and again must not keep us for ever: what is new and
 * how much there may be are both checked. */

#include "api/list.h"

#include "core/json.h"

#include <stdio.h>
#include <string.h>

#define PATH_SIZE_MAX 1024

int list_page(struct json_object *answer, const char *noun, struct json_object **ret_items,
	const char **ret_next, struct problem *problem)
{
	struct json_object *items = NULL;

	if (!answer || !json_object_object_get_ex(answer, noun, &items) ||
		!json_object_is_type(items, json_type_array))
		return problem_say(problem, -EPROTO, "central's answer has no list of %s", noun);
	*ret_items = items;
	*ret_next = json_text(answer, "next");
	return 0;
}

/* "/v1/hosts?customer=acme" and a cursor. */
static int next_path(const char *path, const char *after, char ret[static PATH_SIZE_MAX])
{
	_cleanup_(freep) char *escaped = api_escape(after);
	int n;

	if (!escaped)
		return -ENOMEM;
	n = snprintf(
		ret, PATH_SIZE_MAX, "%s%safter=%s", path, strchr(path, '?') ? "&" : "?", escaped);
	return n < PATH_SIZE_MAX ? 0 : -ENAMETOOLONG;
}

int api_list(struct api *api, const char *path, const char *noun, struct json_object **ret,
	struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *all = json_object_new_array();
	char page_path[PATH_SIZE_MAX];

	if ((size_t)snprintf(page_path, sizeof(page_path), "%s", path) >= sizeof(page_path))
		return -ENAMETOOLONG;
	for (;;) {
		_cleanup_(json_putp) struct json_object *answer = NULL;
		struct json_object *items;
		const char *next;
		int r = api_get(api, page_path, 0, &answer, problem);

		if (r == 0)
			r = list_page(answer, noun, &items, &next, problem);
		if (r != 0)
			return r;
		for (size_t i = 0; i < json_object_array_length(items); i++)
			json_object_array_add(
				all, json_object_get(json_object_array_get_idx(items, i)));
		if (json_object_array_length(all) > LIST_ITEMS_MAX)
			return problem_say(problem, -E2BIG, "central lists more than %d %s",
				LIST_ITEMS_MAX, noun);
		if (!next[0] || json_object_array_length(items) == 0)
			break;
		r = next_path(path, next, page_path);
		if (r < 0)
			return r;
	}
	*ret = TAKE_PTR(all);
	return 0;
}
