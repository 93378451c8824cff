/* SPDX-License-Identifier: MIT */
#pragma once

/* Inside ingest: one document on its way into the store. A judge for each type, in a file of its
 * own (ingest_request.c ...); ingest.c leads each document past its judge. */

#include "host/ingest.h"

#define DECISIONS_OF_REQUEST_MAX 32

struct judging {
	const struct ingest *ingest;
	enum ingest_origin origin;
	const char *bytes, *signature;
	size_t size, signature_size;
	const struct document *document;
	char digest[DIGEST_HEX_LEN + 1];
	char request[DIGEST_HEX_LEN + 1]; /* which it is about */

	/* found by the judge */
	char principal[DOCUMENT_PRINCIPAL_MAX + 1]; /* as whom it was verified; empty: nobody */
	struct signed_by signer;
	const char *tried;  /* as whom it was to be verified, at the cost of a try */
	uint32_t uid;       /* a request's: of its account */
	bool waiting;       /* its request has not come yet */
	struct event event; /* to be written when it is accepted; no kind: none */
	struct problem *problem;
};

struct judge {
	/* What the store says to it: 0 or an enum ingest_result. Called twice, before the signature
	 * is verified, so that no time is spent on what is refused anyway, and in the transaction.
	 */
	int (*check)(struct judging *judging);
	/* Who signed it, and whatever else takes time. Outside the transaction. */
	int (*verify)(struct judging *judging);
	/* What follows from it. In the transaction, the document is stored. */
	int (*apply)(struct judging *judging);
};

extern const struct judge judge_of_requests, judge_of_decisions, judge_of_revocations,
	judge_of_closings;

/* --- for judges --------------------------------------------------------------------------- */

/* Verifies as `identity` and fills in principal and signer: 0, INGEST_REFUSED, INGEST_LATER, or a
 * negative errno: -ETIMEDOUT when it is to be brought again. */
int judging_verify(struct judging *judging, const struct signers *signers, const char *identity);

/* An ending that nobody is known to have signed counts as central's: drops the signature. 0, or
 * INGEST_LATER when there are too many of requests that never came. */
int judging_unsigned(struct judging *judging);

/* "root@NAME" for INGEST_ROOT, without a signature, and for nobody else: 0 or INGEST_REFUSED. */
int judging_check_name(struct judging *judging, const char *name);

/* `text` for an event: of root with the name of who became root. */
void judging_say(struct judging *judging, const char *kind, const char *by, const char *text);

/* Finds the request of `digest`, parsed: 0 or -ENOENT. The caller frees. */
int judging_find_request(struct store *store, const char *digest, struct document **ret);

/* The decisions that came before this request are judged now. In the transaction. */
int decisions_arrive(struct judging *judging);

/* --- refusals (refusals.c) ---------------------------------------------------------------- */

#define REFUSALS_PER_HOUR 60

/* Writes a refusal as an event, up to REFUSALS_PER_HOUR, then counts; the next one written says
 * how many were not. In the transaction. */
int refusal_note(
	struct store *store, const struct event *event, int64_t now, struct problem *problem);
