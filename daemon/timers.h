/* SPDX-License-Identifier: MIT */
#pragma once

/* When the daemon wakes by itself: at the next moment at which a grant starts or ends, by the wall
 * clock and by the boot clock, whichever is first; when somebody sets the clock; and each minute.
 */

#include "daemon/daemon.h"

int timers_start(struct daemon *daemon);

/* Sets them for what the store says now. */
void timers_arm(struct daemon *daemon, int64_t now);
