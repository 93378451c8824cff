/* SPDX-License-Identifier: MIT */
#pragma once

/* From the store's facts to grants: reads, derives by core/grant, writes nothing but what
 * grants_settle records. */

#include "core/config.h"
#include "core/grant.h"
#include "host/clock.h"
#include "host/store.h"

/* The host's own facts at `now`, for core/grant. Texts stay valid until grants_host_done.
 * grants_host reads the machine's facts (machine_read); grants_host_on is given them. */
int grants_host(struct store *store, const struct config *config, int64_t now,
	struct grant_host *ret, struct problem *problem);
int grants_host_on(struct store *store, const struct config *config, const struct machine *machine,
	int64_t now, struct grant_host *ret, struct problem *problem);
void grants_host_done(struct grant_host *host);

/* All grants of one agent (`login` without our prefix), or of all agents (NULL), one for each
 * request that the host knows. `each` returns non-zero to stop. `request` lives for the call. */
struct grants_row {
	char login[ACCOUNT_LOGIN_MAX + 1];
	uint32_t uid;
	bool used_is_noted; /* the boot clock's count of it has begun */
	const struct request *request;
	struct grant grant;
};
int grants_each(struct store *store, const struct grant_host *host, const char *login, int64_t now,
	int (*each)(void *context, const struct grants_row *row), void *context);

/* The same without requests that are final: what may still be or become open. */
int grants_each_open(struct store *store, const struct grant_host *host, const char *login,
	int64_t now, int (*each)(void *context, const struct grants_row *row), void *context);

/* The grant that a login of this agent gets now, and its request (NULL with VERDICT_NONE; the
 * caller frees with free()). */
int grants_find(struct store *store, const struct grant_host *host, const char *login, int64_t now,
	struct grant *ret, struct request **ret_request);

/* The next moment at which some grant starts or ends, after `now`; 0: none. */
int grants_next_change(
	struct store *store, const struct grant_host *host, int64_t now, int64_t *ret);

/* Records what came to its end by itself: an `expired` event for each grant that is over, once,
 * after which no clock brings it back; the time that open grants have used by the boot clock; and
 * the high-water mark (clock_note). Called by the daemon when it starts, at each
 * grants_next_change and each minute. Does nothing while the clock is not trusted. */
int grants_settle(
	struct store *store, const struct config *config, int64_t now, struct problem *problem);
int grants_settle_on(struct store *store, const struct config *config,
	const struct machine *machine, int64_t now, struct problem *problem);
