/* SPDX-License-Identifier: MIT */

/* Whatever answers need not be central: a proxy's login page, an inspected connection, another
 * server on the same port. So an answer counts only with the content type that central would
 * have sent, and the sentence says who probably spoke. */

#include "api/answer.h"

#include "api/client.h"
#include "api/libcurl.h"
#include "core/json.h"

#include <string.h>
#include <strings.h>

#define ANSWER_DEPTH_MAX 16

int answer_failed(const struct answer *answer, int curl_code, struct problem *problem)
{
	static const struct {
		CURLcode code;
		int r;
		const char *text;
	} rows[] = {
		{ CURLE_COULDNT_RESOLVE_HOST, -EHOSTUNREACH, "its name cannot be resolved" },
		{ CURLE_COULDNT_RESOLVE_PROXY, -EHOSTUNREACH,
			"the proxy's name cannot be resolved" },
		{ CURLE_COULDNT_CONNECT, -ECONNREFUSED, "no connection" },
		{ CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT, "no answer in time" },
		{ CURLE_GOT_NOTHING, -ECONNRESET, "the connection was cut" },
		{ CURLE_RECV_ERROR, -ECONNRESET, "the connection was cut" },
		{ CURLE_SEND_ERROR, -ECONNRESET, "the connection was cut" },
		{ CURLE_PARTIAL_FILE, -ECONNRESET, "the answer was cut" },
		{ CURLE_PEER_FAILED_VERIFICATION, -EKEYREJECTED,
			"its certificate does not hold; does a proxy inspect TLS? (ca_file)" },
		{ CURLE_SSL_CACERT_BADFILE, -EKEYREJECTED,
			"the file of authorities cannot be read" },
		{ CURLE_SSL_CONNECT_ERROR, -EKEYREJECTED, "no TLS 1.2 or newer" },
		{ CURLE_OUT_OF_MEMORY, -ENOMEM, "out of memory" },
	};

	if (answer->too_big)
		return problem_say(problem, -EPROTO,
			"%s: the answer is larger than %d MiB; is this really central?",
			answer->url, API_BODY_MAX / 1024 / 1024);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].code == (CURLcode)curl_code)
			return problem_say(problem, rows[i].r, "%s: %s%s%s%s", answer->url,
				rows[i].text, answer->detail[0] ? " (" : "", answer->detail,
				answer->detail[0] ? ")" : "");
	return problem_say(problem, -EPROTO, "%s: %s", answer->url,
		answer->detail[0]         ? answer->detail
		: libcurl_load(NULL) == 0 ? libcurl.easy_strerror((CURLcode)curl_code)
					  : "no libcurl");
}

/* "application/json" and "application/json; charset=utf-8". */
static bool is_type(const char *content_type, const char *type)
{
	size_t len = strlen(type);

	return content_type && strncasecmp(content_type, type, len) == 0 &&
	       strchr("; ", content_type[len]);
}

static struct json_object *parse(const char *body, size_t size)
{
	struct json_object *object;
	const char *fault;

	return json_parse(body, size, ANSWER_DEPTH_MAX, &object, &fault) == 0 ? object : NULL;
}

/* The errno of a status from 400 on. */
static int status_errno(long status)
{
	static const struct {
		long status;
		int r;
	} rows[] = { { 401, -EACCES }, { 403, -EPERM }, { 404, -ENOENT }, { 409, -EEXIST },
		{ 413, -EMSGSIZE }, { 429, -EBUSY } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].status == status)
			return rows[i].r;
	return status >= 500 ? -EIO : -EBADMSG;
}

/* An error: central's problem details, or a page of whoever answered in its place. */
static int read_error(const struct answer *answer, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *details = NULL;
	const char *detail;

	if (is_type(answer->content_type, "application/problem+json"))
		details = parse(answer->body, answer->size);
	if (!details)
		return problem_say(problem, answer->status >= 500 ? -EIO : -EPROTO,
			"%s answers %ld, not in central's words: a proxy, or the wrong address?",
			answer->url, answer->status);
	detail = json_text(details, "detail");
	return problem_say(problem, status_errno(answer->status), "central says: %s",
		detail[0] ? detail : json_text(details, "title"));
}

int answer_problem_number(
	const struct answer *answer, const char *kind, const char *name, int64_t *ret)
{
	static const char prefix[] = "urn:supportaccess:";
	_cleanup_(json_putp) struct json_object *details = NULL;
	struct json_object *value = NULL;
	const char *type;

	if (is_type(answer->content_type, "application/problem+json"))
		details = parse(answer->body, answer->size);
	if (!details)
		return -ENOENT;
	type = json_text(details, "type");
	if (strncmp(type, prefix, sizeof(prefix) - 1) != 0 ||
		strcmp(type + sizeof(prefix) - 1, kind) != 0 ||
		!json_object_object_get_ex(details, name, &value) ||
		!json_object_is_type(value, json_type_int))
		return -ENOENT;
	*ret = json_object_get_int64(value);
	return 0;
}

int64_t answer_wait_s(const struct answer *answer)
{
	if ((answer->status != 429 && answer->status != 503) || answer->retry_after < 0)
		return 0;
	return answer->retry_after;
}

int answer_read(const struct answer *answer, struct json_object **ret, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *object = NULL;
	struct json_object *schema = NULL;

	if (answer->status >= 300 && answer->status < 400)
		return problem_say(problem, -EPROTO,
			"%s sends us elsewhere (%ld, to %s), and we do not follow: a proxy that "
			"wants a login, or the wrong address?",
			answer->url, answer->status,
			answer->location ? answer->location : "nowhere");
	if (answer->status >= 400)
		return read_error(answer, problem);
	if (answer->status == 204) {
		*ret = NULL;
		return 0;
	}
	if (is_type(answer->content_type, "application/json"))
		object = parse(answer->body, answer->size);
	if (!object || !json_object_object_get_ex(object, "schema", &schema) ||
		!json_object_is_type(schema, json_type_int))
		return problem_say(problem, -EPROTO,
			"%s answers, but not as central would: a proxy, or the wrong address?",
			answer->url);
	if (json_object_get_int64(schema) != 1)
		return problem_say(problem, -EPROTO,
			"%s speaks version %s of the API, we speak 1: update supportaccess",
			answer->url, json_object_get_string(schema));
	*ret = TAKE_PTR(object);
	return 0;
}
