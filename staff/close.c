/* SPDX-License-Identifier: MIT */

/* Saying that one is done: ends the sessions, and tells the customer what was done. */

#include "core/json.h"
#include "lib/moment.h"
#include "lib/text.h"
#include "staff/asked.h"
#include "staff/key.h"

#include <stdio.h>
#include <string.h>

static int build(const struct staff *staff, const struct document *request, const char *summary,
	struct closing *ret, struct problem *problem)
{
	digest_to_hex(&request->digest, ret->request);
	ret->closed = moment_now();
	if (text_copy(ret->agent, sizeof(ret->agent), staff->settings.name) < 0 ||
		text_copy(ret->summary, sizeof(ret->summary), summary) < 0)
		return problem_say(problem, -EINVAL, "--summary is longer than %d bytes",
			DOCUMENT_SUMMARY_MAX);
	return 0;
}

static int post(struct staff *staff, const struct agent_key *key, const struct document *document,
	struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *envelope = NULL, *answer = NULL;
	_cleanup_(freep) char *bytes = NULL, *signature = NULL;
	size_t size, signature_size;
	int r = document_write(document, &bytes, &size, NULL, problem);

	if (r == 0)
		r = key_sign(
			key, DOCUMENT_CLOSING, bytes, size, &signature, &signature_size, problem);
	if (r != 0)
		return r;
	envelope = api_envelope(bytes, size, signature, signature_size);
	return api_post(staff->api, "/v1/closings",
		json_object_to_json_string_ext(envelope, JSON_C_TO_STRING_PLAIN), &answer, problem);
}

int staff_close(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(staff_done) struct staff staff = { 0 };
	_cleanup_(json_putp) struct json_object *state = NULL, *row = NULL;
	_cleanup_(document_freep) struct document *request = NULL;
	_cleanup_(freep) struct document *closing = calloc(1, sizeof(*closing));
	const char *summary = argument(arguments, "summary");
	char id[SHORT_ID_LEN + 1];
	struct agent_key key;
	int r;

	if (!closing)
		return -ENOMEM;
	if (!summary || !summary[0])
		return problem_say(problem, -EINVAL,
			"what was done? --summary \"...\": the customer reads it");
	closing->type = DOCUMENT_CLOSING;
	closing->version = 1;
	r = staff_open(&staff, problem);
	if (r == 0)
		r = key_find(arguments, &staff.settings, &key, problem);
	if (r == 0)
		r = asked_fetch(staff.api, arguments->words[0], &state, &request, problem);
	if (r == 0)
		r = build(&staff, request, summary, &closing->closing, problem);
	if (r == 0)
		r = post(&staff, &key, closing, problem);
	if (r < 0)
		return r;
	digest_short_id(&request->digest, id);
	row = json_object_new_object();
	json_add_text(row, "id", id);
	json_add_switch(row, "closed", true);
	output_result(output_asked(arguments), row,
		"Request %s is closed; its hosts end your sessions as they hear of it.\n"
		"  Whether they have  " STAFF_PROGRAM " show %s",
		id, id);
	return EXIT_DONE;
}
