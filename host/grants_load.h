/* SPDX-License-Identifier: MIT */
#pragma once

/* Inside grants.c: one request with all that the store knows of it. */

#include "host/finals.h"
#include "host/grants.h"
#include "host/query.h"
#include "host/tombstones.h"

#define DECISIONS_MAX 32 /* of one request; as many approvers as anybody has */

struct loaded {
	char login[ACCOUNT_LOGIN_MAX + 1], digest[DIGEST_HEX_LEN + 1];
	uint32_t uid;
	struct grant_facts facts;
	struct document *request, *decisions[DECISIONS_MAX];
	struct grant_decision judged[DECISIONS_MAX];
	struct final_row final;
	struct tombstone tombstone;
	int64_t used, used_boot; /* the boot clock's count, and when it was noted ... */
	char used_boot_id[37];   /* ... in which boot; empty: it has not begun */
};

/* What loaded_read reads of each row. */
#define LOADED_SELECT                                                                              \
	"SELECT r.digest, r.login, a.uid, r.used, r.used_boot_id, r.used_boot, d.bytes, d.backed"  \
	" FROM requests r JOIN documents d ON d.digest = r.digest"                                 \
	" JOIN accounts a ON a.login = r.login "

int loaded_read(struct store *store, struct query *query, struct loaded *ret);
void loaded_done(struct loaded *loaded);

/* Brings up to now what changes without the store: tombstones and the boot clock. */
int loaded_renew(struct store *store, const struct grant_host *host, struct loaded *loaded);

/* What a verdict about `login` is made of: what may be open, and of what is over the newest few.
 * Kept with the store until it changes: neither to be freed nor kept by the caller. */
int loaded_of_login(struct store *store, const char *login, struct loaded **ret, size_t *ret_count);
