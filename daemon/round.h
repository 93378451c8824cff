/* SPDX-License-Identifier: MIT */
#pragma once

/* A round: what is to be done whenever something changed.
 *
 * In the daemon's loop, because it is short: settle what came to its end, publish, follow the
 * store's sessions and their ends, wake the courier. In a child, which is this program run with
 * `--round`, because it may take long: check the whole store (at the start, then every
 * ROUND_CHECK_EVERY_S), judge signers anew, ask whether another source has one of our accounts, end
 * sessions that no grant covers or whose connection is gone, sign the chain's head. One child at a
 * time; what is asked for meanwhile is done after it. */

#include "daemon/daemon.h"

#define ROUND_CHECK_EVERY_S (24 * 60 * 60)

/* Something changed. `rejudge`: it was a file of keys, a ceiling, or this is the start. */
void round_begin(struct daemon *daemon, bool rejudge);

/* A minute has passed: asks the name service too. */
void round_probe(struct daemon *daemon);

/* What the child does; an exit code, ROUND_DAMAGED when `check` found damage in the store. Judging
 * anew includes probing. */
#define ROUND_DAMAGED 9
int round_main(struct daemon *daemon, bool check, bool rejudge, bool probe);
