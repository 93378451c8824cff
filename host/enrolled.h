/* SPDX-License-Identifier: MIT */
#pragma once

/* A host's own life in its store: enrolled, left, switched off and on, accepted as it is. */

#include "core/document.h"
#include "host/store.h"

/* Enrols or enrols again: sets the facts of host/facts.h from `enrolment`, the epoch to now,
 * forgets the feed's cursor, and writes the event. A store of another host id is -EEXIST.
 * `machine_id`: of this machine. One transaction of its own. */
int host_enrolled(struct store *store, const struct enrolment *enrolment, const char *machine_id,
	int64_t now, const char *by, struct problem *problem);

/* `off` and `on`. Returns 1 if it was so already, 0 if it changed. One transaction of its own. */
int host_switch(struct store *store, bool off, int64_t now, const char *by, const char *reason,
	struct problem *problem);

/* Root accepts the store as it is, whatever closed it: nothing that was decided before `now` counts
 * any more, and an event says so. One transaction of its own. */
int host_epoch(struct store *store, int64_t now, const char *by, struct problem *problem);
