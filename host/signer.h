/* SPDX-License-Identifier: MIT */
#pragma once

/* Who made a signature, by what stands in it: the same text for all signatures of one key, or of
 * one certificate. For telling signers apart only; nothing is believed because of it. */

#include "core/digest.h"

/* The digest of the key or certificate within an armoured SSHSIG; of all of it if it is none. */
int signer_of(const char *signature, size_t size, char ret[static DIGEST_HEX_LEN + 1]);
