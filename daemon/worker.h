/* SPDX-License-Identifier: MIT */
#pragma once

/* A child that stays: this program run with an option, which answers one message after the other on
 * its standard input. It has the store open for itself, as the CLI has, because SQLite's
 * connections may not cross a fork; and it stays because starting one costs more than most of what
 * it is asked. It dies with its socket, so also with the daemon.
 *
 * Its settings are the daemon's, handed over when it starts: what is in force stays in force also
 * where the files have been broken since. */

#include <errno.h>
#include <stddef.h>
#include <systemd/sd-event.h>

#define WORKER_SETTINGS_FD 3 /* config_read, in the worker */

struct daemon;

struct worker {
	int fd; /* -EBADF: there is none */
	sd_event_source *answer;
};

struct worker_kind {
	const char *option; /* "--round" */
	const char *what;   /* for the log: "the process that ..." */
	/* Its context is the daemon. Called when the worker's descriptor can be read: an answer, or
	 * 0 bytes when it is gone; then call worker_stop. */
	sd_event_io_handler_t on_answer;
};

#define WORKER_NONE                                                                                \
	{                                                                                          \
		.fd = -EBADF                                                                       \
	}

/* Hands over one message, starting the worker if there is none. Returns 0 or a negative errno, then
 * without a worker. */
int worker_ask(struct worker *worker, struct daemon *daemon, const struct worker_kind *kind,
	const void *message, size_t size);

/* What it does now it does to the end; the next message is for a new one. */
void worker_stop(struct worker *worker);
