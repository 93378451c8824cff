/* SPDX-License-Identifier: MIT */
#pragma once

/* An approver's laptop: what laptop_*.c share. */

#include "admin/place.h"
#include "api/settings.h"

#define LAPTOP_AGENT "supportaccess/" SUPPORTACCESS_VERSION
#define LAPTOP_LOGIN "supportaccess login https://CENTRAL"

struct laptop {
	struct settings settings;
	struct api *api;
	char key[PATH_MAX]; /* to sign with; empty: none found */
};

/* As `confirmations` of a place (admin/place.h). */
int laptop_confirmations(struct laptop *laptop, const char *request_digest, int timeout_ms,
	struct json_object **ret, struct problem *problem);

/* As `answers` of a place. */
int laptop_answers(struct laptop *laptop, const struct decision *decision, int timeout_ms,
	struct json_object **ret, struct problem *problem);
