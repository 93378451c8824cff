/* SPDX-License-Identifier: MIT */
#pragma once

/* The server's half of the local protocol: three sockets, one question and one answer for each
 * connection. Nobody can hold it up: a connection that asks nothing is dropped after
 * SERVER_PATIENCE_MS, each socket admits SERVER_CONNECTIONS_MAX at once, and session.sock
 * SERVER_PER_UID_MAX of one user. */

#include "core/problem.h"
#include "lib/wire.h"

#include <sys/socket.h>
#include <systemd/sd-event.h>

#define SERVER_PATIENCE_MS     3000
#define SERVER_CONNECTIONS_MAX 64
#define SERVER_PER_UID_MAX     8

enum server_socket {
	SOCKET_CONTROL,
	SOCKET_SESSION,
	SOCKET_COURIER,
	SERVER_SOCKETS,
};

struct daemon;
struct server;

/* One connection, from accept to close. */
struct connection;

/* Called with a whole message whose header is sound. The handler answers now, or keeps the
 * connection (connection_keep, connection_hold) to answer later; otherwise it is closed without an
 * answer. */
typedef void (*server_handler)(struct daemon *daemon, struct connection *connection,
	enum server_socket where, const void *message, size_t size);

/* Takes the sockets that systemd passed (by the names control, session and courier), or makes
 * those in `run_dir`, and serves them in the daemon's loop. `courier` is the group of courier.sock
 * and the one user besides root that may speak there. */
int server_start(struct daemon *daemon, const char *run_dir, const char *courier_user,
	server_handler handler, struct server **ret, struct problem *problem);

/* Closes all. Sockets that we made are unlinked, so that nobody waits for us. */
void server_stop(struct server *server);

/* Who is on the other side, as the kernel says. */
const struct ucred *connection_peer(const struct connection *connection);

/* A pidfd of the peer, or a negative errno. The caller closes it. */
int connection_pidfd(const struct connection *connection);

/* Answers, with `n_fds` descriptors, and closes the connection. The answer begins with a
 * wire_header, which goes out in the version that was asked in. */
void connection_answer(struct connection *connection, const void *answer, size_t size,
	const int *fds, size_t n_fds);

/* Keeps the connection open without a bound on its time. At most one for each socket: an older
 * one is closed. connection_kept is that one, or NULL. */
void connection_keep(struct connection *connection);
struct connection *connection_kept(struct server *server, enum server_socket where);

/* Holds the connection open until it is answered or the other side leaves. The number finds it
 * again; then it is NULL if it has left. */
uint64_t connection_hold(struct connection *connection);
struct connection *connection_find(struct server *server, uint64_t number);
