/* SPDX-License-Identifier: MIT */
#pragma once

/* Judging what comes in. The one door by which a document gets into the store. */

#include "core/config.h"
#include "core/signature.h"
#include "host/accounts.h"
#include "host/budget.h"
#include "host/store.h"

enum ingest_origin {
	INGEST_CENTRAL, /* by the courier */
	INGEST_ROOT,    /* made by root on this host: a decision or revocation without signature */
};

/* What happened to a document; all are documented outcomes, and all but INGEST_KNOWN are also an
 * event (refusals up to a number each hour; then they are counted). What waits for its request is
 * an event when that has come. */
enum ingest_result {
	INGEST_ACCEPTED = 0,
	INGEST_KNOWN = 1,   /* had it already, or it is about other hosts; nothing changed */
	INGEST_REFUSED = 2, /* for good; `problem` says why, an event too */
	INGEST_LATER = 3,   /* a cap is reached, too much in this name did not hold of late, or the
			     * name service does not answer: may be sent again */
};

struct ingest {
	struct store *store;
	const struct config *config;
	const struct signers *approvers, *agents;
	int64_t now;
	const char *caller;    /* INGEST_ROOT: the login uid's name, for the event; NULL: unknown */
	struct budget *budget; /* of verifications in vain; NULL: unbounded */
	accounts_probe_fn probe; /* is a name or uid another source's? NULL: ask the name service */
};

/* A decision or ending may arrive before its request: it is verified and kept, and takes effect
 * (or is refused) when the request comes. A revocation whose signature does not hold counts as
 * central's, because central may send one without any.
 *
 * Judges one document and stores it with its event and, if `cursor` is not negative, the feed's
 * cursor and `epoch`, in one transaction. Applying the same document twice changes nothing.
 *
 * Returns an enum ingest_result, or a negative errno if nothing could be decided (store locked,
 * disk full, ssh-keygen missing or failing over everything): then nothing changed and the sender
 * keeps it. */
int ingest_document(const struct ingest *ingest, enum ingest_origin origin, const char *bytes,
	size_t size, const char *signature, size_t signature_size, int64_t cursor,
	const char *epoch, struct problem *problem);
