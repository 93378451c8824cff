/* SPDX-License-Identifier: MIT */

/* What the courier brings in and takes out. */

#include "daemon/courier.h"

#include "daemon/daemon.h"
#include "daemon/handlers.h"
#include "daemon/intake.h"
#include "daemon/log.h"
#include "daemon/outbox.h"
#include "host/facts.h"
#include "lib/text.h"

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
	return text_copy(ret, size, text);
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

void handle_deliver(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size)
{
	const struct wire_deliver *deliver = message;

	if (size == sizeof(*deliver) + (size_t)deliver->document_size + deliver->signature_size &&
		wire_text_is_clean(deliver->epoch, sizeof(deliver->epoch)))
		intake_take(daemon, connection, message, size);
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
