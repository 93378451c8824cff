/* SPDX-License-Identifier: MIT */

/* What the courier brings in and takes out.
 *
 * A document is answered for only when it is on the disk, together with the feed's cursor, so that
 * a kill -9 in between makes the courier bring it again. One document costs a verification (9 ms);
 * they come one to a connection, and logins are served in between. */

#include "daemon/courier.h"

#include "daemon/daemon.h"
#include "daemon/handlers.h"
#include "daemon/log.h"
#include "daemon/outbox.h"
#include "daemon/round.h"
#include "host/facts.h"
#include "host/ingest.h"
#include "lib/moment.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DOCUMENTS_KNOWN 1 /* bit 0: version 1 */

static void answer_done(struct connection *connection, enum wire_op op, int r, const char *text)
{
	struct wire_done answer = { .header = wire_header(op), .result = r };

	(void)snprintf(answer.text, sizeof(answer.text), "%s", text);
	connection_answer(connection, &answer, sizeof(answer), NULL, 0);
}

static int copy_fact(struct store *store, const char *name, char *ret, size_t size)
{
	_cleanup_(freep) char *text = NULL;
	int r = store_get(store, name, &text);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (strlen(text) >= size)
		return -EMSGSIZE;
	memcpy(ret, text, strlen(text));
	return 0;
}

void handle_hello(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size)
{
	const struct wire_contact *contact = message;
	struct wire_hello answer = { .header = wire_header(WIRE_HELLO),
		.documents = DOCUMENTS_KNOWN };
	int r;

	(void)size;
	if (!wire_text_is_clean(contact->text, sizeof(contact->text)) || daemon_store(daemon) < 0)
		return;
	if (contact->contact > daemon->contact)
		daemon->contact = contact->contact;
	memcpy(daemon->contact_text, contact->text, sizeof(daemon->contact_text));
	r = store_get_int(daemon->store, FACT_FEED_CURSOR, &answer.cursor);
	if (r == 0 || r == -ENOENT)
		r = copy_fact(daemon->store, FACT_FEED_EPOCH, answer.epoch, sizeof(answer.epoch));
	if (r == 0)
		r = copy_fact(daemon->store, FACT_HOST_ID, answer.host_id, sizeof(answer.host_id));
	if (r == 0)
		connection_answer(connection, &answer, sizeof(answer), NULL, 0);
}

/* Only the cursor moves, or starts anew with a new epoch. */
static int move_cursor(
	struct store *store, int64_t cursor, const char *epoch, struct problem *problem)
{
	int r = store_begin(store, problem);

	if (r < 0)
		return r;
	r = store_set(store, FACT_FEED_EPOCH, epoch);
	if (r == 0)
		r = store_set_int(store, FACT_FEED_CURSOR, cursor);
	if (r == 0)
		r = store_commit(store, problem);
	if (r < 0)
		store_rollback(store);
	return r;
}

static int take_in(
	struct daemon *daemon, const struct wire_deliver *deliver, struct problem *problem)
{
	const char *document = (const char *)(deliver + 1);
	struct ingest ingest = { .store = daemon->store,
		.config = &daemon->config,
		.approvers = &daemon->approvers,
		.agents = &daemon->agents,
		.now = moment_now() };

	if (deliver->document_size == 0 && deliver->signature_size == 0 && deliver->cursor >= 0)
		return move_cursor(daemon->store, deliver->cursor, deliver->epoch, problem);
	return ingest_document(&ingest, INGEST_CENTRAL, document, deliver->document_size,
		document + deliver->document_size, deliver->signature_size, deliver->cursor,
		deliver->epoch, problem);
}

void handle_deliver(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size)
{
	const struct wire_deliver *deliver = message;
	struct problem problem = PROBLEM_NONE;
	int r;

	if (size != sizeof(*deliver) + (size_t)deliver->document_size + deliver->signature_size ||
		!wire_text_is_clean(deliver->epoch, sizeof(deliver->epoch)))
		return;
	if (daemon_store(daemon) < 0) {
		answer_done(connection, WIRE_DELIVER, -EUCLEAN, daemon->trouble.text);
		return;
	}
	r = take_in(daemon, deliver, &problem);
	if (r != 0)
		log_say(r < 0 ? LOG_ERR : LOG_NOTICE, "document from central: %s",
			problem.text[0] ? problem.text
			: r < 0         ? strerror(-r)
					: "nothing new");
	answer_done(connection, WIRE_DELIVER, r, problem.text);
	if (r == INGEST_ACCEPTED || r == INGEST_REFUSED)
		round_begin(daemon, false);
}

/* --- out ---------------------------------------------------------------------------------- */

static bool answer_outbox(struct daemon *daemon, struct connection *connection)
{
	_cleanup_(freep) char *message = NULL;
	struct problem problem = PROBLEM_NONE;
	size_t size = 0;
	int r;

	if (daemon_store(daemon) < 0)
		return false;
	r = outbox_compose(daemon->store, &message, &size, &problem);
	if (r < 0)
		log_say(LOG_ERR, "cannot compose what central is to hear: %s",
			problem.text[0] ? problem.text : strerror(-r));
	if (r <= 0)
		return false;
	connection_answer(connection, message, size, NULL, 0);
	return true;
}

void courier_wake(struct daemon *daemon)
{
	struct connection *waiting = connection_kept(daemon->server, SOCKET_COURIER);

	if (waiting)
		(void)answer_outbox(daemon, waiting);
}

void handle_outbox(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size)
{
	(void)message, (void)size;
	if (!answer_outbox(daemon, connection))
		connection_keep(connection);
}

void handle_sent(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size)
{
	const struct wire_sent *sent = message;
	int64_t last = 0;
	int r = daemon_store(daemon);

	(void)size;
	if (r == 0)
		r = outbox_sent(daemon->store, sent->last, &last);
	answer_done(connection, WIRE_SENT, r, r < 0 ? strerror(-r) : "");
}
