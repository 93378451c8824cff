/* SPDX-License-Identifier: MIT */
#pragma once

/* Tombstones: what was ended while the store could not be written (disk full, read-only, locked).
 * One small file in /run for each request, named by its digest; a request with one is revoked. */

#include "host/store.h"

struct tombstone {
	int64_t at;
	char by[DOCUMENT_PRINCIPAL_MAX + 1];
	char text[DOCUMENT_TEXT_MAX + 1];
};

/* Writes one; one that is there already stays. */
int tombstone_write(const char *dir, const char *request_digest, const struct tombstone *tombstone);

/* 0; -ENOENT; any other error counts as a tombstone for those who ask whether to open. */
int tombstone_read(const char *dir, const char *request_digest, struct tombstone *ret);

/* Records all of them in the store as revocations, in one transaction, then removes them. Called
 * at the start and before each settling. Returns how many, or a negative errno. */
int tombstones_settle(struct store *store, int64_t now, struct problem *problem);
