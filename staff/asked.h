/* SPDX-License-Identifier: MIT */
#pragma once

/* A request as central tells it (docs/protocol.md, "Request state"). */

#include "core/document.h"
#include "staff/staff.h"

/* Fetches one by digest or short id, and checks that the request in it has the digest that it is
 * named by and the id that was asked for. The caller puts and frees. */
int asked_fetch(struct staff *staff, const char *id, struct json_object **ret_state,
	struct document **ret_request, struct problem *problem);

/* The request in a state, its digest checked. */
int asked_request(struct json_object *state, struct document **ret, struct problem *problem);

/* All requests of this agent; `customer` NULL: of any. An array, to be put. */
int asked_list(struct staff *staff, const char *customer, struct json_object **ret,
	struct problem *problem);

/* True if nothing will come of it any more: denied, unanswered, revoked, ended. */
bool asked_is_over(const char *state);

/* Hosts of a request by name: "db1 db2". */
void asked_hosts(const struct request *request, char *ret, size_t ret_size);
