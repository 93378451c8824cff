/* SPDX-License-Identifier: MIT */

/* A document is answered for only when it is on the disk, together with the feed's cursor, so that
 * a kill -9 in between makes the courier bring it again. */

#include "daemon/daemon.h"
#include "daemon/intake.h"
#include "host/facts.h"
#include "host/ingest.h"
#include "lib/moment.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Central was put back, perhaps to a time when it did not know our last events: given the last of
 * them again, it says from where on it needs them. */
static int doubt_sent(struct store *store, const char *epoch)
{
	_cleanup_(freep) char *old = NULL;
	int64_t sent = 0;
	int r = store_get(store, FACT_FEED_EPOCH, &old);

	if (r == -ENOENT || (r == 0 && strcmp(old, epoch) == 0))
		return 0;
	if (r == 0)
		r = store_get_int(store, FACT_SENT, &sent);
	if (r < 0 || sent == 0)
		return r == -ENOENT ? 0 : r;
	return store_set_int(store, FACT_SENT, sent - 1);
}

/* Only the cursor moves, or starts anew with a new epoch. */
static int move_cursor(
	struct store *store, int64_t cursor, const char *epoch, struct problem *problem)
{
	int r = store_begin(store, problem);

	if (r < 0)
		return r;
	r = doubt_sent(store, epoch);
	if (r == 0)
		r = store_set(store, FACT_FEED_EPOCH, epoch);
	if (r == 0)
		r = store_set_int(store, FACT_FEED_CURSOR, cursor);
	if (r == 0)
		r = store_commit(store, problem);
	if (r < 0)
		store_rollback(store);
	return r;
}

static int take_in(struct daemon *daemon, struct budget *budget, const struct wire_deliver *deliver,
	struct problem *problem)
{
	const char *document = (const char *)(deliver + 1);
	struct ingest ingest = { .store = daemon->store,
		.config = &daemon->config,
		.approvers = &daemon->approvers,
		.agents = &daemon->agents,
		.budget = budget,
		.now = moment_now() };

	if (deliver->document_size == 0 && deliver->signature_size == 0 && deliver->cursor >= 0)
		return move_cursor(daemon->store, deliver->cursor, deliver->epoch, problem);
	return ingest_document(&ingest, INGEST_CENTRAL, document, deliver->document_size,
		document + deliver->document_size, deliver->signature_size, deliver->cursor,
		deliver->epoch, problem);
}

static struct wire_done judge_message(
	struct daemon *daemon, struct budget *budget, const struct wire_deliver *deliver)
{
	struct wire_done answer = { .header = wire_header(WIRE_DELIVER), .result = -EUCLEAN };
	struct problem problem = PROBLEM_NONE;
	const char *why = daemon->trouble.text;

	if (daemon_store(daemon) == 0) {
		answer.result = take_in(daemon, budget, deliver, &problem);
		why = problem.text;
	}
	(void)snprintf(answer.text, sizeof(answer.text), "%s", why);
	return answer;
}

int intake_main(struct daemon *daemon)
{
	static union {
		struct wire_deliver deliver; /* for its alignment */
		char bytes[WIRE_MAX];
	} message;
	struct budget budget;
	ssize_t n;
	int r = budget_init(&budget);

	if (r < 0)
		return EXIT_FAILURE;
	while ((n = recv(STDIN_FILENO, message.bytes, sizeof(message.bytes), 0)) != 0) {
		struct wire_done answer;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < (ssize_t)sizeof(message.deliver))
			return EXIT_FAILURE;
		answer = judge_message(daemon, &budget, &message.deliver);
		if (send(STDIN_FILENO, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
			return EXIT_SUCCESS; /* the daemon is gone */
	}
	return EXIT_SUCCESS;
}
