/* SPDX-License-Identifier: MIT */
#pragma once

/* The maps that a process keeps between look-ups.
 *
 *	struct kept kept;
 *
 *	if (kept_take(&kept) < 0)
 *		return NSS_STATUS_NOTFOUND;
 *	... kept.view ...
 *	kept_give(&kept);
 *
 * Nothing waits: not for another thread, not, in a forked child, for a thread that is no more. */

#include "lib/view.h"

struct kept_cell;

struct kept {
	const struct view *view;
	struct kept_cell *cell; /* NULL: no cell was free, `own` is for this look-up alone */
	struct view own;
};

/* Gives the look-up the newest view that there is. 0, or -ENOENT: there is none that is valid. */
int kept_take(struct kept *ret);
void kept_give(struct kept *kept);
