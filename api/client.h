/* SPDX-License-Identifier: MIT */
#pragma once

/* Central's HTTP API as its clients see it: TLS checked, sizes and times bounded, errors in words.
 * Verbs return 0 or a negative errno with a sentence in `problem`: -ECONNREFUSED, -EHOSTUNREACH,
 * -ETIMEDOUT (not reached), -EACCES (401), -EPERM (403), -ENOENT (404), -EEXIST (409), -EBUSY
 * (429), -EPROTO (not what openapi.yaml promises: a proxy's page, garbage), -EIO (500). */

#include "core/document.h"
#include "core/problem.h"
#include "lib/cleanup.h"

#include <json-c/json.h>

#define API_BODY_MAX (4 * 1024 * 1024)

struct api_settings {
	const char *url;	/* https://…; http:// only to loopback */
	const char *token;	/* bearer, or NULL */
	const char *proxy, *ca_file; /* NULL or "": the system's */
	const char *user_agent;
	int64_t timeout_ms;	/* for a whole exchange; long polls add their wait */
};

struct api;

int api_open(const struct api_settings *settings, struct api **ret, struct problem *problem);
void api_free(struct api *api);
DEFINE_CLEANUP(struct api *, api_free)

/* `path` below the URL ("/v1/feed?…"), already escaped. `body` NULL: none. `*ret` is a JSON
 * object, to be put by the caller; NULL for 204. */
int api_get(struct api *api, const char *path, int64_t wait_ms, struct json_object **ret,
	struct problem *problem);
int api_post(struct api *api, const char *path, const char *body, struct json_object **ret,
	struct problem *problem);
int api_delete(struct api *api, const char *path, struct problem *problem);

/* The envelope of docs/documents.md. */
struct json_object *api_envelope(const char *bytes, size_t size, const char *signature,
	size_t signature_size);
