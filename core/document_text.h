/* SPDX-License-Identifier: MIT */
#pragma once

/* The forms that texts in documents may be asked to have. What has a form is safe where it ends
 * up: in file names, command lines, lines of passwd and lines of key files. */

#include <stdbool.h>

bool document_is_name(const char *text);      /* [a-z0-9][a-z0-9-]* */
bool document_is_full_name(const char *text); /* no colon: it is a field of passwd */
bool document_is_address(const char *text);   /* a host name or an IP address */
bool document_is_host_id(const char *text);
bool document_is_digest(const char *text);
bool document_is_nonce(const char *text);
bool document_is_fingerprint(const char *text); /* SHA256:… */
