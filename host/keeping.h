/* SPDX-License-Identifier: MIT */
#pragma once

/* What the daemon and a session's keeper tell each other, in files that need neither of them.
 *
 *	PATH_SESSIONS/ID	the end that now holds; written by who knows grants
 *	PATH_SESSIONS/ID.ended	its tombstone: when and why the session ended, written by who ended
 *it while the store could not (or did not yet) say so
 *
 * Both are replaced whole, by rename. They lie in /run: a reboot ends every session and takes
 * them along. */

#include "host/sessions.h"

#define KEEPING_CAUSE_MAX 128

struct keeping {
	char id[DOCUMENT_SESSION_MAX + 1];
	uint32_t uid;
	int64_t until;
};

struct keeping_end {
	char id[DOCUMENT_SESSION_MAX + 1];
	uint32_t uid;
	int64_t when;
	char cause[KEEPING_CAUSE_MAX];
};

/* Says until when a session lives. The keeper follows at once, both ways. Makes `dir` (0700) if
 * need be. Every session has this file from before its keeper starts until keeping_forget. */
int keeping_write(const char *dir, const struct keeping *keeping);

/* The same, but -ENOENT if there is no end: the keeper has lifted it. */
int keeping_change(const char *dir, const struct keeping *keeping);

/* Reads it back; -ENOENT; -EBADMSG if it makes no sense. */
int keeping_read(const char *dir, const char *id, struct keeping *ret);

/* Writes the session's tombstone (those of host/tombstones.h are of requests). The first one stays:
 * who ended a session knows best why. */
int keeping_bury(const char *dir, const struct keeping_end *end);
int keeping_read_end(const char *dir, const char *id, struct keeping_end *ret);

/* Takes the end away and leaves the tombstone: the keeper's word that nothing is left. */
void keeping_lift(const char *dir, const char *id);

/* Removes both files, once the store knows that the session ended. */
void keeping_forget(const char *dir, const char *id);

/* True if a session of `uid` other than `except` has an end, and no tombstone. Unsure is true:
 * then only what surely belongs to the session is ended. */
bool keeping_others(const char *dir, uint32_t uid, const char *except);

/* Calls `each` for every session that has an end and no tombstone. What cannot be read is passed
 * over: its keeper goes by the end that it read before. */
int keeping_each(
	const char *dir, int (*each)(void *context, const struct keeping *keeping), void *context);

/* Calls `each` for every tombstone, for the daemon to write down what happened without it. */
int keeping_each_end(
	const char *dir, int (*each)(void *context, const struct keeping_end *end), void *context);
