/* SPDX-License-Identifier: MIT */
#pragma once

/* A request as central tells it (docs/protocol.md, "Request state"): believed only as far as its
 * bytes have the digest that it is named by. */

#include "api/client.h"

/* Fetches one by digest or by short id in any form that people type. -ENOENT; -EPROTO if it is
 * not the one that was asked for. The caller puts and frees; `ret_request` may be NULL. */
int asked_fetch(struct api *api, const char *id, struct json_object **ret_state,
	struct document **ret_request, struct problem *problem);

/* The request in a state. */
int asked_request(struct json_object *state, struct document **ret, struct problem *problem);
