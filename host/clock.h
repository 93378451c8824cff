/* SPDX-License-Identifier: MIT */
#pragma once

/* May this clock be believed?
 *
 * The store keeps a high-water mark that no clock reading may be below, and a note of the wall
 * clock beside CLOCK_BOOTTIME. Within one boot both must go on alike: a wall clock that runs more
 * than a day ahead of the boot clock was set. Neither opens anything; both wait for root
 * (`supportaccess clock accept`) or for the clock to be right again. */

#include "host/machine.h"
#include "host/store.h"

#include <stdbool.h>

#define CLOCK_NOTE_EVERY 60
#define CLOCK_JUMP_MAX   (24 * 60 * 60)

struct clock_state {
	int64_t high_water;
	bool ahead;
};
int clock_judge(
	struct store *store, const struct machine *machine, int64_t now, struct clock_state *ret);

/* 1: clock_note would write; 0; or a negative errno. */
int clock_note_is_due(struct store *store, const struct machine *machine, int64_t now);

/* Moves the high-water mark and the note to now, unless they are younger than CLOCK_NOTE_EVERY or
 * the clock is not believed. Inside a transaction. */
int clock_note(struct store *store, const struct machine *machine, int64_t now);

/* Root says that the clock is right: high-water mark and note start anew, with an event. One
 * transaction of its own. */
int clock_accept(struct store *store, const struct machine *machine, int64_t now, const char *by,
	struct problem *problem);
