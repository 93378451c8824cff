/* SPDX-License-Identifier: MIT */
#pragma once

/* Open sessions, each with a descriptor of its connection's process: when that becomes readable,
 * the connection is over, however it ended, and what is left of the session is ended too. The
 * registry is a mirror of the store's open sessions and made anew from it at the start. */

#include "daemon/daemon.h"
#include "host/sessions.h"

struct registered {
	struct registered *next;
	struct daemon *daemon;
	struct session session;
	int pidfd; /* -EBADF: the process is gone already */
	sd_event_source *gone;
};

/* Takes over `pidfd`, also when it fails. */
int registry_add(struct daemon *daemon, const struct session *session, int pidfd);
void registry_remove(struct daemon *daemon, const char *id);
void registry_clear(struct daemon *daemon);

/* Makes the registry what the store says: adopts open sessions it does not have, drops those that
 * ended. Adopted ones whose process is gone are ended. Those that have a keeper and no row, because
 * the store was put back from before they were opened, are ended by their keepers. */
int registry_follow_store(struct daemon *daemon, struct problem *problem);

/* The session whose connection `pid` is, or descends from; NULL if there is none. */
struct registered *registry_of_process(const struct daemon *daemon, pid_t pid);
