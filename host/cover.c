/* SPDX-License-Identifier: MIT */

/* A session that outlives the grant under which it was opened has to belong to another: whoever
 * revoked the first waits until nothing of it is open, and what ends the session later is the other
 * one's end. */

#include "host/cover.h"
#include "host/chain.h"
#include "host/keeping.h"
#include "lib/paths.h"

#include <stdio.h>
#include <string.h>

struct search {
	struct digest own; /* the request that it belongs to now */
	bool own_covers;
	struct cover cover;
};

static int look(void *context, const struct grants_row *row)
{
	struct search *search = context;
	struct cover *cover = &search->cover;
	int64_t until;

	if (!grant_covers(&row->grant, 1, cover->scope, &until))
		return 0;
	if (digest_equal(&row->grant.request, &search->own))
		search->own_covers = true;
	if (until > cover->until) {
		cover->until = until;
		cover->request = row->grant.request;
	}
	return 0;
}

int cover_find(struct store *store, const struct grant_host *host, const struct session *session,
	int64_t now, struct cover *ret)
{
	struct search search = { .cover.scope = session->scope };
	int r = digest_from_hex(session->request, &search.own);

	if (r == 0)
		r = grants_each_open(store, host, session->login, now, look, &search);
	if (r < 0)
		return r;
	if (search.own_covers)
		search.cover.request = search.own;
	*ret = search.cover;
	return 0;
}

static int append(struct store *store, const struct session *session, const char *request,
	const char *text, int64_t now, struct problem *problem)
{
	struct event event = { .kind = "continued",
		.by = "supportaccessd",
		.scope = session->scope,
		.until = session->until };

	(void)snprintf(event.agent, sizeof(event.agent), "%s", session->login);
	(void)snprintf(event.request, sizeof(event.request), "%s", request);
	(void)snprintf(event.session, sizeof(event.session), "%s", session->id);
	(void)snprintf(event.text, sizeof(event.text), "%s", text);
	return chain_append(store, &event, now, problem);
}

static int write_move(struct store *store, const struct session *session, const char *from,
	const char *to, int64_t now, struct problem *problem)
{
	char text[64], id[SHORT_ID_LEN + 1];
	struct session stored;
	struct digest digest;
	int r = sessions_find(store, session->id, &stored);

	if (r < 0 || stored.ended || strcmp(stored.request, to) == 0)
		return r; /* somebody else has written it in the meantime */
	r = sessions_set_request(store, session->id, to);
	if (r == 0)
		r = digest_from_hex(to, &digest);
	if (r < 0)
		return r;
	digest_short_id(&digest, id);
	(void)snprintf(text, sizeof(text), "goes on under request %s", id);
	r = append(store, session, from, text, now, problem);
	if (r == 0)
		r = digest_from_hex(from, &digest);
	if (r < 0)
		return r;
	digest_short_id(&digest, id);
	(void)snprintf(text, sizeof(text), "was open under request %s until now", id);
	return append(store, session, to, text, now, problem);
}

static int move(struct store *store, struct session *session, const char *to, int64_t now,
	struct problem *problem)
{
	int r = store_begin(store, problem);

	if (r < 0)
		return r;
	r = write_move(store, session, session->request, to, now, problem);
	if (r == 0)
		r = store_commit(store, problem);
	if (r < 0)
		store_rollback(store);
	else
		memcpy(session->request, to, sizeof(session->request));
	return r;
}

int cover_follow(struct store *store, struct session *session, const struct cover *cover,
	int64_t now, struct problem *problem)
{
	struct keeping keeping = { .uid = session->uid, .until = cover->until };
	char request[DIGEST_HEX_LEN + 1];
	int r = 0;

	(void)snprintf(keeping.id, sizeof(keeping.id), "%s", session->id);
	if (session->until != cover->until) { /* the daemon may be dead: the keeper knows first */
		r = keeping_write(PATH_SESSIONS, &keeping);
		if (r == 0)
			r = sessions_set_until(store, session->id, cover->until);
		if (r < 0)
			return problem_say(problem, r, "cannot move the end of session %s: %s",
				session->id, strerror(-r));
		session->until = cover->until;
	}
	digest_to_hex(&cover->request, request);
	return strcmp(request, session->request) == 0 ? 0
						      : move(store, session, request, now, problem);
}
