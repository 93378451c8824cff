/* SPDX-License-Identifier: MIT */
#pragma once

/* Publishing: the view for the NSS module and a key file for each account, computed anew from the
 * store. Idempotent, whole, under a lock: daemon and CLI both do it, in any order.
 *
 * An account has the login shell and an open key line only while a grant of its agent is
 * VERDICT_OK at `now`; otherwise nologin and a forced refusal. Past agents stay resolvable. */

#include "host/grants.h"

struct publish_paths {
	const char *view, *keys_dir; /* PATH_VIEW, PATH_KEYS */
};

/* The key file has a line for each key of the agent that a grant or the account names. Groups that
 * this machine does not know are left out (`doctor` tells). nscd is told when the view changed.
 * Directories that are missing are made. Returns 0, or a negative errno: then what could not be
 * written is as it was, and the account check refuses what is not open. */
int publish(struct store *store, const struct config *config, const struct publish_paths *paths,
	int64_t now, struct problem *problem);
