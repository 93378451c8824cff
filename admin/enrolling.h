/* SPDX-License-Identifier: MIT */
#pragma once

/* What `enroll` makes on the host, each part whole or not at all, so that it can be repeated after
 * a failure at any point. */

#include "core/document.h"
#include "core/key.h"

/* What stays on the host of an enrolment that central has accepted, until the store knows of it. */
#define ENROLLING_DOCUMENT "/var/lib/supportaccess/enrolment"
#define ENROLLING_CENTRAL  "/etc/supportaccess/conf.d/central.conf"

/* True if this host has a token and its store knows of it. */
bool enrolling_is_done(void);

/* 1 and the original's name if this machine is a copy of an enrolled one; 0; a negative errno. */
int enrolling_is_copy(char ret_name[static DOCUMENT_NAME_MAX + 1], struct problem *problem);

/* Makes a copy a machine of its own: token and key, which are the original's, go; its store, whose
 * chain is the original's too, is put aside as `ret_path`. */
int enrolling_put_aside(char *ret_path, size_t ret_size, struct problem *problem);

/* The host's signing key, made if missing; its public half. */
int enrolling_key(char ret[static DOCUMENT_KEY_MAX + 1], struct problem *problem);

/* `agents`, with the one line that trusts the authority. A file that says something else is
 * -EEXIST. */
int enrolling_agents(const char *authority, struct problem *problem);

/* conf.d/central.conf. `proxy` and `ca_file` may be NULL. */
int enrolling_central(
	const char *url, const char *proxy, const char *ca_file, struct problem *problem);

/* The token, for the courier alone. */
int enrolling_token(const char *token, struct problem *problem);

/* sshd's public host keys. */
int enrolling_host_keys(struct enrolment *enrolment, struct problem *problem);

/* Makes the store know of the enrolment document in ENROLLING_DOCUMENT, which then goes. */
int enrolling_finish(struct enrolment *ret, struct problem *problem);
