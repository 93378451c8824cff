/* SPDX-License-Identifier: MIT */
#pragma once

/* The agent's key and the certificate that the vendor's agent authority made for it. */

#include "staff/staff.h"

struct agent_key {
	char certificate[PATH_MAX];       /* KEY-cert.pub: signs */
	char private[PATH_MAX];           /* KEY: logs in; may live in ssh-agent alone */
	char plain[DOCUMENT_KEY_MAX + 1]; /* "type base64", as requests name it */
};

/* The key in --key, else the one chosen at login, else ~/.ssh/id_ed25519. Any of KEY, KEY.pub and
 * KEY-cert.pub may be named. */
int key_find(const struct arguments *arguments, const struct settings *settings,
	struct agent_key *ret, struct problem *problem);

/* Signs with the certificate. The caller frees `*ret_signature`. */
int key_sign(const struct agent_key *key, enum document_type type, const char *bytes, size_t size,
	char **ret_signature, size_t *ret_size, struct problem *problem);
