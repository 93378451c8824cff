/* SPDX-License-Identifier: MIT */
#pragma once

/* Central's HTTP API as its clients see it: TLS checked, sizes and times bounded, errors in words.
 *
 * Verbs return 0 or a negative errno with a sentence in `problem`: -ECONNREFUSED, -EHOSTUNREACH,
 * -ETIMEDOUT (not reached), -ECONNRESET (cut), -EKEYREJECTED (its certificate does not hold),
 * -EACCES (401), -EPERM (403), -ENOENT (404), -EEXIST (409), -EMSGSIZE (413), -EBUSY (429),
 * -EBADMSG (another 4xx), -EPROTO (not what openapi.yaml promises: a redirect, a proxy's page,
 * garbage, too much), -EIO (5xx). The token is never part of a sentence. */

#include "core/document.h"
#include "core/problem.h"
#include "lib/cleanup.h"

#include <json-c/json.h>

#define API_BODY_MAX   (4 * 1024 * 1024)
#define API_URL_MAX    512
#define API_TOKEN_MAX  256
#define API_TIMEOUT_MS 20000 /* for programs that people wait for */
#define API_CONNECT_MS 10000

struct api_settings {
	const char *url;     /* https://…; http:// only to loopback */
	const char *token;   /* bearer, or NULL */
	const char *proxy;   /* "": none; NULL: what the environment says, for CLIs alone */
	const char *ca_file; /* NULL or "": the system's */
	const char *user_agent;
	int64_t timeout_ms; /* for a whole exchange; long polls add their wait */
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

/* The same in three steps, for a program with a loop of its own: prepare, let libcurl's multi
 * interface perform api_handle (a CURL *), finish with its CURLcode. `body` must live until
 * then. `method` is "GET", "POST" or "DELETE". */
int api_prepare(struct api *api, const char *method, const char *path, const char *body,
	int64_t wait_ms, struct problem *problem);
void *api_handle(struct api *api);
int api_finish(struct api *api, int curl_code, struct json_object **ret, struct problem *problem);

/* A number in the problem details of the last answer, as "last" of "chain-gap". 0, or -ENOENT if
 * that answer was something else. */
int api_problem_number(struct api *api, const char *kind, const char *name, int64_t *ret);

/* How many seconds the last answer asks to be left alone (Retry-After); 0: it does not. */
int64_t api_wait_s(struct api *api);

/* Escapes text for a query: the caller frees; NULL without memory. */
char *api_escape(const char *text);

/* The envelope of docs/documents.md. */
struct json_object *api_envelope(
	const char *bytes, size_t size, const char *signature, size_t signature_size);

/* Takes both strings out of an envelope, or of any object that has its two fields. They live as
 * long as the object. 0, or -EPROTO. */
int api_envelope_open(struct json_object *envelope, const char **ret_bytes, size_t *ret_size,
	const char **ret_signature, size_t *ret_signature_size, struct problem *problem);
