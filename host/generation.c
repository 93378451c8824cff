/* SPDX-License-Identifier: MIT */

/* "RANDOM COUNTER": random says which store it is, the counter how often access was ended. The
 * file is written after the commit, so a crash between them leaves the file behind until the store
 * is opened again; a store behind its file was put back. A file that is missing was removed, unless
 * access was ended at most once: then the crash may have come before its first writing. */

#include "host/facts.h"
#include "host/store_private.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

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

static int file_path(struct store *store, const char *suffix, char **ret)
{
	return asprintf(ret, "%s-generation%s", store->path, suffix) < 0 ? -ENOMEM : 0;
}

static int read_file(struct store *store, struct generation *ret)
{
	_cleanup_(closep) int fd = -EBADF;
	_cleanup_(freep) char *path = NULL;
	char text[STORE_GENERATION_MAX] = "";
	ssize_t n;

	if (file_path(store, "", &path) < 0)
		return -ENOMEM;
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

int generation_note(struct store *store)
{
	_cleanup_(freep) char *text = NULL, *path = NULL, *temporary = NULL;
	char suffix[32];
	int r;

	r = store_get(store, FACT_GENERATION, &text);
	if (r < 0)
		return r;
	snprintf(suffix, sizeof(suffix), ".%d", (int)getpid());
	if (file_path(store, "", &path) < 0 || file_path(store, suffix, &temporary) < 0)
		return -ENOMEM;
	r = write_synced(temporary, text);
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(temporary);
	return r;
}

int generation_is_old(struct store *store)
{
	struct generation in_store, in_file;
	int r = read_store(store, &in_store);

	if (r < 0)
		return r;
	r = read_file(store, &in_file);
	if (r == -ENOENT)
		return in_store.counter > 1;
	if (r == -EUCLEAN)
		return 1;
	if (r < 0)
		return r;
	return strcmp(in_store.random, in_file.random) != 0 || in_file.counter > in_store.counter;
}

int generation_catch_up(struct store *store)
{
	struct generation in_store, in_file;
	int r = read_store(store, &in_store);

	if (r < 0 || in_store.counter == 0)
		return r;
	r = read_file(store, &in_file);
	if (r == 0 && strcmp(in_store.random, in_file.random) == 0 &&
		in_file.counter < in_store.counter)
		return generation_note(store);
	if (r == -ENOENT && in_store.counter == 1)
		return generation_note(store);
	return 0;
}
