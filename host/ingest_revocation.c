/* SPDX-License-Identifier: MIT */

/* A revocation: ending needs nobody's signature. One that is signed by an approver is recorded as
 * the approver's; every other that central brings is central's, whatever it says. */

#include "host/facts.h"
#include "host/finals.h"
#include "host/judging.h"

#include <string.h>

static int is_for_us(struct judging *judging)
{
	const struct revocation *revocation = &judging->document->revocation;
	_cleanup_(freep) char *id = NULL;
	int r = store_get(judging->ingest->store, FACT_HOST_ID, &id);

	if (r == -ENOENT)
		return problem_say(judging->problem, -ENOKEY, "this host is not enrolled");
	if (r < 0)
		return r;
	for (size_t i = 0; i < revocation->n_hosts; i++)
		if (strcmp(revocation->hosts[i], id) == 0)
			return 1;
	return revocation->n_hosts == 0;
}

static int check(struct judging *judging)
{
	struct final_row final;
	int r = is_for_us(judging);

	if (r <= 0)
		return r < 0 ? r : INGEST_KNOWN;
	if (judging->origin == INGEST_ROOT) {
		r = judging_check_name(judging, judging->document->revocation.by);
		if (r != 0)
			return r;
	}
	r = finals_find(judging->ingest->store, judging->request, &final);
	if (r == 0 && final.kind != GRANT_FINAL_CLOSED)
		return INGEST_KNOWN;
	if (r < 0 && r != -ENOENT)
		return r;
	return judging->signature_size == 0 ? judging_unsigned(judging) : 0;
}

/* A signature that does not hold is as good as none. */
static int verify(struct judging *judging)
{
	struct problem ignored = PROBLEM_NONE, *problem = judging->problem;
	int r;

	if (judging->origin == INGEST_ROOT || judging->signature_size == 0)
		return 0;
	judging->problem = &ignored;
	r = judging_verify(judging, judging->ingest->approvers, judging->document->revocation.by);
	judging->problem = problem;
	if (r == 0)
		return 0;
	return judging_unsigned(judging);
}

static int apply(struct judging *judging)
{
	const struct revocation *revocation = &judging->document->revocation;
	struct store *store = judging->ingest->store;
	bool is_signed = judging->origin == INGEST_ROOT || judging->principal[0];
	const char *by = is_signed ? revocation->by : "central";
	int r = finals_add(store, &(struct final){ .request = judging->request,
					  .kind = GRANT_FINAL_REVOKED,
					  .at = judging->ingest->now,
					  .by = by,
					  .text = revocation->reason,
					  .agent = "",
					  .is_signed = is_signed });

	if (r >= 0)
		r = store_ends_access(store);
	judging_say(judging, "revoked", by, revocation->reason);
	return r;
}

const struct judge judge_of_revocations = { check, verify, apply };
