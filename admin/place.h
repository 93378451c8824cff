/* SPDX-License-Identifier: MIT */
#pragma once

/* A place: where a verb of the customer's CLI does its work.
 *
 * `requests`, `show`, `approve`, `deny`, `revoke`, `history` and `status` are written once,
 * against this table. There are two places: the host's own store, as root there (host_place.c),
 * and central's API, from an approver's laptop (laptop_place.c). Both speak of requests as the
 * request states of docs/protocol.md, whose documents are strings of exact bytes. */

#include "core/command.h"
#include "core/config.h"
#include "core/document.h"
#include "core/problem.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* How long a verb that touches several hosts waits to hear from them. */
#define PLACE_CONFIRM_MS 10000

/* What a document did; documented outcomes of `submit`. */
enum place_result {
	PLACE_CHANGED = 0,
	PLACE_KNOWN = 1, /* it was there already; nothing changed */
};

struct place {
	bool local; /* this host's store, as root: unsigned, and for this host alone */
	char where[DOCUMENT_NAME_MAX + 1]; /* for sentences: "db1", "central.example" */
	char by[DOCUMENT_PRINCIPAL_MAX +
		1];                    /* who decides here: "root@db1", "carol@acme.example" */
	char host_id[HOST_ID_LEN + 1]; /* local: this host's; else empty */
	const struct config *config;   /* local: its ceilings; else NULL */
	void *context;                 /* whoever made it */

	/* An array of request states, newest first. `state` and `agent` may be NULL: any. */
	int (*requests)(struct place *place, const char *state, const char *agent,
		struct json_object **ret, struct problem *problem);

	/* One request state, by digest or by short id in any form that people type. -ENOENT. */
	int (*find)(struct place *place, const char *id, struct json_object **ret,
		struct problem *problem);

	/* Writes, signs where this place signs, and hands in a decision or a revocation; a local
	 * place also publishes, ends what is no longer covered and pokes the daemon before it
	 * returns. Returns an enum place_result or a negative errno: -EPERM when it was refused,
	 * with the reason in `problem`. Never asks while a transaction is open. */
	int (*submit)(
		struct place *place, const struct document *document, struct problem *problem);

	/* Who has confirmed that nothing of the request is alive: an array with one object for each
	 * host of the request: {host, name, confirmed (boolean), count, ms, at, last_contact}. What
	 * is told of a host is what that host signed. Returns as soon as all have, at the latest
	 * after `timeout_ms`. */
	int (*confirmations)(struct place *place, const char *request_digest, int timeout_ms,
		struct json_object **ret, struct problem *problem);

	/* What the hosts of a decision say of it: an array with one object for each of them: {host,
	 * name, confirmed (boolean), said, text, at, last_contact}. `said` is "approved", "denied"
	 * or, of a denied request that had ended otherwise, "revoked" or "closed", all of which
	 * confirm; "refused", with the host's reason in `text`; or empty. Else as above. */
	int (*answers)(struct place *place, const struct decision *decision, int timeout_ms,
		struct json_object **ret, struct problem *problem);

	/* One object for `status`. */
	int (*status)(struct place *place, struct json_object **ret, struct problem *problem);

	void (*close)(struct place *place);
};

/* The host's place when we are root and the store exists and `--api` was not given; else the
 * laptop's. `arguments` must be of a verb with PLACE_OPTIONS. */
int place_open(const struct arguments *arguments, struct place *ret, struct problem *problem);
void place_done(struct place *place);

int host_place_open(struct place *ret, struct problem *problem);
int laptop_place_open(
	const struct arguments *arguments, struct place *ret, struct problem *problem);

/* Options of every verb that works in either place. */
#define PLACE_OPTIONS                                                                              \
	{ "api", 0, NULL, "through central's API, even as root on a host" },                       \
		{ "json", 0, NULL, "print JSON" },                                                 \
	{                                                                                          \
		"plain", 0, NULL, "print one \"NAME: value\" a line"                               \
	}

/* ... and of those that sign. */
#define PLACE_SIGNING_OPTIONS                                                                      \
	PLACE_OPTIONS, { "key", 'k', "FILE", "sign with this ssh key (on a laptop)" },             \
	{                                                                                          \
		"yes", 'y', NULL, "do not ask"                                                     \
	}
