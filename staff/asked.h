/* SPDX-License-Identifier: MIT */
#pragma once

/* An agent's own requests. */

#include "api/asked.h"
#include "core/document.h"
#include "staff/staff.h"

/* All requests of this agent; `customer` NULL: of any. An array, to be put. */
int asked_list(struct staff *staff, const char *customer, struct json_object **ret,
	struct problem *problem);

/* True if nothing will come of it any more: denied, unanswered, revoked, ended. */
bool asked_is_over(const char *state);

/* Hosts of a request by name: "db1 db2". */
void asked_hosts(const struct request *request, char *ret, size_t ret_size);
