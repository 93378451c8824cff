/* SPDX-License-Identifier: MIT */
#pragma once

/* What `enable` does to the system, and `disable` undoes, step by step. */

#include "core/problem.h"

#include <stdbool.h>

enum step_result {
	STEP_CHANGED = 0,
	STEP_WAS_SO = 1,  /* somebody did it before; not ours to undo */
	STEP_NOT_NOW = 2, /* it does not apply here: systemd does not run, sshd is not there */
};

struct step {
	const char *name; /* in the record of what was done */
	const char *what; /* for people */
	/* An enum step_result, or a negative errno. */
	int (*apply)(struct problem *problem);
	int (*undo)(struct problem *problem); /* NULL: there is nothing to undo, see the step */
};

/* In the order in which they are done. Ended by a NULL name. */
extern const struct step steps[];

/* Users by systemd-sysusers and folders by systemd-tmpfiles: what `enroll` needs, too. */
int step_users(struct problem *problem);
int step_folders(struct problem *problem);

bool step_systemd_runs(void);

#define STEP_NSSWITCH    "/etc/nsswitch.conf"
#define STEP_PAM_PROFILE "/usr/share/pam-configs/supportaccess"
#define STEP_SSHD_LINK   "/etc/ssh/sshd_config.d/00-supportaccess.conf"
#define STEP_SSHD        "/usr/sbin/sshd"
