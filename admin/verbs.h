/* SPDX-License-Identifier: MIT */
#pragma once

/* The verbs of `supportaccess`, each in the file of its name. main.c puts them into one table.
 * Every verb returns an exit code and says in `problem` why when it is not EXIT_DONE. */

#include "core/command.h"

/* In either place (admin/place.h). */
extern const struct command verb_status, verb_requests, verb_show, verb_approve, verb_deny,
	verb_revoke, verb_history;

/* On an approver's laptop: laptop_login.c. */
extern const struct command verb_login;

/* On a host, as root. */
extern const struct command verb_on, verb_off, verb_sessions, verb_kill, verb_audit, verb_explain,
	verb_doctor, verb_enroll, verb_leave, verb_enable, verb_disable, verb_approvers,
	verb_config, verb_clock;
