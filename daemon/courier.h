/* SPDX-License-Identifier: MIT */
#pragma once

/* The courier's side of the daemon. */

struct daemon;

/* Answers a courier that waits for events, if there are signed ones that central does not have. */
void courier_wake(struct daemon *daemon);
