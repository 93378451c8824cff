/* SPDX-License-Identifier: MIT */

/* Ending needs nobody's signature: one is kept if it is there. */

#include "central/handlers.h"

int revocations_post(struct exchange *x)
{
	_cleanup_(received_done) struct received received = { 0 };
	int r;

	r = received_read(x, DOCUMENT_REVOCATION, true, &received);
	if (r != RECEIVED)
		return r < 0 ? r : 0;
	r = received_refuse_other(x, "by", received.document->revocation.by);
	return r < 0 || x->status ? r : received_keep(x, &received);
}
