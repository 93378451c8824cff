/* SPDX-License-Identifier: MIT */
#pragma once

/* This host, as root's CLI works on it: configuration, store and signers opened together, and what
 * has to follow each change. The CLI does all of it itself, so that a dead daemon keeps nobody
 * from ending access. */

#include "core/config.h"
#include "host/ending.h"
#include "host/ingest.h"
#include "host/store.h"

struct host {
	struct config config;
	struct store *store;
	char id[HOST_ID_LEN + 1], name[DOCUMENT_NAME_MAX + 1], customer[DOCUMENT_CUSTOMER_MAX + 1];
	char by[DOCUMENT_PRINCIPAL_MAX + 1];     /* "root@db1" */
	char caller[DOCUMENT_PRINCIPAL_MAX + 1]; /* who logged in to become root */
	int64_t now;
};

enum host_verb {
	HOST_LOOKS, /* changes nothing, or ends access */
	HOST_OPENS, /* may open access: refused to a support account */
};

extern const struct signers host_approvers, host_agents;

/* Opens what an enrolled host has. -ENOENT when it is not enrolled. A configuration with errors
 * is an error for HOST_OPENS; ending must not wait for it and goes on with the defaults. */
int host_open(const char *verb, enum host_verb kind, struct host *ret, struct problem *problem);
void host_done(struct host *host);

/* For ingest and rejudge. */
struct ingest host_ingest(const struct host *host);

/* After a change was committed: publishes, ends what is no longer covered (`cause` and `by` go
 * into the events), signs the chain's head, pokes the daemon. Goes through all of them whatever
 * fails, and returns the first error. `ret` may be NULL. */
int host_changed(struct host *host, const char *by, const char *cause, struct ending_report *ret,
	struct problem *problem);

/* True if host_open failed with `why` though this is a host and root asks: its store says nothing.
 */
bool host_is_mute(int why);

/* ending_blind, for when it is, and the daemon hears of it, which may still read the store. */
int host_end_blind(const char *cause, struct ending_report *ret, struct problem *problem);

/* Tells the daemon to look again. 0, or a negative errno when nobody answers. */
int host_poke(void);
