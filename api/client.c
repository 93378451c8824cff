/* SPDX-License-Identifier: MIT */

/* One handle does one exchange at a time and keeps its connection for the next. Redirects are
 * not followed: the token would go where central never sent it. */

#include "api/client.h"

#include "api/answer.h"
#include "api/libcurl.h"
#include "core/json.h"

#include <stdio.h>
#include <string.h>

struct api {
	CURL *curl;
	char url[API_URL_MAX];
	struct curl_slist *headers;
	int64_t timeout_ms;
	char *body;
	size_t size;
	bool too_big;
	char detail[CURL_ERROR_SIZE];
};

/* --- settings ----------------------------------------------------------------------------- */

static bool is_loopback(const char *host)
{
	static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(host, names[i]) == 0)
			return true;
	return false;
}

static void curl_urlp(CURLU **url)
{
	libcurl.url_cleanup(*url);
}

static void curl_textp(char **text)
{
	if (*text)
		libcurl.free(*text);
}

static bool has_part(CURLU *url, CURLUPart part)
{
	_cleanup_(curl_textp) char *text = NULL;

	return libcurl.url_get(url, part, &text, 0) == CURLUE_OK;
}

/* Refuses what would send the token in the clear or hide where it goes. */
static int check_url(const char *text, struct problem *problem)
{
	_cleanup_(curl_urlp) CURLU *url = libcurl.url();
	_cleanup_(curl_textp) char *scheme = NULL, *host = NULL;

	if (!url)
		return -ENOMEM;
	if (strlen(text) >= API_URL_MAX)
		return problem_say(
			problem, -EINVAL, "the URL is longer than %d bytes", API_URL_MAX);
	if (libcurl.url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
		libcurl.url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
		libcurl.url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		return problem_say(
			problem, -EINVAL, "%s is no URL; it looks like https://HOST", text);
	if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_QUERY) ||
		has_part(url, CURLUPART_FRAGMENT))
		return problem_say(problem, -EINVAL,
			"the URL may have no user, query or fragment: https://HOST");
	if (strcmp(scheme, "https") == 0 || (strcmp(scheme, "http") == 0 && is_loopback(host)))
		return 0;
	return problem_say(problem, -EINVAL,
		"%s: only https:// is safe here (http:// to this very "
		"machine alone)",
		text);
}

static int add_header(struct api *api, const char *header)
{
	struct curl_slist *longer = libcurl.slist_append(api->headers, header);

	if (!longer)
		return -ENOMEM;
	api->headers = longer;
	return 0;
}

/* A token is sent in a header line: whatever is no letter could end it. */
static int add_token(struct api *api, const char *token, struct problem *problem)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-._~+/=";
	char header[API_TOKEN_MAX + 32];

	if (!token[0] || strlen(token) > API_TOKEN_MAX || token[strspn(token, allowed)])
		return problem_say(problem, -EINVAL, "the token or code has not the form of one");
	snprintf(header, sizeof(header), "Authorization: Bearer %s", token);
	return add_header(api, header);
}

static size_t take_body(char *bytes, size_t one, size_t n, void *context)
{
	struct api *api = context;
	size_t size = one * n;
	char *longer;

	if (size > API_BODY_MAX - api->size) {
		api->too_big = true;
		return 0;
	}
	longer = realloc(api->body, api->size + size + 1);
	if (!longer)
		return 0;
	api->body = longer;
	memcpy(longer + api->size, bytes, size);
	api->size += size;
	longer[api->size] = '\0';
	return size;
}

/* What holds for every exchange of this handle. */
static int set_options(struct api *api, const struct api_settings *settings)
{
	CURL *c = api->curl;
	bool failed = false;

	failed |= libcurl.easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK;
	failed |= libcurl.easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) !=
		  CURLE_OK;
	failed |= libcurl.easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) != CURLE_OK;
	failed |= libcurl.easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L) != CURLE_OK;
	failed |= libcurl.easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) != CURLE_OK;
	failed |= libcurl.easy_setopt(c, CURLOPT_NOSIGNAL, 1L) != CURLE_OK;
	failed |= libcurl.easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) != CURLE_OK;
	failed |= libcurl.easy_setopt(c, CURLOPT_WRITEDATA, api) != CURLE_OK;
	failed |= libcurl.easy_setopt(c, CURLOPT_ERRORBUFFER, api->detail) != CURLE_OK;
	failed |= libcurl.easy_setopt(c, CURLOPT_HTTPHEADER, api->headers) != CURLE_OK;
	failed |= libcurl.easy_setopt(c, CURLOPT_USERAGENT, settings->user_agent) != CURLE_OK;
	failed |= libcurl.easy_setopt(c, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1") != CURLE_OK;
	if (settings->proxy)
		failed |= libcurl.easy_setopt(c, CURLOPT_PROXY, settings->proxy) != CURLE_OK;
	if (settings->ca_file && settings->ca_file[0])
		failed |= libcurl.easy_setopt(c, CURLOPT_CAINFO, settings->ca_file) != CURLE_OK;
	return failed ? -ENOMEM : 0;
}

int api_open(const struct api_settings *settings, struct api **ret, struct problem *problem)
{
	_cleanup_(api_freep) struct api *api = NULL;
	size_t len;
	int r;

	r = libcurl_load(problem);
	if (r == 0)
		r = check_url(settings->url, problem);
	if (r < 0)
		return r;
	api = calloc(1, sizeof(*api));
	if (!api)
		return -ENOMEM;
	snprintf(api->url, sizeof(api->url), "%s", settings->url);
	for (len = strlen(api->url); len > 0 && api->url[len - 1] == '/'; len--)
		api->url[len - 1] = '\0';
	api->timeout_ms = settings->timeout_ms;
	api->curl = libcurl.easy_init();
	if (!api->curl)
		return -ENOMEM;
	r = add_header(api, "Accept: application/json, application/problem+json");
	if (r == 0)
		r = add_header(api, "Content-Type: application/json");
	if (r == 0)
		r = add_header(api, "Expect:"); /* no waiting for 100 Continue */
	if (r == 0)
		r = add_header(api, "Supportaccess-Documents: 1");
	if (r == 0 && settings->token)
		r = add_token(api, settings->token, problem);
	if (r == 0)
		r = set_options(api, settings);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(api);
	return 0;
}

/* The token must not stay behind in freed memory. */
static void wipe_headers(struct curl_slist *headers)
{
	for (struct curl_slist *h = headers; h; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	libcurl.slist_free_all(headers);
}

void api_free(struct api *api)
{
	if (!api)
		return;
	if (api->curl)
		libcurl.easy_cleanup(api->curl);
	wipe_headers(api->headers);
	free(api->body);
	free(api);
}

/* --- one exchange ------------------------------------------------------------------------- */

int api_prepare(struct api *api, const char *method, const char *path, const char *body,
	int64_t wait_ms, struct problem *problem)
{
	char url[API_URL_MAX * 3];
	CURL *c = api->curl;
	int64_t all_ms = api->timeout_ms + wait_ms;
	bool failed = false;

	if ((size_t)snprintf(url, sizeof(url), "%s%s", api->url, path) >= sizeof(url))
		return problem_say(problem, -EINVAL, "the path is too long: %.80s...", path);
	free(api->body);
	api->body = NULL;
	api->size = 0;
	api->too_big = false;
	api->detail[0] = '\0';
	failed |= libcurl.easy_setopt(c, CURLOPT_URL, url) != CURLE_OK;
	failed |= libcurl.easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)all_ms) != CURLE_OK;
	failed |= libcurl.easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
			  api->timeout_ms < API_CONNECT_MS ? (long)api->timeout_ms
							   : (long)API_CONNECT_MS) != CURLE_OK;
	failed |= libcurl.easy_setopt(c, CURLOPT_HTTPGET, 1L) != CURLE_OK;
	if (strcmp(method, "POST") == 0) {
		failed |= libcurl.easy_setopt(c, CURLOPT_POSTFIELDSIZE,
				  body ? (long)strlen(body) : 0L) != CURLE_OK;
		failed |= libcurl.easy_setopt(c, CURLOPT_POSTFIELDS, body ? body : "") != CURLE_OK;
	}
	failed |= libcurl.easy_setopt(c, CURLOPT_CUSTOMREQUEST,
			  strcmp(method, "DELETE") == 0 ? "DELETE" : NULL) != CURLE_OK;
	return failed ? -ENOMEM : 0;
}

void *api_handle(struct api *api)
{
	return api->curl;
}

static struct answer last_answer(struct api *api)
{
	struct answer answer = { .url = api->url,
		.body = api->body ? api->body : "",
		.size = api->size,
		.too_big = api->too_big,
		.detail = api->detail };
	char *content_type = NULL, *location = NULL;
	curl_off_t retry_after = 0;

	(void)libcurl.easy_getinfo(api->curl, CURLINFO_RESPONSE_CODE, &answer.status);
	(void)libcurl.easy_getinfo(api->curl, CURLINFO_CONTENT_TYPE, &content_type);
	(void)libcurl.easy_getinfo(api->curl, CURLINFO_REDIRECT_URL, &location);
	(void)libcurl.easy_getinfo(api->curl, CURLINFO_RETRY_AFTER, &retry_after);
	answer.content_type = content_type;
	answer.location = location;
	answer.retry_after = retry_after;
	return answer;
}

int api_finish(struct api *api, int curl_code, struct json_object **ret, struct problem *problem)
{
	struct answer answer = last_answer(api);

	if (curl_code != CURLE_OK)
		return answer_failed(&answer, curl_code, problem);
	return answer_read(&answer, ret, problem);
}

int api_problem_number(struct api *api, const char *kind, const char *name, int64_t *ret)
{
	struct answer answer = last_answer(api);

	return answer_problem_number(&answer, kind, name, ret);
}

int64_t api_wait_s(struct api *api)
{
	struct answer answer = last_answer(api);

	return answer_wait_s(&answer);
}

static int exchange(struct api *api, const char *method, const char *path, const char *body,
	int64_t wait_ms, struct json_object **ret, struct problem *problem)
{
	int r = api_prepare(api, method, path, body, wait_ms, problem);

	if (r < 0)
		return r;
	return api_finish(api, (int)libcurl.easy_perform(api->curl), ret, problem);
}

int api_get(struct api *api, const char *path, int64_t wait_ms, struct json_object **ret,
	struct problem *problem)
{
	return exchange(api, "GET", path, NULL, wait_ms, ret, problem);
}

int api_post(struct api *api, const char *path, const char *body, struct json_object **ret,
	struct problem *problem)
{
	return exchange(api, "POST", path, body, 0, ret, problem);
}

int api_delete(struct api *api, const char *path, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *answer = NULL;

	return exchange(api, "DELETE", path, NULL, 0, &answer, problem);
}

char *api_escape(const char *text)
{
	_cleanup_(curl_textp) char *escaped = NULL;

	if (libcurl_load(NULL) < 0)
		return NULL;
	escaped = libcurl.easy_escape(NULL, text, 0);
	return escaped ? strdup(escaped) : NULL;
}
