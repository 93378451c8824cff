/* SPDX-License-Identifier: MIT */
#pragma once

/* What the verbs of supportaccess-staff share. */

#include "api/settings.h"
#include "core/command.h"
#include "core/output.h"

#define STAFF_PROGRAM "supportaccess-staff"
#define STAFF_AGENT   STAFF_PROGRAM "/" SUPPORTACCESS_VERSION
#define STAFF_LOGIN   STAFF_PROGRAM " login https://CENTRAL"

#define STAFF_FORMAT_OPTIONS                                                                       \
	{ "json", 0, NULL, "print JSON" },                                                         \
	{                                                                                          \
		"plain", 0, NULL, "print one \"NAME: value\" a line"                               \
	}
#define STAFF_KEY_OPTION                                                                           \
	{                                                                                          \
		"key", 'k', "FILE", "sign with this ssh key, beside which its certificate lies"    \
	}

/* An agent who is logged in. */
struct staff {
	struct settings settings;
	struct api *api;
};

int staff_open(struct staff *ret, struct problem *problem);
void staff_done(struct staff *staff);

int staff_login(const struct arguments *arguments, struct problem *problem);
int staff_hosts(const struct arguments *arguments, struct problem *problem);
int staff_request(const struct arguments *arguments, struct problem *problem);
int staff_list(const struct arguments *arguments, struct problem *problem);
int staff_show(const struct arguments *arguments, struct problem *problem);
int staff_close(const struct arguments *arguments, struct problem *problem);
int staff_ssh(const struct arguments *arguments, struct problem *problem);
