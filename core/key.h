/* SPDX-License-Identifier: MIT */
#pragma once

/* Public keys of ssh in their text form, "type base64 [comment]". Plain keys only: a certificate
 * is no key but a statement about one. */

#include "core/document.h"

#define KEY_BLOB_MAX    768 /* RSA of 4096 bits has 535 */
#define FINGERPRINT_MAX 64  /* "SHA256:" and 43 of base64 */

/* True for exactly "type base64": a type that ssh signs with, one blank, a whole key of that type
 * in canonical base64, nothing behind it. Such a text is safe in a line of authorized_keys,
 * known_hosts or ALLOWED SIGNERS. */
bool key_is_plain(const char *text);

/* "SHA256:…" of a public key line: 0, or -EINVAL. */
int key_fingerprint(const char *public_key, char ret[static FINGERPRINT_MAX + 1]);

/* The host id that a host's public key stands for (docs/documents.md): 0, or -EINVAL. */
int key_host_id(const char *public_key, char ret[static HOST_ID_LEN + 1]);
