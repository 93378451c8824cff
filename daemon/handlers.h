/* SPDX-License-Identifier: MIT */
#pragma once

/* Handlers of the operations, one for each row of daemon/operations.c. Each gets a message of the
 * size that its row names and a peer that its row admits, and answers, keeps, or drops the
 * connection. */

#include "daemon/server.h"

struct daemon;

void handle_account(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size);
void handle_open(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size);
void handle_close(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size);
void handle_shell(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size);
void handle_changed(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size);
void handle_status(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size);
void handle_hello(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size);
void handle_deliver(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size);
void handle_outbox(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size);
void handle_sent(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size);
