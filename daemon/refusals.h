/* SPDX-License-Identifier: MIT */
#pragma once

/* Refused logins, counted in memory and written as events in batches: the account check answers
 * without writing, and a flood of tries fills no disk. What a kill -9 loses of them is at most
 * REFUSALS_EVERY_S of counts that opened nothing. */

#include "lib/account.h"
#include "lib/verdict.h"

#include <stdint.h>

#define REFUSALS_MAX     64 /* different ones (agent and verdict) in a batch */
#define REFUSALS_EVERY_S 60

struct store;
struct problem;

struct refusals {
	struct {
		char login[ACCOUNT_LOGIN_MAX + 1];
		enum verdict verdict;
		int64_t count;
	} rows[REFUSALS_MAX];
	size_t n_rows;
	int64_t unsaid; /* beyond REFUSALS_MAX */
};

void refusals_count(struct refusals *refusals, const char *login, enum verdict verdict);

/* Writes what was counted, in one transaction, and forgets it once it is written. */
int refusals_write(
	struct refusals *refusals, struct store *store, int64_t now, struct problem *problem);
