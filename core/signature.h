/* SPDX-License-Identifier: MIT */
#pragma once

/* Signatures of documents: SSHSIG, made and checked by `ssh-keygen -Y`.
 *
 * ssh-keygen runs from a fixed path in a clean environment with a bound on its time, one at a
 * time in each process. Checking runs it through setpriv as a user of its own without any
 * privilege, because the signature is an outsider's bytes. */

#include "core/document.h"
#include "core/key.h"
#include "core/signers.h"

#include <stdint.h>

#define SIGNATURE_TIMEOUT_MS 5000
#define SIGNATURE_TRIES      3 /* of an ssh-keygen that crashes, or ends as it should not */

struct signed_by {
	char fingerprint[FINGERPRINT_MAX + 1]; /* of the key, also within a certificate */
	bool certificate;
};

/* Checks `signature` over the exact bytes, made in `type`'s namespace by `identity`, as of
 * `at` (verify-time, for valid-after/before and certificates).
 *
 * Returns 0 and who signed; -EKEYREJECTED when it does not hold (unknown signer, other
 * namespace, changed bytes, expired or revoked key), with the reason in `problem`; -ETIMEDOUT;
 * -EBADMSG when ssh-keygen fails over it, SIGNATURE_TRIES times, and does its work otherwise;
 * another negative errno when ssh-keygen could not be run, or fails over everything (-EIO), or a
 * file of signers could not be read. */
int signature_verify(const struct signers *signers, enum document_type type, const char *identity,
	int64_t at, const char *bytes, size_t size, const char *signature, size_t signature_size,
	struct signed_by *ret, struct problem *problem);

/* Checks a host's signature against its plain public key alone: as above, but what ssh-keygen fails
 * over is -EKEYREJECTED, too. */
int signature_verify_key(const char *public_key, enum document_type type, const char *bytes,
	size_t size, const char *signature, size_t signature_size, struct problem *problem);

/* Signs with the key in `key_path` (a private key, a public key whose private half is in
 * ssh-agent, or a certificate beside its private key). `interactive` lets ssh-keygen ask for a
 * passphrase or a touch on the terminal, without a bound on its time. Returns 0, -ENOKEY when
 * ssh-keygen could not sign (with what it says in `problem`, or said to the person itself),
 * -ETIMEDOUT. The caller frees `*ret_signature`. */
int signature_make(const char *key_path, enum document_type type, bool interactive,
	const char *bytes, size_t size, char **ret_signature, size_t *ret_size,
	struct problem *problem);
