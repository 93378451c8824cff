/* SPDX-License-Identifier: MIT */

/* Asking. Everything is resolved before signing: hosts to the ids of keys, lengths to seconds, so
 * that the approver signs about exactly this. */

#include "api/list.h"
#include "core/digest.h"
#include "core/json.h"
#include "lib/base32.h"
#include "lib/moment.h"
#include "lib/text.h"
#include "staff/asked.h"
#include "staff/hosts.h"
#include "staff/key.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define PENDING_S ((int64_t)3 * 24 * 3600)

static int64_t default_length(enum scope scope)
{
	static const struct {
		enum scope scope;
		int64_t seconds;
	} rows[] = { { SCOPE_READ_WRITE, 8 * 3600 }, { SCOPE_ADMIN, 4 * 3600 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].scope == scope)
			return rows[i].seconds;
	return (int64_t)3 * 24 * 3600;
}

/* What is given on the command line takes the place of what an earlier request (--again) said. */
static int take_text(const struct arguments *arguments, const char *option, char *ret, size_t size,
	struct problem *problem)
{
	const char *given = argument(arguments, option);

	if (given && text_copy(ret, size, given) < 0)
		return problem_say(
			problem, -EINVAL, "--%s is longer than %zu bytes", option, size - 1);
	return 0;
}

static int take_scope(
	const struct arguments *arguments, struct request *request, struct problem *problem)
{
	const char *given = argument(arguments, "scope");

	if (given)
		request->scope = scope_from_name(given);
	else if (request->scope == SCOPE_NONE)
		request->scope = SCOPE_READ_ONLY;
	if (request->scope == SCOPE_NONE)
		return problem_say(problem, -EINVAL,
			"--scope %s: there are read-only, read-write and admin", given);
	return 0;
}

static int take_times(const struct arguments *arguments, int64_t now, struct request *request,
	struct problem *problem)
{
	const char *length = argument(arguments, "for"), *start = argument(arguments, "from");

	if (request->length == 0 || argument_given(arguments, "scope"))
		request->length = default_length(request->scope);
	if (length && length_parse(length, &request->length) < 0)
		return problem_say(problem, -EINVAL,
			"--for %s is no length; 90m, 4h, 3d, 2w, 1mo are (at most 400d)", length);
	request->start = 0;
	if (start && moment_parse(start, now, &request->start) < 0)
		return problem_say(problem, -EINVAL,
			"--from %s is no time; 18:30 and \"2026-11-26 14:02\" are", start);
	request->created = now;
	request->pending_until = now + PENDING_S;
	return 0;
}

static int add_host(struct json_object *hosts, const char *name, struct request *request,
	struct problem *problem)
{
	_cleanup_(document_freep) struct document *enrolment = NULL;
	size_t at = request->n_hosts;
	int r;

	if (at == DOCUMENT_HOSTS_MAX)
		return problem_say(
			problem, -EINVAL, "a request names at most %d hosts", DOCUMENT_HOSTS_MAX);
	r = hosts_find_in(hosts, request->customer, name, &enrolment, problem);
	if (r < 0)
		return r;
	for (size_t i = 0; i < request->n_hosts; i++)
		if (strcmp(request->hosts[i].id, enrolment->enrolment.host.id) == 0)
			return 0;
	while (at > 0 && strcmp(request->hosts[at - 1].id, enrolment->enrolment.host.id) > 0) {
		request->hosts[at] = request->hosts[at - 1];
		at--;
	}
	request->hosts[at] = enrolment->enrolment.host;
	request->n_hosts++;
	return 0;
}

/* Hosts by name become ids, of --host or of the earlier request. */
static int take_hosts(const struct arguments *arguments, struct staff *staff,
	struct request *request, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *hosts = NULL;
	const struct request earlier = *request;
	const char *const *given;
	size_t n = argument_all(arguments, "host", &given);
	int r = hosts_list(staff, request->customer, &hosts, problem);

	request->n_hosts = 0;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_host(hosts, given[i], request, problem);
	for (size_t i = 0; r == 0 && n == 0 && i < earlier.n_hosts; i++)
		r = add_host(hosts, earlier.hosts[i].name, request, problem);
	if (r == 0 && request->n_hosts == 0)
		r = problem_say(problem, -EINVAL,
			"which host? --host NAME; all: " STAFF_PROGRAM " hosts %s",
			request->customer);
	return r;
}

static int take_agent(const struct staff *staff, const struct agent_key *key,
	struct request *request, struct problem *problem)
{
	const struct settings *me = &staff->settings;

	request->agent = (struct document_agent){ 0 };
	if (text_copy(request->agent.login, sizeof(request->agent.login), me->name) < 0 ||
		text_copy(request->agent.name, sizeof(request->agent.name),
			me->full_name[0] ? me->full_name : me->name) < 0)
		return problem_say(problem, -EINVAL, "your login is too long for a request");
	memcpy(request->agent.team, me->team, sizeof(request->agent.team));
	memcpy(request->agent.key, key->plain, sizeof(request->agent.key));
	return 0;
}

static int take_nonce(struct request *request)
{
	uint8_t bytes[(DOCUMENT_NONCE_LEN * 5 + 7) / 8];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return -EIO;
	base32_encode(bytes, DOCUMENT_NONCE_LEN, request->nonce);
	return 0;
}

static int take_earlier(
	struct staff *staff, const char *id, struct request *request, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *state = NULL;
	_cleanup_(document_freep) struct document *earlier = NULL;
	int r = asked_fetch(staff->api, id, &state, &earlier, problem);

	if (r < 0)
		return r;
	*request = earlier->request;
	digest_to_hex(&earlier->digest, request->repeats);
	return 0;
}

static int build(const struct arguments *arguments, struct staff *staff,
	const struct agent_key *key, int64_t now, struct request *request, struct problem *problem)
{
	const char *again = argument(arguments, "again");
	int r = again ? take_earlier(staff, again, request, problem) : 0;

	if (r == 0)
		r = take_text(arguments, "customer", request->customer, sizeof(request->customer),
			problem);
	if (r == 0 && !request->customer[0])
		r = problem_say(problem, -EINVAL, "whose hosts? --customer NAME");
	if (r == 0)
		r = take_text(
			arguments, "reason", request->reason, sizeof(request->reason), problem);
	if (r == 0 && !request->reason[0])
		r = problem_say(problem, -EINVAL,
			"why? --reason \"...\": the customer reads it before deciding");
	if (r == 0)
		r = take_text(
			arguments, "ticket", request->ticket, sizeof(request->ticket), problem);
	if (r == 0)
		r = take_text(arguments, "tried", request->tried, sizeof(request->tried), problem);
	if (r == 0)
		r = take_scope(arguments, request, problem);
	if (r == 0)
		r = take_times(arguments, now, request, problem);
	if (r == 0)
		r = take_agent(staff, key, request, problem);
	if (r == 0)
		r = take_hosts(arguments, staff, request, problem);
	return r == 0 ? take_nonce(request) : r;
}

/* Exactly what is asked, before it is signed. */
static void show(const struct request *request, int64_t now)
{
	char hosts[DOCUMENT_HOSTS_MAX * (DOCUMENT_NAME_MAX + 1) + 1], length[MOMENT_TEXT_MAX],
		start[MOMENT_TEXT_MAX], until[MOMENT_TEXT_MAX], reason[DOCUMENT_TEXT_MAX * 4 + 1];

	asked_hosts(request, hosts, sizeof(hosts));
	length_show(request->length, length, sizeof(length));
	moment_show(request->pending_until, now, false, true, until, sizeof(until));
	(void)text_escape(request->reason, strlen(request->reason), reason, sizeof(reason));
	printf("You ask %s for:\n", request->customer);
	printf("  What       %s\n  Where      %s\n  How long   %s", scope_name(request->scope),
		hosts, length);
	if (request->start) {
		moment_show(request->start, now, false, true, start, sizeof(start));
		printf(", from %s", start);
	}
	printf("\n  Why        \"%s\"%s%s\n", reason, request->ticket[0] ? "   ticket " : "",
		request->ticket);
	printf("  Decide by  %s, then nothing is opened\n", until);
	fflush(stdout); /* the key may ask for a touch or a passphrase now */
}

static int post(struct staff *staff, const struct agent_key *key, const char *bytes, size_t size,
	struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *envelope = NULL, *answer = NULL;
	_cleanup_(freep) char *signature = NULL;
	size_t signature_size;
	int r = key_sign(key, DOCUMENT_REQUEST, bytes, size, &signature, &signature_size, problem);

	if (r < 0)
		return r;
	envelope = api_envelope(bytes, size, signature, signature_size);
	return api_post(staff->api, "/v1/requests",
		json_object_to_json_string_ext(envelope, JSON_C_TO_STRING_PLAIN), &answer, problem);
}

static void print_result(
	enum output_format format, const struct request *request, const struct digest *digest)
{
	_cleanup_(json_putp) struct json_object *row = json_object_new_object();
	char id[SHORT_ID_LEN + 1], hex[DIGEST_HEX_LEN + 1];

	digest_short_id(digest, id);
	digest_to_hex(digest, hex);
	json_add_text(row, "id", id);
	json_add_text(row, "digest", hex);
	json_add_text(row, "state", "waiting");
	output_result(format, row,
		"Request %s waits for %s's approval.\n"
		"  Follow it  " STAFF_PROGRAM " show %s --wait\n"
		"  Log in     " STAFF_PROGRAM " ssh %s/%s",
		id, request->customer, id, request->customer, request->hosts[0].name);
}

int staff_request(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(staff_done) struct staff staff = { 0 };
	_cleanup_(freep) struct document *document = calloc(1, sizeof(*document));
	_cleanup_(freep) char *bytes = NULL;
	enum output_format format = output_asked(arguments);
	struct agent_key key;
	struct digest digest;
	int64_t now = moment_now();
	size_t size;
	int r;

	if (!document)
		return -ENOMEM;
	document->type = DOCUMENT_REQUEST;
	document->version = 1;
	r = staff_open(&staff, problem);
	if (r == 0)
		r = key_find(arguments, &staff.settings, &key, problem);
	if (r == 0)
		r = build(arguments, &staff, &key, now, &document->request, problem);
	if (r == 0)
		r = document_write(document, &bytes, &size, &digest, problem);
	if (r != 0)
		return r;
	if (format != OUTPUT_JSON)
		show(&document->request, now);
	r = post(&staff, &key, bytes, size, problem);
	if (r < 0)
		return r;
	print_result(format, &document->request, &digest);
	return EXIT_DONE;
}
