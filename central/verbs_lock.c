/* SPDX-License-Identifier: MIT */

/* Ending all that an agent has. Central needs no signature to end; but what it says to the admin
 * is what hosts signed: one that has not confirmed is named. A revocation that was sent is not
 * sent again, so that the verb can be repeated to look. */

#include "central/verbs.h"

#include "central/handlers.h"
#include "lib/moment.h"

#include <stdio.h>
#include <string.h>

#define WAIT_DEFAULT 10
#define SENDER       "operator:central"

struct ending {
	struct central *central;
	struct json_object *requests; /* digests that are not over */
	int64_t before, now;
	size_t n_rows;
};

static bool is_over(const char *state)
{
	static const char *const over[] = { "denied", "revoked", "ended" };

	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++)
		if (strcmp(state, over[i]) == 0)
			return true;
	return false;
}

static int note_request(void *context, const struct document_row *row)
{
	struct ending *ending = context;
	const char *state;
	int r;

	ending->before = row->n;
	ending->n_rows++;
	r = request_state_name(ending->central, row, ending->now, &state);
	if (r < 0 || is_over(state))
		return r;
	return answer_append(ending->requests, json_object_new_string(row->digest));
}

static int find_requests(struct ending *ending, const char *agent)
{
	int r = 0;

	do {
		ending->n_rows = 0;
		r = central_requests(ending->central, NULL, agent, ending->before, CENTRAL_PAGE_MAX,
			note_request, ending);
	} while (r == 0 && ending->n_rows == CENTRAL_PAGE_MAX);
	return r;
}

static int note_revocation(void *context, const struct document_row *row)
{
	bool *revoked = context;

	if (strcmp(row->type, "revocation") == 0 && strcmp(row->sender, SENDER) == 0)
		*revoked = true;
	return 0;
}

static int revoke_request(struct ending *ending, const char *request, struct problem *problem)
{
	static const struct identity central = { .role = ROLE_OPERATOR, .name = "central" };
	_cleanup_(freep) struct document *document = calloc(1, sizeof(*document));
	_cleanup_(document_freep) struct document *parsed = NULL;
	_cleanup_(freep) char *bytes = NULL;
	size_t size;
	int r;

	if (!document)
		return -ENOMEM;
	document->type = DOCUMENT_REVOCATION;
	document->version = 1;
	memcpy(document->revocation.request, request, DIGEST_HEX_LEN);
	strcpy(document->revocation.by, "central");
	strcpy(document->revocation.reason, "the agent's access was locked by the vendor");
	document->revocation.revoked = ending->now;
	r = document_write(document, &bytes, &size, NULL, problem);
	if (r == 0)
		r = document_parse(bytes, size, &parsed, problem);
	if (r < 0)
		return r;
	return central_document_add(
		ending->central, parsed, bytes, "", &central, ending->now, NULL, NULL);
}

static int revoke_all(struct ending *ending, size_t *ret_revoked, struct problem *problem)
{
	*ret_revoked = 0;
	for (size_t i = 0; i < json_object_array_length(ending->requests); i++) {
		const char *request =
			json_object_get_string(json_object_array_get_idx(ending->requests, i));
		bool revoked = false;
		int r;

		r = central_about(ending->central, request, note_revocation, &revoked);
		if (r == 0 && !revoked) {
			r = revoke_request(ending, request, problem);
			(*ret_revoked)++;
		}
		if (r < 0)
			return r;
	}
	return 0;
}

struct missing {
	struct json_object *rows;
	const char *request;
};

static int append_host(void *context, const struct host_row *row)
{
	struct missing *missing = context;
	struct json_object *json = json_object_new_object();
	char contact[32], id[SHORT_ID_LEN + 1];
	struct digest digest;

	moment_rfc3339(row->contact, contact);
	if (digest_from_hex(missing->request, &digest) == 0)
		digest_short_id(&digest, id);
	if (json && answer_add_text(json, "host", row->name) == 0 &&
		answer_add_text(json, "customer", row->customer) == 0 &&
		answer_add_text(json, "request", id) == 0 &&
		answer_add_text(json, "last_contact", contact) == 0)
		return answer_append(missing->rows, json);
	(void)json_object_put(json);
	return -ENOMEM;
}

static int list_missing(struct ending *ending, struct json_object **ret)
{
	_cleanup_(json_putp) struct json_object *rows = json_object_new_array();
	struct missing missing = { .rows = rows };

	for (size_t i = 0; i < json_object_array_length(ending->requests); i++) {
		int r;

		missing.request =
			json_object_get_string(json_object_array_get_idx(ending->requests, i));
		r = central_unconfirmed(ending->central, missing.request, append_host, &missing);
		if (r < 0)
			return r;
	}
	*ret = TAKE_PTR(rows);
	return 0;
}

static int wait_for_hosts(struct ending *ending, int64_t seconds, struct json_object **ret)
{
	const int64_t end = moment_boot() + seconds;
	int r;

	for (;;) {
		int64_t left = end - moment_boot();

		r = list_missing(ending, ret);
		if (r < 0 || json_object_array_length(*ret) == 0 || left <= 0)
			return r;
		(void)json_object_put(*ret);
		*ret = NULL;
		(void)central_wait(ending->central, left * 1000);
	}
}

static int say(const struct arguments *arguments, const char *agent, bool changed, size_t revoked,
	struct json_object *missing)
{
	static const struct output_column columns[] = {
		{ "host", "Not confirmed", NULL },
		{ "customer", "Customer", NULL },
		{ "request", "Request", NULL },
		{ "last_contact", "Last contact", output_show_time },
		{ 0 },
	};
	const bool done = json_object_array_length(missing) == 0;

	if (output_asked(arguments) != OUTPUT_JSON)
		printf("%s is locked%s. %zu %s revoked%s\n", agent,
			changed || revoked ? "" : " already, and nothing changed", revoked,
			revoked == 1 ? "request was" : "requests were",
			done ? "; no host is left to confirm." : ".");
	if (output_asked(arguments) == OUTPUT_JSON || !done)
		output_list(output_asked(arguments), "not_confirmed", missing, columns, "",
			moment_now());
	return done ? EXIT_DONE : EXIT_IN_PART;
}

int verb_end_requests(const struct arguments *arguments, struct central *central, const char *agent,
	bool changed, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *requests = json_object_new_array(),
						*missing = NULL;
	struct ending ending = { .central = central, .requests = requests, .now = moment_now() };
	const char *wait = argument(arguments, "wait");
	int64_t seconds = WAIT_DEFAULT;
	size_t revoked = 0;
	int r;

	if (wait && length_parse(wait, &seconds) < 0)
		return problem_say(problem, -EINVAL, "--wait %s is no length, as 10s", wait);
	r = find_requests(&ending, agent);
	if (r == 0)
		r = revoke_all(&ending, &revoked, problem);
	if (r == 0)
		r = wait_for_hosts(&ending, seconds, &missing);
	return r < 0 ? r : say(arguments, agent, changed, revoked, missing);
}
