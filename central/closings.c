/* SPDX-License-Identifier: MIT */

/* What agents say when they are done, about their own requests. */

#include "central/handlers.h"

int closings_post(struct exchange *x)
{
	_cleanup_(received_done) struct received received = { 0 };
	int r;

	r = received_read(x, DOCUMENT_CLOSING, false, &received);
	if (r != RECEIVED)
		return r < 0 ? r : 0;
	r = received_refuse_other(x, "agent", received.document->closing.agent);
	return r < 0 || x->status ? r : received_keep(x, &received);
}
