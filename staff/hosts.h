/* SPDX-License-Identifier: MIT */
#pragma once

/* A customer's hosts as they describe themselves: only enrolments that hold are seen. */

#include "core/document.h"
#include "staff/staff.h"

/* Finds the host of that name. The caller frees. -ENOENT if the customer has none of that name,
 * -EKEYREJECTED if what central shows does not hold. */
int hosts_find(struct staff *staff, const char *customer, const char *name, struct document **ret,
	struct problem *problem);

/* All hosts of a customer: the array of docs/protocol.md, to be put by the caller. */
int hosts_list(struct staff *staff, const char *customer, struct json_object **ret,
	struct problem *problem);

/* The same of a list that was fetched before. */
int hosts_find_in(struct json_object *hosts, const char *customer, const char *name,
	struct document **ret, struct problem *problem);
