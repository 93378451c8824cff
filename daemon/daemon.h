/* SPDX-License-Identifier: MIT */
#pragma once

/* The daemon: what its parts share.
 *
 * One thread, one loop. Nothing here is a fact: facts are in the store, and whatever the daemon
 * knows besides (who is connected, which process is whose session) it can find again after a
 * kill -9. What takes longer than a person's login may wait is done by two workers that run this
 * same program (daemon/worker.h): one judges signers anew and ends processes (daemon/round.h), one
 * judges documents (daemon/intake.h). */

#include "core/config.h"
#include "core/signature.h"
#include "daemon/checked.h"
#include "daemon/refusals.h"
#include "daemon/worker.h"
#include "host/store.h"
#include "lib/wire.h"

#include <systemd/sd-event.h>

struct intake;
struct registered;
struct server;

struct daemon {
	sd_event *event;
	struct config config;
	struct signers approvers, agents;
	const char *etc_dir;

	struct store *store; /* NULL: it cannot be used, and `trouble` says why */
	struct problem trouble;
	const char *closed; /* why nobody is let in, as it was last said in the log; NULL: open */

	struct server *server;
	struct intake *intake;
	struct registered *sessions; /* open ones */
	size_t n_sessions;
	struct refusals refusals;
	struct checked checked;

	int64_t started, contact;
	char contact_text[WIRE_TEXT_MAX];

	/* daemon/round.c */
	bool is_round;         /* this is its worker */
	struct worker round;   /* the worker */
	bool round_busy;       /* it is at work */
	bool round_again;      /* asked for while it was */
	bool round_outdated;   /* it has old settings */
	bool rejudge, probe;   /* what the next one does besides */
	bool rejudging;        /* it judges signers anew */
	bool checking;         /* it checks the whole store */
	int64_t store_checked; /* CLOCK_BOOTTIME of the last such check; 0: none yet */
	int64_t chain_seen;    /* the last event when it began */
	int timer_fd;          /* the wall clock's; see daemon/timers.c */
	sd_event_source *next_change, *inotify, *reload;
};

/* Opens the store if it is not open, or if another file is in its place. Returns 0, or a negative
 * errno with `daemon->trouble` said. */
int daemon_store(struct daemon *daemon);

/* Loads the configuration anew; a bad one is logged and the old one stays. */
int daemon_configure(struct daemon *daemon, struct problem *problem);
