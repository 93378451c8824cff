/* SPDX-License-Identifier: MIT */

#include "api/asked.h"

#include "api/list.h"
#include "core/json.h"

#include <stdio.h>
#include <string.h>

int asked_request(struct json_object *state, struct document **ret, struct problem *problem)
{
	_cleanup_(document_freep) struct document *document = NULL;
	const char *bytes, *signature;
	size_t size, signature_size;
	char hex[DIGEST_HEX_LEN + 1];
	int r;

	r = api_envelope_open(state, &bytes, &size, &signature, &signature_size, problem);
	if (r == 0)
		r = document_parse(bytes, size, &document, problem);
	if (r != 0)
		return r;
	digest_to_hex(&document->digest, hex);
	if (document->type != DOCUMENT_REQUEST || strcmp(hex, json_text(state, "digest")) != 0)
		return problem_say(
			problem, -EPROTO, "central shows another document in the request's place");
	*ret = TAKE_PTR(document);
	return 0;
}

/* A digest, or a short id in any form that people type. */
static int normalise(
	const char *typed, char ret[static DIGEST_HEX_LEN + 1], struct problem *problem)
{
	struct digest digest;

	if (digest_from_hex(typed, &digest) == 0)
		digest_to_hex(&digest, ret);
	else if (short_id_normalise(typed, ret) < 0)
		return problem_say(problem, -EINVAL,
			"\"%s\" is no request's id; one looks like "
			"7K2F9-QXM4T",
			typed);
	return 0;
}

static bool is_named(const struct document *request, const char *id)
{
	char hex[DIGEST_HEX_LEN + 1], short_id[SHORT_ID_LEN + 1];

	digest_to_hex(&request->digest, hex);
	digest_short_id(&request->digest, short_id);
	return strcmp(hex, id) == 0 || strcmp(short_id, id) == 0;
}

int asked_fetch(struct api *api, const char *id, struct json_object **ret_state,
	struct document **ret_request, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *state = NULL;
	_cleanup_(document_freep) struct document *request = NULL;
	char name[DIGEST_HEX_LEN + 1], path[128];
	int r;

	r = normalise(id, name, problem);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/v1/requests/%s", name);
	r = api_get(api, path, 0, &state, problem);
	if (r == 0)
		r = asked_request(state, &request, problem);
	if (r < 0)
		return r;
	if (!is_named(request, name))
		return problem_say(problem, -EPROTO, "central shows another request than %s", name);
	*ret_state = TAKE_PTR(state);
	if (ret_request)
		*ret_request = TAKE_PTR(request);
	return 0;
}
