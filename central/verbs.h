/* SPDX-License-Identifier: MIT */
#pragma once

/* What the admin's verbs share. They work on the database itself, also while the server runs,
 * which notices. */

#include "central/secrets.h"
#include "central/store.h"
#include "core/command.h"
#include "core/output.h"

#define DATABASE_DEFAULT "/var/lib/supportaccess-central/central.db"
#define CODE_LENGTH      (24 * 3600) /* until a one-time code ends, unless --for says otherwise */

#define OPTION_DATABASE                                                                            \
	{                                                                                          \
		"database", 0, "FILE", "central's database (" DATABASE_DEFAULT ")", false          \
	}
#define OPTION_JSON                                                                                \
	{                                                                                          \
		"json", 0, NULL, "print JSON", false                                               \
	}
#define OPTION_PLAIN                                                                               \
	{                                                                                          \
		"plain", 0, NULL, "print lines, for screen readers", false                         \
	}
#define OPTION_FOR                                                                                 \
	{                                                                                          \
		"for", 0, "LENGTH", "until the code ends (1d)", false                              \
	}
#define OPTION_CUSTOMER                                                                            \
	{                                                                                          \
		"customer", 0, "NAME", "of this customer", false                                   \
	}

extern const struct command customer_verbs[], agent_verbs[], approver_verbs[], host_verbs[],
	token_verbs[], epoch_verbs[];
int run_serve(const struct arguments *arguments, struct problem *problem);
int run_backup(const struct arguments *arguments, struct problem *problem);

int verb_open(const struct arguments *arguments, bool create, struct central **ret,
	struct problem *problem);

/* An option that must be there. */
int verb_option(const struct arguments *arguments, const char *name, const char **ret,
	struct problem *problem);
/* Names of customers, teams and hosts; of approvers and operators. */
int verb_check_name(const char *what, const char *name, size_t max, struct problem *problem);
int verb_check_principal(const char *what, const char *name, struct problem *problem);
int verb_check_text(const char *what, const char *text, size_t max, struct problem *problem);

/* Says whether something changed: a sentence, or {"schema": 1, "changed": …}. An exit code. */
int verb_said(const struct arguments *arguments, bool changed, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* When a code that is made now ends, by --for. */
int verb_code_ends(const struct arguments *arguments, int64_t *ret, struct problem *problem);
/* Makes and stores a code: an enum central_outcome or a negative errno. */
int verb_make_code(struct central *central, const struct code_row *code, struct secret *ret);
/* Shows a secret: alone on standard output, so that it can be piped; `format` says on standard
 * error what it is, and what to do with it. In JSON all is on standard output. */
int verb_show_secret(const struct arguments *arguments, const char *name,
	const struct secret *secret, int64_t ends, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Revokes all of an agent's requests that are not over, waits for the hosts, and lists those that
 * have not confirmed: an exit code or a negative errno (verbs_lock.c). */
int verb_end_requests(const struct arguments *arguments, struct central *central, const char *agent,
	bool changed, struct problem *problem);
