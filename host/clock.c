/* SPDX-License-Identifier: MIT */

/* The note is both clocks at one moment of one boot. After a reboot there is nothing to compare
 * with: a machine may have been off for a year. Then only the high-water mark speaks. */

#include "host/clock.h"
#include "host/chain.h"
#include "host/facts.h"

#include <stdio.h>
#include <string.h>

struct note {
	int64_t wall, boot;
	char *boot_id; /* NULL: there is none yet */
};

static void note_done(struct note *note)
{
	free(note->boot_id);
}

static int read_note(struct store *store, struct note *ret)
{
	int r = store_get(store, FACT_NOTE_BOOT_ID, &ret->boot_id);

	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = store_get_int(store, FACT_NOTE_WALL, &ret->wall);
	if (r == 0)
		r = store_get_int(store, FACT_NOTE_BOOT, &ret->boot);
	return r;
}

int clock_judge(
	struct store *store, const struct machine *machine, int64_t now, struct clock_state *ret)
{
	_cleanup_(note_done) struct note note = { 0 };
	struct clock_state state = { 0 };
	int r = store_get_int(store, FACT_HIGH_WATER, &state.high_water);

	if (r == 0 || r == -ENOENT)
		r = read_note(store, &note);
	if (r < 0)
		return r;
	state.ahead = note.boot_id && strcmp(note.boot_id, machine->boot_id) == 0 &&
		      now - note.wall > machine->boot - note.boot + CLOCK_JUMP_MAX;
	*ret = state;
	return 0;
}

static int write_note(struct store *store, const struct machine *machine, int64_t now)
{
	const struct {
		const char *name;
		int64_t value;
	} numbers[] = {
		{ FACT_HIGH_WATER, now },
		{ FACT_NOTE_WALL, now },
		{ FACT_NOTE_BOOT, machine->boot },
	};
	int r = store_set(store, FACT_NOTE_BOOT_ID, machine->boot_id);

	for (size_t i = 0; r == 0 && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		r = store_set_int(store, numbers[i].name, numbers[i].value);
	return r;
}

int clock_note_is_due(struct store *store, const struct machine *machine, int64_t now)
{
	_cleanup_(note_done) struct note note = { 0 };
	struct clock_state state;
	int r = clock_judge(store, machine, now, &state);

	if (r == 0)
		r = read_note(store, &note);
	if (r < 0)
		return r;
	if (state.ahead || now < state.high_water)
		return 0;
	return !note.boot_id || strcmp(note.boot_id, machine->boot_id) != 0 ||
	       now >= note.wall + CLOCK_NOTE_EVERY;
}

int clock_note(struct store *store, const struct machine *machine, int64_t now)
{
	int r = clock_note_is_due(store, machine, now);

	return r <= 0 ? r : write_note(store, machine, now);
}

int clock_accept(struct store *store, const struct machine *machine, int64_t now, const char *by,
	struct problem *problem)
{
	struct event event = { .kind = "clock", .text = "the clock was accepted as it is" };
	int r = store_begin(store, problem);

	if (r < 0)
		return r;
	snprintf(event.by, sizeof(event.by), "%s", by);
	r = write_note(store, machine, now);
	if (r == 0)
		r = chain_append(store, &event, now, problem);
	if (r == 0)
		return store_commit(store, problem);
	store_rollback(store);
	return r;
}
