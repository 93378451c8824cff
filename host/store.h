/* SPDX-License-Identifier: MIT */
#pragma once

/* The store: all that a host must not forget, in one SQLite file of root's.
 *
 * WAL, synchronous=FULL: what was answered is on the disk. Daemon and CLI share this code; every
 * write is one `BEGIN IMMEDIATE` transaction (store_begin, store_commit), which an audit event is
 * part of (host/chain.h); there is never a prompt inside one. The schema is host/schema.sql, its
 * version PRAGMA user_version.
 *
 * A damaged store is closed with a clear message, never deleted. Documents are kept verbatim and
 * are the facts; tables of requests, decisions and finals are only an index to them. */

#include "core/document.h"
#include "core/problem.h"
#include "lib/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

/* Opens, creates if `create`, migrates, runs PRAGMA quick_check. One that cannot be written (a file
 * system that is mounted read-only) is opened for reading, and store_begin is -EROFS. Returns 0;
 * -ENOENT; -EUCLEAN for a damaged one; -EPROTONOSUPPORT for one of a newer version; another
 * negative errno. */
int store_open(const char *path, bool create, struct store **ret, struct problem *problem);
/* Without the check, which reads all of it: for a child of a program that has it open. */
int store_open_checked(const char *path, struct store **ret, struct problem *problem);
void store_free(struct store *store);
DEFINE_CLEANUP(struct store *, store_free)

/* PRAGMA integrity_check, for later than the first answer: 0, or -EUCLEAN. */
int store_check(struct store *store, struct problem *problem);

/* A write transaction. store_rollback without one does nothing, so that it can be a cleanup.
 * store_begin waits at most 2 s for another writer: -EBUSY. store_commit: 0 or -ENOSPC, -EROFS,
 * -EIO ... after which nothing of the transaction happened. */
int store_begin(struct store *store, struct problem *problem);
int store_commit(struct store *store, struct problem *problem);
void store_rollback(struct store *store);

/* From here on all is read of one moment, and what was read before is used again unless the store
 * changed: a verdict costs one lock and not one for each of its questions. Inside a write
 * transaction both do nothing. store_read_begin: 0 or a negative errno; nothing may be written
 * until store_read_end. */
int store_read_begin(struct store *store);
void store_read_end(struct store *store);

/* The transaction ends access (a denial, revocation, closing, expiry, lost signer, `off`): the
 * store's generation goes up with it. The generation is also noted outside the store, after each
 * such commit: in PATH-generation beside it, in the folder of store_use_tombstones, which is gone
 * after a reboot, and in FOLDER-generation/, if there is one, beside the folder that the store lies
 * in. So an older copy that is put back is noticed, the store alone and its whole folder. A
 * restored machine brings all notes back but that of the boot, which it has not: only the chain
 * that central and the witness hold can tell. */
int store_ends_access(struct store *store);

/* Why nothing may be opened on this store, or NULL: it was put back from a copy, or no epoch was
 * ever set. Root sets the epoch to accept the store as it is: decisions that were signed before
 * it no longer count. Inside a transaction. */
const char *store_closed(struct store *store);
int store_set_epoch(struct store *store, int64_t epoch);

/* store_closed looks anew only when the store has changed; this makes it look at the notes, which
 * store_condemn changes alone. */
void store_look_again(struct store *store);

/* Closes it from here on as far as this program is concerned: its full check found damage. `why` is
 * a literal. */
void store_distrust(struct store *store, const char *why);

/* Everything was ended while the store at `path` could not be read: whichever store is there once
 * it can, it is closed until root sets the epoch. `tombstones` as below. */
int store_condemn(const char *path, const char *tombstones);

/* False once another file is at its path, or one that could only be read can be written: it is to
 * be opened again. */
bool store_is_in_place(const struct store *store);

/* Where tombstones (host/tombstones.h) and the generation's note of this boot lie: PATH_SESSIONS in
 * programs. NULL: nowhere. */
int store_use_tombstones(struct store *store, const char *dir);
const char *store_tombstones(struct store *store);

/* PRAGMA data_version and our own changes: a number that changes when anything did. */
int64_t store_generation(struct store *store);

/* Small facts by name: "host_id", "customer", "epoch", "high_water", "off", "feed_cursor" ...
 * Names are constants in host/facts.h. Missing is -ENOENT. The caller frees `*ret`. */
int store_get(struct store *store, const char *name, char **ret);
int store_set(struct store *store, const char *name, const char *value);
int store_get_int(struct store *store, const char *name, int64_t *ret);
int store_set_int(struct store *store, const char *name, int64_t value);
