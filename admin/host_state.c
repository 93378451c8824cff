/* SPDX-License-Identifier: MIT */

/* A request state as this host can tell it: the stored documents, its own audit chain, and the
 * grant that it derives from them at this moment. */

#include "admin/host_state.h"

#include "api/client.h"
#include "core/json.h"
#include "host/chain.h"
#include "host/grants.h"
#include "host/sessions.h"
#include "lib/paths.h"

#include <string.h>

/* Words of docs/protocol.md for what the host itself derived. */
static const char *state_word(const struct grant *grant)
{
	static const char *const words[] = {
		[VERDICT_OK] = "approved",
		[VERDICT_PENDING] = "waiting",
		[VERDICT_UNANSWERED] = "unanswered",
		[VERDICT_DENIED] = "denied",
		[VERDICT_NOT_HERE] = "elsewhere",
		[VERDICT_EARLY] = "approved",
		[VERDICT_EXPIRED] = "ended",
		[VERDICT_REVOKED] = "revoked",
		[VERDICT_CLOSED] = "ended",
		[VERDICT_UNBACKED] = "unbacked",
	};
	size_t n = sizeof(words) / sizeof(words[0]);

	return (size_t)grant->verdict < n && words[grant->verdict] ? words[grant->verdict]
								   : "closed";
}

struct wanted {
	const struct digest *digest;
	struct grant grant;
	bool found;
};

static int match_grant(void *context, const struct grants_row *row)
{
	struct wanted *wanted = context;

	if (!digest_equal(wanted->digest, &row->grant.request))
		return 0;
	wanted->grant = row->grant;
	wanted->found = true;
	return 1;
}

static int count_open(void *context, const struct session *session)
{
	struct json_object *state = context;

	if (strcmp(session->request, json_text(state, "digest")) == 0)
		json_add_number(state, "open_sessions", json_number(state, "open_sessions") + 1);
	return 0;
}

static int add_grant(struct host *host, struct json_object *state, const struct document *document)
{
	struct wanted wanted = { .digest = &document->digest };
	struct grant_host facts;
	int r = grants_host(host->store, &host->config, host->now, &facts, NULL);

	if (r < 0)
		return r;
	r = grants_each(host->store, &facts, document->request.agent.login, host->now, match_grant,
		&wanted);
	grants_host_done(&facts);
	if (r < 0)
		return r;
	json_add_number(state, "open_sessions", 0);
	r = sessions_each(host->store, document->request.agent.login, false, count_open, state);
	if (r < 0)
		return r;
	json_add_text(state, "state",
		json_number(state, "open_sessions") ? "open" : state_word(&wanted.grant));
	json_add_text(state, "verdict", verdict_word(wanted.grant.verdict));
	json_add_time(state, "from", wanted.grant.from);
	json_add_time(state, "until", wanted.grant.until);
	return 0;
}

static int add_envelope(void *context, const struct stored_document *stored)
{
	json_object_array_add(context, api_envelope(stored->bytes, stored->size, stored->signature,
					       stored->signature_size));
	return 0;
}

struct event_filter {
	struct json_object *list;
	const char *request;
};

static int add_event(void *context, const char *bytes, size_t size, const struct event *event)
{
	struct event_filter *filter = context;

	if (strcmp(event->request, filter->request) == 0)
		json_object_array_add(filter->list, json_object_new_string_len(bytes, (int)size));
	return 0;
}

static int add_lists(struct host *host, struct json_object *state, const char *digest)
{
	static const struct {
		const char *name;
		enum document_type type;
	} lists[] = {
		{ "decisions", DOCUMENT_DECISION },
		{ "revocations", DOCUMENT_REVOCATION },
		{ "closings", DOCUMENT_CLOSING },
	};
	struct event_filter filter = { json_object_new_array(), digest };
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct json_object *list = json_object_new_array();

		json_object_object_add(state, lists[i].name, list);
		r = documents_each(host->store, lists[i].type, digest, add_envelope, list);
	}
	json_object_object_add(state, "events", filter.list);
	json_object_object_add(state, "heads", json_object_new_array());
	return r < 0 ? r : chain_each(host->store, 0, SIZE_MAX, add_event, &filter);
}

int host_state(struct host *host, const struct stored_document *stored, struct json_object **ret,
	struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *state = json_object_new_object();
	_cleanup_(document_freep) struct document *document = NULL;
	char id[SHORT_ID_LEN + 1];
	int r = document_parse(stored->bytes, stored->size, &document, problem);

	if (r < 0)
		return r;
	digest_short_id(&document->digest, id);
	json_add_text(state, "digest", stored->digest);
	json_add_text(state, "id", id);
	json_add_text(state, "document", stored->bytes);
	json_add_text(state, "signature", stored->signature);
	json_add_text(state, "signed_by", stored->fingerprint);
	r = add_grant(host, state, document);
	if (r == 0)
		r = add_lists(host, state, stored->digest);
	if (r < 0)
		return problem_say(problem, r, "cannot read request %s from %s: %s", id, PATH_STORE,
			strerror(-r));
	*ret = TAKE_PTR(state);
	return 0;
}
