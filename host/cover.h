/* SPDX-License-Identifier: MIT */
#pragma once

/* Which grants let a session live: all of its agent's that are open with at least its scope. It
 * belongs to one of them, and goes on under another when that one is over. */

#include "core/config.h"
#include "host/grants.h"
#include "host/sessions.h"

struct cover {
	enum scope scope;      /* that is needed */
	int64_t until;         /* of the last of them; 0: none covers */
	struct digest request; /* that the session belongs to from now on */
};

/* Finds what covers `session` at `now`. Returns 0, or a negative errno. */
int cover_find(struct store *store, const struct grant_host *host, const struct session *session,
	int64_t now, struct cover *ret);

/* Lets `session`, which `cover` covers, follow it: its keeper is told when the end moved, the store
 * under which request it goes on, with an event for each of the two. Begins a transaction. */
int cover_follow(struct store *store, struct session *session, const struct cover *cover,
	int64_t now, struct problem *problem);
