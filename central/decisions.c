/* SPDX-License-Identifier: MIT */

/* What approvers decide. Central relays: whether the decision is wider than its request, comes
 * after a final one, or is signed by nobody that a host knows, each host judges by itself. */

#include "central/handlers.h"

int decisions_post(struct exchange *x)
{
	_cleanup_(received_done) struct received received = { 0 };
	int r;

	r = received_read(x, DOCUMENT_DECISION, false, &received);
	if (r != RECEIVED)
		return r < 0 ? r : 0;
	r = received_refuse_other(x, "approver", received.document->decision.approver);
	return r < 0 || x->status ? r : received_keep(x, &received);
}
