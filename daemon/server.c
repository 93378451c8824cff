/* SPDX-License-Identifier: MIT */

/* Connections. The question usually is there when the connection is, so it is read at once and
 * most connections live for one turn of the loop. */

#include "daemon/server.h"

#include "core/problem.h"
#include "daemon/daemon.h"
#include "daemon/sockets.h"
#include "lib/cleanup.h"

#include <string.h>

#define US_PER_MS 1000

/* Since Linux 6.5; Debian 12's headers do not know it. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

struct connection {
	struct connection *next;
	struct server *server;
	enum server_socket where;
	int fd;
	struct ucred peer;
	uint16_t version; /* that it asked in, and is answered in */
	bool kept;        /* by connection_keep */
	uint64_t number;  /* by connection_hold; 0: not held */
	sd_event_source *readable, *patience;
};

struct server {
	struct daemon *daemon;
	server_handler handler;
	struct sockets sockets;
	sd_event_source *listening[SERVER_SOCKETS];
	struct connection *connections;
	uint64_t held; /* how many were held so far */
	char message[WIRE_MAX];
};

/* --- one connection ----------------------------------------------------------------------- */

static void connection_close(struct connection *connection)
{
	struct connection **link = &connection->server->connections;

	while (*link != connection) /* it is always in the list */
		link = &(*link)->next;
	*link = connection->next;
	sd_event_source_disable_unref(connection->readable);
	sd_event_source_disable_unref(connection->patience);
	(void)close(connection->fd);
	free(connection);
}

const struct ucred *connection_peer(const struct connection *connection)
{
	return &connection->peer;
}

/* The peer's descriptor from the kernel cannot be of another process; opening it by number can
 * only be wrong if the peer died since, and then nobody waits for the answer. */
int connection_pidfd(const struct connection *connection)
{
	int fd;
	socklen_t size = sizeof(fd);

	if (getsockopt(connection->fd, SOL_SOCKET, SO_PEERPIDFD, &fd, &size) == 0)
		return fd;
	fd = sockets_pidfd_open(connection->peer.pid);
	return fd;
}

void connection_answer(struct connection *connection, const void *answer, size_t size,
	const int *fds, size_t n_fds)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int) * WIRE_FDS_MAX)];
	} control = { 0 };
	struct wire_header header;
	struct iovec iov[] = {
		{ .iov_base = &header, .iov_len = sizeof(header) },
		{ .iov_base = (char *)answer + sizeof(header), .iov_len = size - sizeof(header) },
	};
	struct msghdr message = { .msg_iov = iov, .msg_iovlen = 2 };

	memcpy(&header, answer, sizeof(header)); /* every answer begins with one */
	header.version = connection->version;
	if (n_fds > 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		memcpy(CMSG_DATA(&control.header), fds, sizeof(int) * n_fds);
	}
	/* An asker who is gone needs no answer. */
	(void)sendmsg(connection->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	connection_close(connection);
}

struct connection *connection_kept(struct server *server, enum server_socket where)
{
	struct connection *connection = server->connections;

	while (connection && !(connection->kept && connection->where == where))
		connection = connection->next;
	return connection;
}

static int connection_watch(struct connection *connection);

/* Only to see it leave. */
static void connection_be_patient(struct connection *connection)
{
	if (!connection->readable && connection_watch(connection) < 0)
		return; /* then nobody sees it leave, until it is answered or another is kept */
	connection->patience = sd_event_source_disable_unref(connection->patience);
}

void connection_keep(struct connection *connection)
{
	struct connection *older = connection_kept(connection->server, connection->where);

	if (older && older != connection)
		connection_close(older);
	connection->kept = true;
	connection_be_patient(connection);
}

uint64_t connection_hold(struct connection *connection)
{
	connection->number = ++connection->server->held;
	connection_be_patient(connection);
	return connection->number;
}

struct connection *connection_find(struct server *server, uint64_t number)
{
	struct connection *connection = server->connections;

	while (connection && connection->number != number)
		connection = connection->next;
	return connection;
}

static bool is_served(const struct connection *connection)
{
	return connection->kept || connection->number;
}

/* --- reading ------------------------------------------------------------------------------ */

static bool read_header(struct connection *connection, const void *message, ssize_t size)
{
	struct wire_header header;

	if (size < (ssize_t)sizeof(header))
		return false;
	memcpy(&header, message, sizeof(header));
	connection->version = header.version;
	return header.magic == WIRE_MAGIC && wire_speaks(WIRE_VERSION, header.version);
}

/* Reads the question. Returns false when there is none yet. The handler either closed the
 * connection by answering, or kept it; else it is closed here. */
static bool connection_read(struct connection *connection)
{
	struct server *server = connection->server;
	enum server_socket where = connection->where;
	struct connection *still;
	ssize_t n;

	n = recv(
		connection->fd, server->message, sizeof(server->message), MSG_DONTWAIT | MSG_TRUNC);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (is_served(connection) || n > (ssize_t)sizeof(server->message) ||
		!read_header(connection, server->message, n)) {
		connection_close(connection);
		return true;
	}
	server->handler(server->daemon, connection, where, server->message, (size_t)n);
	for (still = server->connections; still && still != connection; still = still->next)
		;
	if (still && !is_served(still))
		connection_close(still);
	return true;
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *context)
{
	(void)source, (void)fd, (void)events;
	(void)connection_read(context);
	return 0;
}

static int on_patience(sd_event_source *source, uint64_t now, void *context)
{
	(void)source, (void)now;
	connection_close(context);
	return 0;
}

/* A verdict that somebody waits for goes before documents that nobody waits for. */
static int64_t priority_of(enum server_socket where)
{
	return where == SOCKET_COURIER ? SD_EVENT_PRIORITY_NORMAL : SD_EVENT_PRIORITY_NORMAL - 10;
}

static int connection_watch(struct connection *connection)
{
	sd_event *event = connection->server->daemon->event;
	int r;

	r = sd_event_add_io(
		event, &connection->readable, connection->fd, EPOLLIN, on_readable, connection);
	if (r >= 0)
		r = sd_event_source_set_priority(
			connection->readable, priority_of(connection->where));
	if (r < 0)
		return r;
	return sd_event_add_time_relative(event, &connection->patience, CLOCK_MONOTONIC,
		SERVER_PATIENCE_MS * US_PER_MS, 0, on_patience, connection);
}

/* --- accepting ---------------------------------------------------------------------------- */

static bool is_admitted(const struct server *server, enum server_socket where, uid_t uid)
{
	size_t all = 0, same = 0;

	if (where == SOCKET_CONTROL && uid != 0)
		return false;
	if (where == SOCKET_COURIER && uid != 0 && uid != server->sockets.courier_uid)
		return false;
	for (const struct connection *c = server->connections; c; c = c->next) {
		if (c->where != where)
			continue;
		all++;
		same += c->peer.uid == uid;
	}
	return all < SERVER_CONNECTIONS_MAX &&
	       (where != SOCKET_SESSION || uid == 0 || same < SERVER_PER_UID_MAX);
}

static void accept_one(struct server *server, enum server_socket where, int fd)
{
	struct connection *connection;
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ||
		!is_admitted(server, where, peer.uid)) {
		(void)close(fd);
		return;
	}
	connection = calloc(1, sizeof(*connection));
	if (!connection) {
		(void)close(fd);
		return;
	}
	connection->server = server;
	connection->where = where;
	connection->fd = fd;
	connection->peer = peer;
	connection->next = server->connections;
	server->connections = connection;
	if (!connection_read(connection) && connection_watch(connection) < 0)
		connection_close(connection);
}

static int on_listening(sd_event_source *source, int listening, uint32_t events, void *context)
{
	struct server *server = context;
	int where = 0;
	int fd;

	(void)events;
	while (where < SERVER_SOCKETS - 1 && server->listening[where] != source)
		where++;
	fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		accept_one(server, (enum server_socket)where, fd);
	return 0;
}

int server_start(struct daemon *daemon, const char *run_dir, const char *courier_user,
	server_handler handler, struct server **ret, struct problem *problem)
{
	struct server *server = calloc(1, sizeof(*server));
	int r;

	if (!server)
		return -ENOMEM;
	server->daemon = daemon;
	server->handler = handler;
	r = sockets_open(run_dir, courier_user, &server->sockets, problem);
	for (int i = 0; r >= 0 && i < SERVER_SOCKETS; i++) {
		r = sd_event_add_io(daemon->event, &server->listening[i], server->sockets.fds[i],
			EPOLLIN, on_listening, server);
		if (r >= 0)
			r = sd_event_source_set_priority(
				server->listening[i], priority_of((enum server_socket)i));
	}
	if (r < 0) {
		server_stop(server);
		return r;
	}
	*ret = server;
	return 0;
}

void server_stop(struct server *server)
{
	if (!server)
		return;
	while (server->connections)
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): closing takes it out of the list */
		connection_close(server->connections);
	for (int i = 0; i < SERVER_SOCKETS; i++)
		sd_event_source_disable_unref(server->listening[i]);
	sockets_close(&server->sockets);
	free(server);
}
