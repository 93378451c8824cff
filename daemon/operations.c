/* SPDX-License-Identifier: MIT */

/* Read this first: whatever reaches the daemon from outside passes one row of this table. The
 * sockets' modes and the server's own check come before it; the peer is checked again here, so
 * that a wrong mode alone opens nothing. */

#include "daemon/operations.h"

#include "daemon/daemon.h"
#include "daemon/handlers.h"
#include "daemon/log.h"
#include "daemon/round.h"
#include "host/grants.h"
#include "lib/moment.h"

#include <string.h>

enum peer_rule {
	PEER_ROOT,
	PEER_ANYONE,  /* the handler looks at who asks */
	PEER_COURIER, /* the server admitted nobody else to that socket */
};

static const struct operation {
	enum wire_op op;
	enum server_socket where;
	enum peer_rule peer;
	size_t size_min, size_max;
	void (*handle)(struct daemon *daemon, struct connection *connection, const void *message,
		size_t size);
} operations[] = {
	{ WIRE_ACCOUNT, SOCKET_CONTROL, PEER_ROOT, sizeof(struct wire_login),
		sizeof(struct wire_login), handle_account },
	{ WIRE_OPEN, SOCKET_CONTROL, PEER_ROOT, sizeof(struct wire_login),
		sizeof(struct wire_login), handle_open },
	{ WIRE_CLOSE, SOCKET_CONTROL, PEER_ROOT, sizeof(struct wire_login),
		sizeof(struct wire_login), handle_close },
	{ WIRE_CHANGED, SOCKET_CONTROL, PEER_ROOT, sizeof(struct wire_header),
		sizeof(struct wire_header), handle_changed },
	{ WIRE_STATUS, SOCKET_CONTROL, PEER_ROOT, sizeof(struct wire_header),
		sizeof(struct wire_header), handle_status },
	{ WIRE_SHELL, SOCKET_SESSION, PEER_ANYONE, sizeof(struct wire_header),
		sizeof(struct wire_header), handle_shell },
	{ WIRE_HELLO, SOCKET_COURIER, PEER_COURIER, sizeof(struct wire_contact),
		sizeof(struct wire_contact), handle_hello },
	{ WIRE_DELIVER, SOCKET_COURIER, PEER_COURIER, sizeof(struct wire_deliver), WIRE_MAX,
		handle_deliver },
	{ WIRE_OUTBOX, SOCKET_COURIER, PEER_COURIER, sizeof(struct wire_header),
		sizeof(struct wire_header), handle_outbox },
	{ WIRE_SENT, SOCKET_COURIER, PEER_COURIER, sizeof(struct wire_sent),
		sizeof(struct wire_sent), handle_sent },
};

void operations_serve(struct daemon *daemon, struct connection *connection,
	enum server_socket where, const void *message, size_t size)
{
	struct wire_header header;

	memcpy(&header, message, sizeof(header));
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		const struct operation *operation = &operations[i];

		if (operation->op != header.op || operation->where != where)
			continue;
		if (operation->peer == PEER_ROOT && connection_peer(connection)->uid != 0)
			return;
		if (size >= operation->size_min && size <= operation->size_max)
			operation->handle(daemon, connection, message, size);
		return;
	}
}

void handle_changed(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size)
{
	struct wire_done answer = { .header = wire_header(WIRE_CHANGED) };

	(void)message, (void)size;
	connection_answer(connection, &answer, sizeof(answer), NULL, 0);
	round_begin(daemon, true);
}

static int count_open(void *context, const struct grants_row *row)
{
	uint32_t *count = context;

	*count += row->grant.verdict == VERDICT_OK;
	return 0;
}

void handle_status(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size)
{
	_cleanup_(grants_host_done) struct grant_host host = { 0 };
	struct wire_status answer = { .header = wire_header(WIRE_STATUS),
		.sessions = (uint32_t)daemon->n_sessions,
		.started = daemon->started,
		.contact = daemon->contact };
	int64_t now = moment_now();

	(void)message, (void)size;
	memcpy(answer.contact_text, daemon->contact_text, sizeof(answer.contact_text));
	if (daemon_store(daemon) == 0 &&
		grants_host(daemon->store, &daemon->config, now, &host, NULL) == 0)
		(void)grants_each_open(daemon->store, &host, NULL, now, count_open, &answer.grants);
	connection_answer(connection, &answer, sizeof(answer), NULL, 0);
}
