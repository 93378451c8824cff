/* SPDX-License-Identifier: MIT */
#pragma once

/* When to try again, and how long to let central hold a poll. Pure: clock and chance are
 * arguments. Milliseconds. */

#include <stdbool.h>
#include <stdint.h>

#define PACE_FIRST_MS (1 * 1000)
#define PACE_MAX_MS   (5 * 60 * 1000)
#define PACE_LEAST_MS 100 /* chance may say 0, and a loop must never spin */

/* However long we are asked to wait: nobody may silence a host for ever. */
#define PACE_ASKED_MAX_S (10 * 60)

/* Back-off with full jitter: after the n-th failure in a row anything up to PACE_FIRST_MS * 2^n,
 * at most PACE_MAX_MS, so that a thousand hosts do not return all at once. */
struct pace {
	unsigned int failures; /* in a row */
	int64_t next_ms;       /* not before */
	int64_t asked_ms; /* nor before this, whatever the hurry: the other side asked for it */
};

void pace_failed(struct pace *pace, int64_t now_ms, uint32_t chance);
void pace_succeeded(struct pace *pace);

/* It worked, but sooner than was asked for and for nothing: a server that does not wait must not
 * make a loop of us. */
void pace_in_vain(struct pace *pace, int64_t now_ms);

/* The other side asks not to be asked for `wait_s`, of which PACE_ASKED_MAX_S are granted. What
 * fails then backs off from there. */
void pace_asked(struct pace *pace, int64_t now_ms, int64_t wait_s);

/* There is a reason to try as soon as that is over; the failures stay counted. */
void pace_hurry(struct pace *pace, int64_t now_ms);

#define HOLD_LEAST_MS 1000
#define HOLD_TRUST    10 /* polls in a row that were held to their end, then a longer one is tried */
#define HOLD_STEP_MS  1000

/* How long a poll is held. What stands between cuts connections that are silent for too long;
 * the hold stays below that, and grows again slowly in case the way has changed. */
struct hold {
	int64_t hold_ms, max_ms;
	unsigned int held; /* in a row */
};

void hold_init(struct hold *hold, int64_t max_ms);

/* A poll was held to its end and answered. */
void hold_kept(struct hold *hold);

/* A poll was cut after `elapsed_ms`. Returns true if its silence explains that: then the hold is
 * shorter now and it may be tried at once. */
bool hold_cut(struct hold *hold, int64_t elapsed_ms);
