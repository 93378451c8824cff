/* SPDX-License-Identifier: MIT */

/* `state` is central's opinion. It decides only what is shown and what is worth trying; whether
 * somebody gets in is the host's to say. */

#include "staff/asked.h"

#include "api/list.h"

#include <stdio.h>
#include <string.h>

int asked_list(struct staff *staff, const char *customer, struct json_object **ret,
	struct problem *problem)
{
	_cleanup_(freep) char *escaped = api_escape(customer ? customer : "");
	char path[512];

	if (!escaped)
		return -ENOMEM;
	if ((size_t)snprintf(path, sizeof(path), "/v1/requests?agent=%s%s%s", staff->settings.name,
		    customer ? "&customer=" : "", escaped) >= sizeof(path))
		return problem_say(problem, -EINVAL, "no customer has a name that long");
	return api_list(staff->api, path, "requests", ret, problem);
}

bool asked_is_over(const char *state)
{
	static const char *const over[] = { "denied", "unanswered", "revoked", "ended" };

	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++)
		if (strcmp(state, over[i]) == 0)
			return true;
	return false;
}

void asked_hosts(const struct request *request, char *ret, size_t ret_size)
{
	size_t used = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < request->n_hosts && used < ret_size; i++) {
		int n = snprintf(
			ret + used, ret_size - used, "%s%s", i ? " " : "", request->hosts[i].name);

		used += n > 0 ? (size_t)n : 0;
	}
}
