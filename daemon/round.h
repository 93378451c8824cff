/* SPDX-License-Identifier: MIT */
#pragma once

/* A round: what is to be done whenever something changed.
 *
 * In the daemon's loop, because it is short: settle what came to its end, publish, follow the
 * store's sessions and their ends, wake the courier. By a worker (daemon/worker.h), which is this
 * program run with `--round`, because it may take long: check the whole store (at the start, then
 * every ROUND_CHECK_EVERY_S), judge signers anew, ask whether another source has one of our
 * accounts, end sessions that no grant covers or whose connection is gone, sign the chain's head.
 * One round at a time; what is asked for meanwhile is done after it. */

#include "daemon/daemon.h"

#define ROUND_CHECK_EVERY_S (24 * 60 * 60)

/* Something changed. `rejudge`: it was a file of keys, a ceiling, or this is the start. */
void round_begin(struct daemon *daemon, bool rejudge);

/* True while signers are to be judged anew and have not been: nobody may be let in on the strength
 * of a signature that was verified before. */
bool round_is_unjudged(const struct daemon *daemon);

/* A minute has passed: asks the name service too. */
void round_probe(struct daemon *daemon);

/* A connection is gone: that changes nothing that is published, and the rest is done once its
 * session has ended. */
void round_connection_gone(struct daemon *daemon);

/* The settings have changed: the next round is done by a new worker. */
void round_renew(struct daemon *daemon);

/* What the worker is asked, and what it answers. Judging anew includes probing. */
struct round_order {
	bool check, rejudge, probe;
};

enum round_status {
	ROUND_DONE,
	ROUND_FAILED,
	ROUND_DAMAGED, /* `check` found damage in the store */
};

extern const char round_damaged[]; /* why the store is closed then */

/* What the worker does, with its socket as standard input, until the daemon closes it. An exit
 * code. */
int round_main(struct daemon *daemon);
