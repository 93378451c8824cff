/* SPDX-License-Identifier: MIT */
#pragma once

/* Watches /etc/supportaccess: approvers, agents, revoked keys and the configuration. A change is
 * acted upon once nothing more changed for WATCH_SETTLE_MS, so that a file that is being written,
 * or a set of files, is judged when it is whole. */

struct daemon;

#define WATCH_SETTLE_MS 100

int watch_start(struct daemon *daemon, const char *directory);

/* Loads the configuration anew and judges everything again: also what SIGHUP does. */
void watch_reload(struct daemon *daemon);
