/* SPDX-License-Identifier: MIT */
#pragma once

/* The request state of a stored request. */

#include "admin/host.h"
#include "host/documents.h"

#include <json-c/json.h>

/* As docs/protocol.md has it, and besides: `verdict`, `from`, `until` and `open_sessions` as this
 * host derives them, `signed_by` the fingerprint of the agent's key. The caller puts it. */
int host_state(struct host *host, const struct stored_document *stored, struct json_object **ret,
	struct problem *problem);
