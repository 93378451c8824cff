/* SPDX-License-Identifier: MIT */
#pragma once

/* Central's lists, which come in pages. */

#include "api/client.h"

#define LIST_ITEMS_MAX 10000

/* Fetches all pages of `path` ("/v1/hosts?customer=acme") and returns the items of `noun`
 * ("hosts") in one array, to be put by the caller. More than LIST_ITEMS_MAX is -E2BIG. */
int api_list(struct api *api, const char *path, const char *noun, struct json_object **ret,
	struct problem *problem);

/* The array `noun` of an answer, and where its next page begins: empty if there is none. -EPROTO
 * if the answer has no such array. */
int list_page(struct json_object *answer, const char *noun, struct json_object **ret_items,
	const char **ret_next, struct problem *problem);
