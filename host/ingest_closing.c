/* SPDX-License-Identifier: MIT */

/* A closing: the agent says that the work is done. It ends that agent's own request only. */

#include "host/finals.h"
#include "host/judging.h"

#include <string.h>

static int check_room(struct judging *judging)
{
	int64_t n = 0;
	int r = finals_count_unknown(
		judging->ingest->store, judging->document->closing.agent, true, &n);

	if (r < 0)
		return r;
	if (n >= judging->ingest->config->max_pending)
		return problem_say(judging->problem, INGEST_LATER,
			"%s closed too many requests that this host never saw",
			judging->document->closing.agent);
	return 0;
}

static int check(struct judging *judging)
{
	_cleanup_(document_freep) struct document *request = NULL;
	struct final_row final;
	int r;

	if (judging->origin != INGEST_CENTRAL)
		return problem_say(
			judging->problem, INGEST_REFUSED, "a closing is the agent's; root revokes");
	r = finals_find(judging->ingest->store, judging->request, &final);
	if (r == 0)
		return INGEST_KNOWN;
	if (r != -ENOENT)
		return r;
	r = judging_find_request(judging->ingest->store, judging->request, &request);
	if (r == -ENOENT)
		return check_room(judging);
	if (r < 0)
		return r;
	if (strcmp(request->request.agent.login, judging->document->closing.agent) != 0)
		return problem_say(judging->problem, INGEST_REFUSED, "%s closes a request of %s",
			judging->document->closing.agent, request->request.agent.login);
	return 0;
}

static int verify(struct judging *judging)
{
	return judging_verify(judging, judging->ingest->agents, judging->document->closing.agent);
}

static int apply(struct judging *judging)
{
	const struct closing *closing = &judging->document->closing;
	struct store *store = judging->ingest->store;
	int r = finals_add(store, &(struct final){ .request = judging->request,
					  .kind = GRANT_FINAL_CLOSED,
					  .at = judging->ingest->now,
					  .by = closing->agent,
					  .text = closing->summary,
					  .agent = closing->agent,
					  .is_signed = true });

	if (r >= 0)
		r = store_ends_access(store);
	judging_say(judging, "closed", closing->agent, closing->summary);
	return r;
}

const struct judge judge_of_closings = { check, verify, apply };
