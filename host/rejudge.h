/* SPDX-License-Identifier: MIT */
#pragma once

/* Judging again, when `approvers`, `agents`, the list of revoked keys or a ceiling changed, and at
 * each start: what is no longer backed by its signer stops counting, for good.
 *
 * By signer and not by document: one verification costs 9 ms, so of all documents that one key
 * (or one certificate) signed as one principal a single one is verified, as of the moment at which
 * it was received. Ceilings need no judging: grants are derived with them each time. */

#include "host/ingest.h"

struct rejudged {
	int64_t signers, documents; /* judged, and no longer backed */
};

/* `ingest` as for ingest_document. When a signer cannot be judged (ssh-keygen missing or too
 * slow) nothing of it changes and the error is returned after the others were judged. */
int rejudge(const struct ingest *ingest, struct rejudged *ret, struct problem *problem);

/* Verifies what still opens one request, itself and its approvals, and writes nothing: for a login
 * that comes before the signers have been judged anew.
 *
 * Returns 0 if all of it holds; -EKEYREJECTED; another negative errno when that cannot be said. */
int rejudge_request(
	const struct ingest *ingest, const struct digest *request, struct problem *problem);

/* `approvers remove PRINCIPAL --lost-since T`: decisions that this host received from that
 * principal since then no longer count, whoever else still vouches for the key. */
int rejudge_lost_since(const struct ingest *ingest, const char *principal, int64_t since,
	struct rejudged *ret, struct problem *problem);
