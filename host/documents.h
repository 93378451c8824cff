/* SPDX-License-Identifier: MIT */
#pragma once

/* Documents in the store: by digest, by short id, in the order in which they came. */

#include "core/document.h"
#include "host/store.h"

struct stored_document {
	char digest[DIGEST_HEX_LEN + 1];
	char *bytes, *signature; /* NUL-terminated; signature may be empty */
	size_t size, signature_size;
	int64_t received;
	char principal[DOCUMENT_PRINCIPAL_MAX + 1]; /* as whom it was verified; empty: unsigned */
	char fingerprint[64 + 1];                   /* with which key */
	bool root;                                  /* made by root on this host */
	bool backed;                                /* its signer is still vouched for */
};

void stored_document_done(struct stored_document *document);

/* The document of that digest: -ENOENT. */
int documents_find(struct store *store, const char *digest, struct stored_document *ret);

/* The request of that short id, as people type it: -ENOENT, -EINVAL for what is none. */
int documents_find_request(struct store *store, const char *short_id, struct stored_document *ret);

/* All documents of a type about one request (NULL: all), in order of arrival. For
 * DOCUMENT_REQUEST `request` is its own digest. `each` returns non-zero to stop. */
int documents_each(struct store *store, enum document_type type, const char *request,
	int (*each)(void *context, const struct stored_document *document), void *context);
