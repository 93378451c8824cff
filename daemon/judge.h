/* SPDX-License-Identifier: MIT */
#pragma once

/* What a login gets now, derived afresh from the store. Writes nothing. */

#include "core/grant.h"
#include "daemon/daemon.h"

struct judgement {
	enum verdict verdict;
	struct grant grant; /* of VERDICT_OK */
	char login[ACCOUNT_LOGIN_MAX + 1];
	char text[WIRE_TEXT_MAX]; /* why not; empty for VERDICT_OK */
};

/* Judges a login that came from process `pid`. Whatever cannot be found out is a refusal. */
void judge(struct daemon *daemon, const struct wire_login *login, pid_t pid, int64_t now,
	struct judgement *ret);
