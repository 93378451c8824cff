/* SPDX-License-Identifier: MIT */
#pragma once

/* Documents: what agents ask, approvers decide and hosts report, as docs/documents.md has it.
 *
 * A document is its bytes. `struct document` is what those bytes say once they passed the strict
 * rule; it is made only by document_parse and by document_write, which share one table of fields
 * for each type, so that what is written is always what is accepted. */

#include "core/digest.h"
#include "core/problem.h"
#include "lib/account.h"
#include "lib/cleanup.h"
#include "lib/scope.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOCUMENT_MAX           (16 * 1024)
#define DOCUMENT_DEPTH_MAX     4
#define DOCUMENT_HOSTS_MAX     64
#define DOCUMENT_KEYS_MAX      8
#define DOCUMENT_NAME_MAX      63
#define DOCUMENT_CUSTOMER_MAX  32
#define DOCUMENT_TEAM_MAX      32
#define DOCUMENT_PRINCIPAL_MAX 64
#define DOCUMENT_TEXT_MAX      500
#define DOCUMENT_SUMMARY_MAX   2000
#define DOCUMENT_TICKET_MAX    64
#define DOCUMENT_KEY_MAX       1024
#define DOCUMENT_KIND_MAX      32
#define DOCUMENT_SESSION_MAX   32
#define DOCUMENT_NONCE_LEN     26
#define HOST_ID_LEN            27
#define SIGNATURE_MAX          (8 * 1024)

enum document_type {
	DOCUMENT_REQUEST,
	DOCUMENT_DECISION,
	DOCUMENT_REVOCATION,
	DOCUMENT_CLOSING,
	DOCUMENT_ENROLMENT,
	DOCUMENT_EVENT,
	DOCUMENT_HEAD,
	DOCUMENT_TYPES, /* how many */
};

struct document_host {
	char id[HOST_ID_LEN + 1];
	char name[DOCUMENT_NAME_MAX + 1];
};

struct document_agent {
	char login[ACCOUNT_LOGIN_MAX + 1];
	char name[ACCOUNT_FULL_NAME_MAX + 1];
	char team[DOCUMENT_TEAM_MAX + 1];
	char key[DOCUMENT_KEY_MAX + 1];
};

struct request {
	char customer[DOCUMENT_CUSTOMER_MAX + 1];
	struct document_agent agent;
	struct document_host hosts[DOCUMENT_HOSTS_MAX];
	size_t n_hosts;
	enum scope scope;
	int64_t length, start;
	char reason[DOCUMENT_TEXT_MAX + 1], ticket[DOCUMENT_TICKET_MAX + 1];
	char tried[DOCUMENT_TEXT_MAX + 1];
	int64_t created, pending_until;
	char repeats[DIGEST_HEX_LEN + 1];
	char nonce[DOCUMENT_NONCE_LEN + 1];
};

struct decision {
	char request[DIGEST_HEX_LEN + 1];
	bool approve;
	enum scope scope;
	char hosts[DOCUMENT_HOSTS_MAX][HOST_ID_LEN + 1];
	size_t n_hosts;
	int64_t start, length, latest_end;
	char approver[DOCUMENT_PRINCIPAL_MAX + 1];
	int64_t decided;
	char comment[DOCUMENT_TEXT_MAX + 1];
};

struct revocation {
	char request[DIGEST_HEX_LEN + 1];
	char hosts[DOCUMENT_HOSTS_MAX][HOST_ID_LEN + 1];
	size_t n_hosts; /* 0: every host */
	char by[DOCUMENT_PRINCIPAL_MAX + 1];
	int64_t revoked;
	char reason[DOCUMENT_TEXT_MAX + 1];
};

struct closing {
	char request[DIGEST_HEX_LEN + 1];
	char agent[ACCOUNT_LOGIN_MAX + 1];
	int64_t closed;
	char summary[DOCUMENT_SUMMARY_MAX + 1];
};

struct enrolment {
	char customer[DOCUMENT_CUSTOMER_MAX + 1];
	struct document_host host;
	char key[DOCUMENT_KEY_MAX + 1];
	char address[255 + 1];
	int64_t port;
	char host_keys[DOCUMENT_KEYS_MAX][DOCUMENT_KEY_MAX + 1];
	size_t n_host_keys;
	char authority[64 + 1];
	int64_t documents[DOCUMENT_KEYS_MAX];
	size_t n_documents;
	char software[64 + 1];
	int64_t created;
};

struct event {
	char host[HOST_ID_LEN + 1];
	int64_t seq;
	char previous[DIGEST_HEX_LEN + 1];
	int64_t time;
	char kind[DOCUMENT_KIND_MAX + 1];
	char agent[ACCOUNT_LOGIN_MAX + 1];
	char request[DIGEST_HEX_LEN + 1];
	char session[DOCUMENT_SESSION_MAX + 1];
	char by[DOCUMENT_PRINCIPAL_MAX + 1];
	enum scope scope; /* SCOPE_NONE: empty */
	int64_t until, count, ms;
	char text[DOCUMENT_SUMMARY_MAX + 1];
};

struct head {
	char host[HOST_ID_LEN + 1];
	int64_t seq;
	char event[DIGEST_HEX_LEN + 1];
	int64_t time;
};

struct document {
	enum document_type type;
	int64_t version;
	struct digest digest; /* of the bytes */
	union {
		struct request request;
		struct decision decision;
		struct revocation revocation;
		struct closing closing;
		struct enrolment enrolment;
		struct event event;
		struct head head;
	};
};

/* Parses `size` bytes under the strict rule. Allocates; the caller frees with document_free.
 *
 * Returns 0, -EMSGSIZE for more than DOCUMENT_MAX bytes, -EPROTONOSUPPORT for an unknown type or
 * version, -EBADMSG for every other breach, -ENOMEM. `problem` names the field and the rule. */
int document_parse(const char *bytes, size_t size, struct document **ret, struct problem *problem);

/* Writes the canonical bytes of `document` (whose digest is ignored), NUL-terminated, and parses
 * them again: what this returns is always accepted. The caller frees `*ret_bytes`. Errors as of
 * document_parse. `ret_digest` may be NULL. */
int document_write(const struct document *document, char **ret_bytes, size_t *ret_size,
	struct digest *ret_digest, struct problem *problem);

void document_free(struct document *document);
DEFINE_CLEANUP(struct document *, document_free)

/* "request", and the namespace of its signatures, "request@supportaccess". */
const char *document_type_name(enum document_type type);
const char *document_namespace(enum document_type type);
/* 0, or -ENOENT if no type has that name. */
int document_type_from_name(const char *name, enum document_type *ret);

/* True for what may stand where a document names an approver or a team: letters, digits and
 * _ . @ + -, no dash in front. Nothing that ssh-keygen would take for a pattern or an option. */
bool document_is_principal(const char *text);

/* Fills a request's nonce with random base32: 0, or -EIO. */
int document_nonce(char ret[static DOCUMENT_NONCE_LEN + 1]);
