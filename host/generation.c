/* SPDX-License-Identifier: MIT */

/* "RANDOM COUNTER": random says which store it is, the counter how often access was ended. It is
 * noted thrice outside the store, after the commit: beside it; in /run for as long as this boot
 * lasts; and in a folder apart, which is not put back together with the store's. A crash between
 * commit and note leaves the note behind until the store is opened again; a store behind its note
 * was put back. A file beside the store that is missing was removed, unless access was ended at
 * most once: then the crash may have come before its first writing. The note in /run is missing
 * after each boot; its name is none that a session could have. That in the folder apart may be
 * wiped, and the folder, too: then less is noticed and nobody locked out. */

#include "host/facts.h"
#include "host/store_private.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#define GENERATION_CONDEMNED "condemned\n" /* no generation: older than none */

struct generation {
	char random[33];
	int64_t counter;
};

static int parse(const char *text, struct generation *ret)
{
	struct generation generation = { 0 };
	int used = 0;

	if (sscanf(text, "%32[0-9a-f] %" SCNd64 "%n", generation.random, &generation.counter,
		    &used) != 2 ||
		(text[used] != '\0' && strcmp(text + used, "\n") != 0) || generation.counter < 0)
		return -EUCLEAN;
	*ret = generation;
	return 0;
}

static int read_store(struct store *store, struct generation *ret)
{
	_cleanup_(freep) char *text = NULL;
	int r = store_get(store, FACT_GENERATION, &text);

	if (r < 0)
		return r;
	return parse(text, ret);
}

static int write_store(struct store *store, const struct generation *generation)
{
	char text[STORE_GENERATION_MAX];

	snprintf(text, sizeof(text), "%s %" PRId64, generation->random, generation->counter);
	return store_set(store, FACT_GENERATION, text);
}

/* The notes of a store at `path` whose tombstones lie in `dir`, or NULL. */
enum place {
	PLACE_BESIDE,
	PLACE_THIS_BOOT,
	PLACE_APART,
	PLACES,
};

static int note_path(enum place place, const char *path, const char *dir, char **ret)
{
	const char *name = strrchr(path, '/');
	int n = -1;

	if ((place == PLACE_THIS_BOOT && !dir) || (place == PLACE_APART && !name))
		return -ENOENT;
	switch (place) {
	case PLACE_BESIDE:
		n = asprintf(ret, "%s-generation", path);
		break;
	case PLACE_THIS_BOOT:
		n = asprintf(ret, "%s/.generation", dir);
		break;
	case PLACE_APART:
		n = asprintf(ret, "%.*s-generation%s", (int)(name - path), path, name);
		break;
	case PLACES:
		return -EINVAL;
	}
	return n < 0 ? -ENOMEM : 0;
}

static int read_note(struct store *store, enum place place, struct generation *ret)
{
	_cleanup_(closep) int fd = -EBADF;
	_cleanup_(freep) char *path = NULL;
	char text[STORE_GENERATION_MAX] = "";
	ssize_t n;
	int r = note_path(place, store->path, store->tombstones, &path);

	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	return parse(text, ret);
}

int generation_renew(struct store *store)
{
	struct generation generation = { .counter = 0 };
	uint8_t random[16];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(generation.random + 2 * i, 3, "%02x", random[i]);
	return write_store(store, &generation);
}

int generation_raise(struct store *store)
{
	struct generation generation;
	int r = read_store(store, &generation);

	if (r < 0)
		return r;
	generation.counter++;
	return write_store(store, &generation);
}

static int write_synced(const char *path, const char *text)
{
	_cleanup_(closep) int fd = -EBADF;
	size_t size = strlen(text);

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (write(fd, text, size) != (ssize_t)size)
		return -EIO;
	return fsync(fd) < 0 ? -errno : 0;
}

static int write_note(enum place place, const char *path, const char *dir, const char *text)
{
	_cleanup_(freep) char *note = NULL, *temporary = NULL;
	int r = note_path(place, path, dir, &note);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (asprintf(&temporary, "%s.%d", note, (int)getpid()) < 0)
		return -ENOMEM;
	r = write_synced(temporary, text);
	if (r == 0 && rename(temporary, note) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(temporary);
	return r;
}

int generation_note(struct store *store)
{
	_cleanup_(freep) char *text = NULL;
	int r = store_get(store, FACT_GENERATION, &text), beside, boot;

	if (r < 0)
		return r;
	beside = write_note(PLACE_BESIDE, store->path, store->tombstones, text);
	boot = write_note(PLACE_THIS_BOOT, store->path, store->tombstones, text);
	(void)write_note(PLACE_APART, store->path, store->tombstones, text);
	return beside < 0 ? beside : boot;
}

int generation_begin(struct store *store)
{
	static const enum place places[] = { PLACE_THIS_BOOT, PLACE_APART };
	_cleanup_(freep) char *text = NULL;
	struct generation noted;
	bool missing[2];
	int r;

	for (size_t i = 0; i < 2; i++)
		missing[i] = read_note(store, places[i], &noted) == -ENOENT;
	if ((!missing[0] && !missing[1]) || generation_is_old(store) != 0)
		return 0;
	r = store_get(store, FACT_GENERATION, &text);
	for (size_t i = 0; r == 0 && i < 2; i++)
		if (missing[i])
			r = write_note(places[i], store->path, store->tombstones, text);
	return r;
}

int generation_condemn(const char *path, const char *dir)
{
	int beside = write_note(PLACE_BESIDE, path, dir, GENERATION_CONDEMNED);
	int boot = write_note(PLACE_THIS_BOOT, path, dir, GENERATION_CONDEMNED);

	(void)write_note(PLACE_APART, path, dir, GENERATION_CONDEMNED);
	return beside == 0 || boot == 0 ? 0 : beside;
}

/* The notes are read before the store: what is committed and noted in between makes the store
 * newer than its note, never older. */
int generation_is_old(struct store *store)
{
	struct generation in_store, noted[PLACES] = { 0 };
	int r[PLACES], s;

	for (int i = 0; i < PLACES; i++)
		r[i] = read_note(store, (enum place)i, &noted[i]);
	s = read_store(store, &in_store);
	if (s < 0)
		return s;
	for (int i = 0; i < PLACES; i++) {
		if (r[i] == -EUCLEAN)
			return 1;
		if (r[i] < 0 && r[i] != -ENOENT)
			return r[i];
		if (r[i] == 0 && (strcmp(in_store.random, noted[i].random) != 0 ||
					 noted[i].counter > in_store.counter))
			return 1;
	}
	return r[PLACE_BESIDE] == -ENOENT && in_store.counter > 1;
}

int generation_catch_up(struct store *store)
{
	struct generation in_store, in_file = { 0 };
	int r = read_store(store, &in_store);

	if (r < 0 || in_store.counter == 0)
		return r;
	r = read_note(store, PLACE_BESIDE, &in_file);
	if (r == 0 && strcmp(in_store.random, in_file.random) == 0 &&
		in_file.counter < in_store.counter)
		return generation_note(store);
	if (r == -ENOENT && in_store.counter == 1)
		return generation_note(store);
	return 0;
}
