/* SPDX-License-Identifier: MIT */
#pragma once

/* Accounts: one agent, one uid, never shared and never given again.
 *
 * An account is made with the first request that `agents` vouches for, and stays, so that files
 * and logs keep their names. An account of any other source with the same name or uid wins: ours
 * is then in conflict and is not published until the other is gone. */

#include "core/config.h"
#include "host/store.h"
#include "lib/account.h"

#include <stdbool.h>

struct account_row {
	char login[ACCOUNT_LOGIN_MAX + 1];
	char full_name[ACCOUNT_FULL_NAME_MAX + 1];
	char key[DOCUMENT_KEY_MAX + 1]; /* the agent's plain public key, of the newest request */
	uint32_t uid;
	int64_t created;
	bool conflict; /* another source has the name or the uid */
};

struct account_key {
	const char *name; /* NULL: the uid alone */
	uint32_t uid;     /* 0: the name alone */
};

/* Does a name service other than ours know any of the `n` names or uids? 1, 0, or a negative errno.
 * At most ACCOUNTS_PROBE_MAX at once, else -E2BIG. */
#define ACCOUNTS_PROBE_MAX 32
typedef int (*accounts_probe_fn)(const struct account_key *keys, size_t n);

/* Asks every service of nsswitch.conf's passwd line but ours, by a bounded child. */
int accounts_probe_system(const struct account_key *keys, size_t n);

/* False if another source has the uid, too, or if that cannot be found out: then not everything of
 * the uid is the agent's, and nothing is ended for its uid alone. */
bool accounts_uid_is_alone(uint32_t uid);

/* -ENOENT. */
int accounts_find(struct store *store, const char *login, struct account_row *ret);

int accounts_each(struct store *store,
	int (*each)(void *context, const struct account_row *account), void *context);

/* Which uid the account of `login` has or would get: the smallest that was never given and that no
 * other source has. Asks the name service, so it is called outside transactions. -EEXIST if
 * another source has the name, or the uid of an account that exists; -ENOSPC when the range is
 * used up. */
int accounts_place(struct store *store, const char *login, accounts_probe_fn probe, uint32_t *ret,
	struct problem *problem);

/* Makes the account with that uid, and an event, or brings name and key of an existing one up to
 * date. Inside the caller's transaction. -ENOSPC when `max_accounts` is reached; -EAGAIN when the
 * uid was given to somebody else since accounts_place. */
int accounts_make(struct store *store, const struct config *config,
	const struct document_agent *agent, uint32_t uid, int64_t now, struct problem *problem);

/* Calls `each` for every account with which something can still happen: one with a request that is
 * not over, or in conflict. */
int accounts_each_at_stake(struct store *store,
	int (*each)(void *context, const struct account_row *account), void *context);

/* Calls `each` for what other sources list that has our form or a number in our range: there it
 * wins. What a source does not list (LDAP often does not) is only found by accounts_check. */
int accounts_each_foreign(
	int (*each)(void *context, const char *name, uint32_t uid), void *context);

/* Does another source have a group with one of our names or gids? 1, and "NAME (GID)" of the first;
 * 0; or a negative errno. */
#define ACCOUNT_FOREIGN_GROUP_MAX 128
int accounts_foreign_group(char ret[static ACCOUNT_FOREIGN_GROUP_MAX]);

/* Probes the accounts at stake anew and records conflicts and their end as events. Asks the name
 * service about each: for a round, not for a loop. One transaction of its own if something
 * changed. */
int accounts_check(
	struct store *store, accounts_probe_fn probe, int64_t now, struct problem *problem);
