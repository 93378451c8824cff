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

int publish(struct store *store, const struct config *config, const struct publish_paths *paths,
	int64_t now, struct problem *problem);
