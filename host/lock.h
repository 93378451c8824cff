/* SPDX-License-Identifier: MIT */
#pragma once

/* A file's lock (flock(2)), for what daemon and CLI must not do at the same time.
 *
 * Waited for at most so long: who hangs while holding it, as a stopped process does, keeps nobody
 * from going on. */

/* Makes the file if need be. Returns a descriptor, which releases the lock when it is closed;
 * -ETIMEDOUT; or another negative errno. */
int lock_take(const char *path, int patience_ms);
