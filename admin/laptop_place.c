/* SPDX-License-Identifier: MIT */

/* Central as a place: what the approver reads comes from central, what she signs is made here with
 * her own key, and about the digest of the bytes that were shown. Central can hide a request from
 * her; it cannot make her sign about another one. */

#include "admin/laptop.h"
#include "api/asked.h"
#include "api/list.h"
#include "core/json.h"
#include "core/signature.h"

#include <stdio.h>
#include <string.h>

#define PATH_SIZE 512

static int laptop_requests(struct place *place, const char *state, const char *agent,
	struct json_object **ret, struct problem *problem)
{
	struct laptop *laptop = place->context;
	_cleanup_(freep) char *escaped_state = api_escape(state ? state : "");
	_cleanup_(freep) char *escaped_agent = api_escape(agent ? agent : "");
	char path[PATH_SIZE];
	int n;

	if (!escaped_state || !escaped_agent)
		return -ENOMEM;
	n = snprintf(path, sizeof(path), "/v1/requests%s%s%s%s", state ? "?state=" : "",
		escaped_state, agent ? (state ? "&agent=" : "?agent=") : "", escaped_agent);
	if (n < 0 || (size_t)n >= sizeof(path))
		return problem_say(problem, -EINVAL, "no agent has a name that long");
	return api_list(laptop->api, path, "requests", ret, problem);
}

static int laptop_find(
	struct place *place, const char *id, struct json_object **ret, struct problem *problem)
{
	struct laptop *laptop = place->context;

	return asked_fetch(laptop->api, id, ret, NULL, problem);
}

/* --- signing ------------------------------------------------------------------------------ */

static int sign(struct laptop *laptop, const struct document *document, const char *bytes,
	size_t size, char **ret_signature, size_t *ret_size, struct problem *problem)
{
	struct problem why = PROBLEM_NONE;
	int r = -ENOENT;

	if (laptop->key[0])
		r = signature_make(laptop->key, document->type, true, bytes, size, ret_signature,
			ret_size, &why);
	else
		(void)problem_say(
			&why, r, "there is no ~/.ssh/id_ed25519; name your key with --key");
	if (r == 0)
		return 0;
	if (document->type != DOCUMENT_REVOCATION)
		return problem_say(problem, r, "%s", why.text);
	/* Ending needs nobody's signature, and must not fail for want of one. */
	fprintf(stderr,
		"supportaccess: %s. The revocation goes out unsigned; hosts record it as "
		"central's.\n",
		why.text);
	*ret_signature = NULL;
	*ret_size = 0;
	return 0;
}

static int laptop_submit(
	struct place *place, const struct document *document, struct problem *problem)
{
	struct laptop *laptop = place->context;
	_cleanup_(json_putp) struct json_object *envelope = NULL, *answer = NULL;
	_cleanup_(freep) char *bytes = NULL, *signature = NULL;
	size_t size, signature_size;
	int r;

	r = document_write(document, &bytes, &size, NULL, problem);
	if (r == 0)
		r = sign(laptop, document, bytes, size, &signature, &signature_size, problem);
	if (r != 0)
		return r;
	envelope = api_envelope(bytes, size, signature, signature_size);
	r = api_post(laptop->api,
		document->type == DOCUMENT_REVOCATION ? "/v1/revocations" : "/v1/decisions",
		json_object_to_json_string_ext(envelope, JSON_C_TO_STRING_PLAIN), &answer, problem);
	return r < 0 ? r : PLACE_CHANGED; /* the moment in it makes each a new one */
}

static int place_confirmations(struct place *place, const char *request_digest, int timeout_ms,
	struct json_object **ret, struct problem *problem)
{
	return laptop_confirmations(place->context, request_digest, timeout_ms, ret, problem);
}

static int place_answers(struct place *place, const struct decision *decision, int timeout_ms,
	struct json_object **ret, struct problem *problem)
{
	return laptop_answers(place->context, decision, timeout_ms, ret, problem);
}

/* --- status ------------------------------------------------------------------------------- */

static int count(struct place *place, const char *state, struct json_object *status,
	const char *key, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *list = NULL;
	int r = laptop_requests(place, state, NULL, &list, problem);

	if (r == 0)
		json_add_number(status, key, (int64_t)json_object_array_length(list));
	return r;
}

static int laptop_status(struct place *place, struct json_object **ret, struct problem *problem)
{
	struct laptop *laptop = place->context;
	_cleanup_(json_putp) struct json_object *me = NULL, *status = json_object_new_object();
	int r = api_get(laptop->api, "/v1/whoami", 0, &me, problem);

	if (r < 0)
		return r;
	json_add_text(status, "central", laptop->settings.url);
	json_add_text(status, "role", json_text(me, "role"));
	json_add_text(status, "name", json_text(me, "name"));
	json_add_text(status, "customer", json_text(me, "customer"));
	r = count(place, "waiting", status, "waiting", problem);
	if (r == 0)
		r = count(place, "open", status, "open", problem);
	if (r == 0)
		*ret = TAKE_PTR(status);
	return r;
}

/* --- opening ------------------------------------------------------------------------------ */

static void laptop_free(struct laptop *laptop)
{
	if (!laptop)
		return;
	api_free(laptop->api);
	explicit_bzero(&laptop->settings, sizeof(laptop->settings));
	free(laptop);
}
DEFINE_CLEANUP(struct laptop *, laptop_free)

static void laptop_close(struct place *place)
{
	laptop_free(place->context);
}

/* --key, else the one chosen at login, else the usual one if it is there. */
static int find_key(
	const struct arguments *arguments, struct laptop *laptop, struct problem *problem)
{
	const char *given = argument(arguments, "key"), *home = getenv("HOME");
	int n;

	if (!given && laptop->settings.key[0])
		given = laptop->settings.key;
	n = snprintf(laptop->key, sizeof(laptop->key), "%s%s",
		given  ? given
		: home ? home
		       : "",
		given ? "" : "/.ssh/id_ed25519");
	if (n < 0 || (size_t)n >= sizeof(laptop->key))
		return problem_say(problem, -ENAMETOOLONG, "the path of the key is too long");
	if (!given && access(laptop->key, R_OK) < 0)
		laptop->key[0] = '\0';
	return 0;
}

/* "https://central.example:8443/x" is "central.example:8443" in sentences. */
static void name_place(const char *url, char *ret, size_t ret_size)
{
	const char *host = strstr(url, "://");

	host = host ? host + 3 : url;
	snprintf(ret, ret_size, "%.*s", (int)strcspn(host, "/"), host);
}

int laptop_place_open(const struct arguments *arguments, struct place *ret, struct problem *problem)
{
	_cleanup_(laptop_freep) struct laptop *laptop = calloc(1, sizeof(*laptop));
	int r;

	if (!laptop)
		return -ENOMEM;
	r = settings_load(SETTINGS_APPROVER, LAPTOP_LOGIN, &laptop->settings, problem);
	if (r == 0)
		r = find_key(arguments, laptop, problem);
	if (r == 0)
		r = settings_open(&laptop->settings, LAPTOP_AGENT, &laptop->api, problem);
	if (r < 0)
		return r;
	*ret = (struct place){
		.requests = laptop_requests,
		.find = laptop_find,
		.submit = laptop_submit,
		.confirmations = place_confirmations,
		.answers = place_answers,
		.status = laptop_status,
		.close = laptop_close,
	};
	name_place(laptop->settings.url, ret->where, sizeof(ret->where));
	memcpy(ret->by, laptop->settings.name, sizeof(ret->by));
	ret->context = TAKE_PTR(laptop);
	return 0;
}
