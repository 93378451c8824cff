/* SPDX-License-Identifier: MIT */

/* Any answer over HTTP, and its parts: an object that speaks our version, or a refusal in a plain
 * sentence. The first byte chooses status and media type. */

#include "api/answer.h"
#include "api/client.h"
#include "core/json.h"
#include "tests/fuzz/fuzz.h"

static void open_envelope(struct json_object *object)
{
	const char *bytes = NULL, *signature = NULL;
	size_t n = 0, n_signature = 0;
	struct problem problem = PROBLEM_NONE;
	int r = api_envelope_open(object, &bytes, &n, &signature, &n_signature, &problem);

	if (r == 0)
		REQUIRE(n <= DOCUMENT_MAX && n_signature <= SIGNATURE_MAX && !bytes[n] &&
			!signature[n_signature]);
	else
		fuzz_refused(r, &problem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const long statuses[] = { 200, 201, 204, 302, 400, 401, 404, 409, 413, 429, 500,
		503 };
	static const char *const types[] = { "application/json", "application/problem+json",
		"application/json; charset=utf-8", "text/html", NULL };
	size_t choice = size ? data[0] : 0;
	_cleanup_(freep) char *body = size ? fuzz_bytes(data + 1, size - 1) : NULL;
	_cleanup_(json_putp) struct json_object *object = NULL;
	struct problem problem = PROBLEM_NONE;
	struct answer answer = { .url = "https://central.example",
		.status = statuses[choice % (sizeof(statuses) / sizeof(statuses[0]))],
		.content_type = types[choice / 16 % (sizeof(types) / sizeof(types[0]))],
		.location = choice & 1 ? "http://elsewhere.example" : NULL,
		.body = body,
		.size = size ? size - 1 : 0,
		.detail = "" };
	int64_t number;
	int r;

	r = answer_problem_number(&answer, "wait", "seconds", &number);
	REQUIRE(r == 0 || r == -ENOENT);
	r = answer_read(&answer, &object, &problem);
	if (r != 0)
		fuzz_refused(r, &problem);
	else if (answer.status == 204)
		REQUIRE(!object);
	else
		REQUIRE(answer.status < 300 && json_number(object, "schema") == 1);
	if (object)
		open_envelope(object);
	return 0;
}
