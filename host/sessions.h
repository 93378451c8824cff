/* SPDX-License-Identifier: MIT */
#pragma once

/* Sessions as the store keeps them: enough to find and to end one after a restart, by whoever.
 *
 * A process is named by (boot id, pid, start time), never by its pid alone (host/process.h). */

#include "core/document.h"
#include "host/process.h"
#include "host/store.h"

struct session {
	char id[DOCUMENT_SESSION_MAX + 1];
	char login[ACCOUNT_LOGIN_MAX + 1];
	uint32_t uid;
	enum scope scope;
	char request[DIGEST_HEX_LEN + 1];
	char boot_id[37];
	struct process_name monitor; /* sshd's, whose end is the connection's */
	struct process_name keeper;
	uint32_t audit_session; /* UINT32_MAX: none */
	char cgroup[256];       /* path below /sys/fs/cgroup; empty: none of its own */
	char remote_host[256];
	int64_t opened, until;
	int64_t ended; /* 0: open */
};

/* Each is one statement: inside the caller's transaction, or by itself if there is none. */
int sessions_add(struct store *store, const struct session *session);
int sessions_set_until(struct store *store, const char *id, int64_t until);
int sessions_set_request(struct store *store, const char *id, const char *request);
int sessions_set_ended(struct store *store, const char *id, int64_t ended);

/* -ENOENT. */
int sessions_find(struct store *store, const char *id, struct session *ret);

/* Open ones (all: ended ones too), oldest first, of one agent or all (NULL). */
int sessions_each(struct store *store, const char *login, bool all,
	int (*each)(void *context, const struct session *session), void *context);
