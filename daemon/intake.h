/* SPDX-License-Identifier: MIT */
#pragma once

/* Taking in documents beside the loop.
 *
 * Judging one costs a process that verifies, questions to the name service and a write to the disk,
 * and whoever can hand in documents decides how often. So a worker does it, which is this program
 * run with `--intake`: one document at a time. What waits for it are connections of courier.sock,
 * at most SERVER_CONNECTIONS_MAX; among them the names that sign take turns, so that a flood in
 * one name is not in the way of another's. The loop only parses, to see whose turn it is.
 *
 * The worker has the store open for itself, as the CLI has. It dies with its socket, so also with
 * the daemon; what was not answered then is handed in again. */

#include "daemon/server.h"

struct daemon;

/* The worker's question is a whole DELIVER message, its answer a wire_done. Answers the connection
 * when the worker has; says at once what cannot be judged now. */
void intake_take(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size);

/* The settings have changed: the next document is judged by a new worker. */
void intake_renew(struct daemon *daemon);

void intake_stop(struct daemon *daemon);

/* What the worker does, with its socket as standard input, until the daemon closes it. An exit
 * code. */
int intake_main(struct daemon *daemon);
