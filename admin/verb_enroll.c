/* SPDX-License-Identifier: MIT */

/* `supportaccess enroll`: this host and central get to know each other.
 *
 * Central names the agent authority, and central is not trusted: so its fingerprint is compared
 * with what the vendor's contract or documentation says, by the person here or by
 * --authority-fingerprint. Whoever cannot compare has to say so, and doctor goes on saying it. */

#include "admin/ask.h"
#include "admin/enrolling.h"
#include "admin/files.h"
#include "admin/steps.h"
#include "admin/verbs.h"
#include "api/client.h"
#include "core/document_text.h"
#include "core/json.h"
#include "core/signature.h"
#include "lib/moment.h"
#include "lib/paths.h"
#include "lib/text.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define CODE_MAX         128
#define USER_AGENT       "supportaccess/" SUPPORTACCESS_VERSION
#define VENDOR_SHOWN_MAX 256

/* What the command line and central say of this enrolment. */
struct enrolling {
	const char *url, *proxy, *ca_file;
	char code[CODE_MAX];
	char authority[DOCUMENT_KEY_MAX + 1], fingerprint[FINGERPRINT_MAX + 1];
	bool compared;
	char original[DOCUMENT_NAME_MAX + 1]; /* this machine is a copy of it; empty: it is none */
	struct document document;
};

static int read_code(char ret[static CODE_MAX], struct problem *problem)
{
	if (isatty(STDIN_FILENO))
		fprintf(stderr, "Enrolment code: ");
	if (!fgets(ret, CODE_MAX, stdin) || !strchr(ret, '\n') || *ret == '\n')
		return problem_say(problem, -EINVAL,
			"no enrolment code on standard input: supportaccess enroll URL - "
			"<CODEFILE");
	ret[strcspn(ret, "\r\n")] = '\0';
	return 0;
}

static int open_api(const struct enrolling *enrolling, struct api **ret, struct problem *problem)
{
	const struct api_settings settings = {
		.url = enrolling->url,
		.token = enrolling->code,
		.proxy = enrolling->proxy,
		.ca_file = enrolling->ca_file,
		.user_agent = USER_AGENT,
		.timeout_ms = API_TIMEOUT_MS,
	};

	return api_open(&settings, ret, problem);
}

/* --- whom is it for, and who vouches for agents? -------------------------------------------- */

static int compare(
	const struct arguments *arguments, struct enrolling *enrolling, struct problem *problem)
{
	const char *expected = argument(arguments, "authority-fingerprint");

	if (expected && strcmp(expected, enrolling->fingerprint) != 0)
		return problem_say(problem, -EPERM,
			"central names the agent authority %s, not %s: do not enrol. Ask your "
			"vendor, "
			"on a number that you have",
			enrolling->fingerprint, expected);
	enrolling->compared = expected != NULL;
	if (expected || argument_given(arguments, "not-compared"))
		return 0;
	if (!isatty(STDIN_FILENO))
		return problem_say(problem, -EPERM,
			"compare the authority's fingerprint %s with your vendor's contract or "
			"documentation, then add --authority-fingerprint %s (or --not-compared)",
			enrolling->fingerprint, enrolling->fingerprint);
	enrolling->compared = true;
	return ask(arguments, problem,
		"Is %s the fingerprint in your vendor's contract or documentation?",
		enrolling->fingerprint);
}

static int ask_central(const struct arguments *arguments, struct api *api,
	struct enrolling *enrolling, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *answer = NULL;
	struct enrolment *enrolment = &enrolling->document.enrolment;
	char vendor[VENDOR_SHOWN_MAX];
	int r = api_get(api, "/v1/enrolment", 0, &answer, problem);

	if (r < 0)
		return r;
	if (text_copy(enrolling->authority, sizeof(enrolling->authority),
		    json_text(answer, "authority")) < 0 ||
		!key_is_plain(enrolling->authority) ||
		key_fingerprint(enrolling->authority, enrolling->fingerprint) < 0 ||
		text_copy(enrolment->customer, sizeof(enrolment->customer),
			json_text(answer, "customer")) < 0 ||
		!document_is_name(enrolment->customer))
		return problem_say(problem, -EPROTO,
			"%s did not answer as central does: is it the right address?",
			enrolling->url);
	(void)text_escape(json_text(answer, "vendor"), strlen(json_text(answer, "vendor")), vendor,
		sizeof(vendor));
	fprintf(stderr, "This code enrols a host of %s%s%s.\nAgent authority %s\n",
		enrolment->customer, *vendor ? " at " : "", vendor, enrolling->fingerprint);
	return compare(arguments, enrolling, problem);
}

/* --- the enrolment document ------------------------------------------------------------------ */

static int read_port(const struct arguments *arguments, int64_t *ret, struct problem *problem)
{
	const char *text = argument(arguments, "port");
	char *end;

	*ret = 22;
	if (!text)
		return 0;
	errno = 0;
	*ret = strtol(text, &end, 10);
	if (errno || *end || end == text || *ret < 1 || *ret > 65535)
		return problem_say(problem, -EINVAL, "--port %s: it is from 1 to 65535", text);
	return 0;
}

/* The name goes into "root@NAME", which is a principal. */
static int read_name(
	const struct arguments *arguments, struct enrolment *enrolment, struct problem *problem)
{
	const char *name = argument(arguments, "name"), *address = argument(arguments, "address");
	char host[256] = "";

	if (gethostname(host, sizeof(host) - 1) < 0)
		return -errno;
	if (text_copy(enrolment->address, sizeof(enrolment->address), address ? address : host) < 0)
		return problem_say(problem, -EINVAL, "the address is longer than 255 bytes");
	host[strcspn(host, ".")] = '\0';
	if (!name)
		name = host;
	if (strlen(name) > DOCUMENT_PRINCIPAL_MAX - strlen("root@") ||
		text_copy(enrolment->host.name, sizeof(enrolment->host.name), name) < 0)
		return problem_say(
			problem, -EINVAL, "the name %s is longer than 59 bytes: --name NAME", name);
	return 0;
}

static int fill(
	const struct arguments *arguments, struct enrolling *enrolling, struct problem *problem)
{
	struct enrolment *enrolment = &enrolling->document.enrolment;
	int r;

	enrolling->document.type = DOCUMENT_ENROLMENT;
	enrolling->document.version = 1;
	enrolment->documents[0] = 1;
	enrolment->n_documents = 1;
	enrolment->created = moment_now();
	if (enrolling->compared)
		(void)text_copy(
			enrolment->authority, sizeof(enrolment->authority), enrolling->fingerprint);
	r = text_copy(enrolment->software, sizeof(enrolment->software), USER_AGENT);
	if (r == 0)
		r = read_name(arguments, enrolment, problem);
	if (r == 0)
		r = read_port(arguments, &enrolment->port, problem);
	if (r == 0)
		r = enrolling_key(enrolment->key, problem);
	if (r == 0)
		r = key_host_id(enrolment->key, enrolment->host.id);
	if (r == 0)
		r = enrolling_host_keys(enrolment, problem);
	return r;
}

static int hand_in(struct api *api, const struct enrolling *enrolling, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *envelope = NULL, *answer = NULL;
	_cleanup_(freep) char *bytes = NULL, *signature = NULL;
	size_t size = 0, signature_size = 0;
	int r = document_write(&enrolling->document, &bytes, &size, NULL, problem);

	if (r == 0)
		r = signature_make(PATH_HOST_KEY, DOCUMENT_ENROLMENT, false, bytes, size,
			&signature, &signature_size, problem);
	if (r == 0)
		r = files_replace(ENROLLING_DOCUMENT, bytes, 0600, problem);
	if (r < 0)
		return r;
	envelope = api_envelope(bytes, size, signature, signature_size);
	r = api_post(api, "/v1/enrolment", json_object_to_json_string(envelope), &answer, problem);
	if (r < 0)
		return r;
	if (!*json_text(answer, "token"))
		return problem_say(problem, -EPROTO, "central gave no token");
	return enrolling_token(json_text(answer, "token"), problem);
}

/* What a copy has of the original is no longer needed once central knows the code. */
static int leave_original(const struct enrolling *enrolling, struct problem *problem)
{
	char aside[PATH_MAX];
	int r;

	if (!*enrolling->original)
		return 0;
	r = enrolling_put_aside(aside, sizeof(aside), problem);
	if (r < 0)
		return r;
	fprintf(stderr,
		"This machine was copied from %s and becomes a host of its own: it gets a new key, "
		"what is open on %s is not open here, and the copied store is kept as %s.\n",
		enrolling->original, enrolling->original, aside);
	return 0;
}

static int prepare(const struct enrolling *enrolling, struct problem *problem)
{
	int r = enrolling_agents(enrolling->authority, problem);

	if (r == 0)
		r = enrolling_central(
			enrolling->url, enrolling->proxy, enrolling->ca_file, problem);
	return r;
}

static int enroll(
	const struct arguments *arguments, struct enrolling *enrolling, struct problem *problem)
{
	_cleanup_(api_freep) struct api *api = NULL;
	int r = read_code(enrolling->code, problem);

	if (r == 0)
		r = open_api(enrolling, &api, problem);
	if (r == 0)
		r = ask_central(arguments, api, enrolling, problem);
	if (r == 0)
		r = leave_original(enrolling, problem);
	if (r == 0)
		r = fill(arguments, enrolling, problem);
	if (r == 0)
		r = prepare(enrolling, problem);
	if (r == 0)
		r = hand_in(api, enrolling, problem);
	explicit_bzero(enrolling->code, sizeof(enrolling->code));
	return r;
}

static int may_enroll(struct enrolling *enrolling, struct problem *problem)
{
	int r = ask_is_root("enroll", problem);

	if (r == 0)
		r = ask_may_open("enroll", problem);
	if (r == 0)
		r = enrolling_is_copy(enrolling->original, problem);
	if (r < 0)
		return r;
	if (r == 0 && enrolling_is_done())
		return problem_say(problem, -EEXIST,
			"this host is enrolled already (`supportaccess status` tells where); to "
			"enrol it elsewhere, first: supportaccess leave");
	r = step_users(problem);
	if (r >= 0)
		r = step_folders(problem);
	if (r >= 0)
		r = files_folder(PATH_CONFIG, 0755, problem);
	return r < 0 ? r : 0;
}

static void tell(const struct arguments *arguments, const struct enrolment *enrolment, bool copied)
{
	_cleanup_(json_putp) struct json_object *row = json_object_new_object();

	json_add_text(row, "host", enrolment->host.name);
	json_add_text(row, "id", enrolment->host.id);
	json_add_text(row, "customer", enrolment->customer);
	json_add_text(row, "authority", enrolment->authority);
	output_result(output_asked(arguments), row,
		"%s is enrolled for %s, with agent authority %s.\n"
		"Next: supportaccess approvers add NAME --key FILE.pub\n"
		"      supportaccess enable%s",
		enrolment->host.name, enrolment->customer,
		*enrolment->authority ? enrolment->authority
				      : "not compared: central vouches for agents here",
		copied ? "\n      systemctl restart supportaccessd supportaccess-courier" : "");
}

static int run(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(freep) struct enrolling *enrolling = calloc(1, sizeof(*enrolling));
	_cleanup_(freep) struct enrolment *enrolment = calloc(1, sizeof(*enrolment));
	int r = enrolling && enrolment ? may_enroll(enrolling, problem) : -ENOMEM;

	if (r < 0)
		return r;
	enrolling->url = arguments->words[0];
	enrolling->proxy = argument(arguments, "proxy");
	enrolling->ca_file = argument(arguments, "ca-file");
	if (*enrolling->original || access(PATH_COURIER_TOKEN, F_OK) < 0 ||
		access(ENROLLING_DOCUMENT, F_OK) < 0)
		r = enroll(arguments, enrolling, problem);
	if (r == 0)
		r = enrolling_finish(enrolment, problem);
	if (r < 0)
		return r;
	tell(arguments, enrolment, *enrolling->original);
	return EXIT_DONE;
}

static const struct option_spec options[] = {
	{ "name", 'n', "NAME", "what people call this host; else its host name" },
	{ "address", 'a', "ADDRESS", "where agents reach its sshd; else its host name" },
	{ "port", 'p', "PORT", "sshd's port; else 22" },
	{ "authority-fingerprint", 0, "SHA256:...",
		"of the vendor's agent authority, as contracted" },
	{ "not-compared", 0, NULL, "go on without; central then vouches for agents here" },
	{ "proxy", 0, "URL", "the proxy on the way to central" },
	{ "ca-file", 0, "FILE", "certificates to trust for central" },
	{ "json", 0, NULL, "print JSON" },
	{ 0 },
};

const struct command verb_enroll = { "enroll", "URL [-]", "make this host known to central",
	options, 1, 2, run, NULL,
	"Reads a one-time code from standard input. Nobody gets in by it: approvers decide, and\n"
	"who they are stands in a file of this host. May be repeated after a failure.\n\n"
	"  supportaccess enroll https://central.example - --name db1 \\\n"
	"      --authority-fingerprint SHA256:... <code" };
