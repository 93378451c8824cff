/* SPDX-License-Identifier: MIT */
#pragma once

/* A child that stays: this program run with an option, which answers one message after the other on
 * its standard input. It has the store open for itself, as the CLI has, because SQLite's
 * connections may not cross a fork; and it stays because starting one costs more than most of what
 * it is asked. It dies with its socket, so also with the daemon. */

#include <stddef.h>
#include <systemd/sd-event.h>

struct worker {
	int fd; /* -EBADF: there is none */
	sd_event_source *answer;
};

#define WORKER_NONE                                                                                \
	{                                                                                          \
		.fd = -EBADF                                                                       \
	}

/* Hands over one message, starting the worker if there is none. `on_answer` is called when the
 * descriptor can be read: an answer, or 0 bytes when the worker is gone; then call worker_stop.
 * `what` is for the log: "the process that ...". Returns 0 or a negative errno, then without a
 * worker. */
int worker_ask(struct worker *worker, sd_event *event, const char *option, const char *what,
	sd_event_io_handler_t on_answer, void *context, const void *message, size_t size);

/* What it does now it does to the end; the next message is for a new one. */
void worker_stop(struct worker *worker);
