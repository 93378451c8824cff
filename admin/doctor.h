/* SPDX-License-Identifier: MIT */
#pragma once

/* Checks of `doctor`: each looks at one thing and says what it found, with the line to paste. */

#include "admin/host.h"

#include <json-c/json.h>

enum doctor_state {
	DOCTOR_OK,
	DOCTOR_NOT_YET, /* a next step, not a fault */
	DOCTOR_WARNING,
	DOCTOR_FAULT,
};

struct doctor {
	struct host *host;  /* NULL: not enrolled, or the store cannot be read */
	struct problem why; /* ... and why */
	const char *check;  /* the one that runs */
	struct json_object *rows;
	enum doctor_state worst;
};

/* Notes a finding of the running check. `remedy` may be NULL. */
void doctor_say(struct doctor *doctor, enum doctor_state state, const char *remedy,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* doctor_system.c */
void doctor_nsswitch(struct doctor *doctor);
void doctor_nscd(struct doctor *doctor);
void doctor_pam_account(struct doctor *doctor);
void doctor_pam_session(struct doctor *doctor);
void doctor_sshd(struct doctor *doctor);

/* doctor_host.c */
void doctor_config(struct doctor *doctor);
void doctor_store(struct doctor *doctor);
void doctor_clock(struct doctor *doctor);
void doctor_view(struct doctor *doctor);
void doctor_approvers(struct doctor *doctor);
void doctor_agents(struct doctor *doctor);
void doctor_accounts(struct doctor *doctor);
void doctor_permissions(struct doctor *doctor);
void doctor_daemon(struct doctor *doctor);
void doctor_switch(struct doctor *doctor);

/* doctor_central.c */
void doctor_central(struct doctor *doctor);
