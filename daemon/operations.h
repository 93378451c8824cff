/* SPDX-License-Identifier: MIT */
#pragma once

/* The table of what may be asked: operation, socket, who, how long the message is. */

#include "daemon/server.h"

/* A server_handler. What the table does not admit is dropped without an answer. */
void operations_serve(struct daemon *daemon, struct connection *connection,
	enum server_socket where, const void *message, size_t size);
