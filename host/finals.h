/* SPDX-License-Identifier: MIT */
#pragma once

/* What is final: a request that was denied, revoked or closed, or came to its end. Also of
 * requests that have not come yet: the ending that overtook them holds when they do. */

#include "core/grant.h"
#include "host/store.h"

/* Unsigned endings of requests that nobody has seen are anybody's who is central: capped. */
#define FINALS_UNKNOWN_MAX 1000

struct final {
	const char *request; /* digest */
	enum grant_final kind;
	int64_t at;
	const char *by, *text;
	const char *agent; /* of a closing: only this agent's request is closed; else "" */
	bool is_signed;
};

/* Inside a transaction. 0; 1 if the request is final already and stays as it is. */
int finals_add(struct store *store, const struct final *final);

struct final_row {
	enum grant_final kind;
	int64_t at;
	char by[DOCUMENT_PRINCIPAL_MAX + 1], text[DOCUMENT_SUMMARY_MAX + 1];
	char agent[ACCOUNT_LOGIN_MAX + 1];
};

/* -ENOENT. */
int finals_find(struct store *store, const char *request, struct final_row *ret);

/* Removes what closed a request in another agent's name, when the request comes. */
int finals_drop_foreign(struct store *store, const char *request, const char *agent);

/* How many are about requests that have not come: closings of one agent, or (agent "") others. */
int finals_count_unknown(struct store *store, const char *agent, bool is_signed, int64_t *ret);
