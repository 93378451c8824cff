/* SPDX-License-Identifier: MIT */

#include "central/handlers.h"

/* Healthy is who can read its database. */
int health_get(struct exchange *x)
{
	struct json_object *json;
	struct central_counts counts;

	if (central_count(x->server->central, &counts) < 0)
		return answer_fault(x, FAULT_BUSY, "the database does not answer");
	json = json_object_new_object();
	if (json && answer_add_text(json, "status", "ok") < 0) {
		(void)json_object_put(json);
		return -ENOMEM;
	}
	return answer_json(x, MHD_HTTP_OK, json);
}
