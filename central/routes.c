/* SPDX-License-Identifier: MIT */

/* The API, as one table. A row says who may ask what and how much they may send; central/
 * openapi.yaml says the same to clients, and tests/e2e/central.t compares them by asking. */

#include "central/handlers.h"

#include <stdio.h>
#include <string.h>

#define PEOPLE (ROLE_AGENT | ROLE_APPROVER | ROLE_OPERATOR)
#define ANY    (PEOPLE | ROLE_HOST)

/* clang-format off */
static const struct route routes[] = {
	/* method   path                   roles                          code   body                   query */
	{ "GET",    "/healthz",            0,                             false, 0,                     NULL, health_get },
	{ "GET",    "/metrics",            0,                             false, 0,                     NULL, metrics_get },
	{ "POST",   "/v1/login",           0,                             true,  0,                     NULL, login_post },
	{ "GET",    "/v1/whoami",          ANY,                           false, 0,                     NULL, whoami_get },
	{ "GET",    "/v1/enrolment",       0,                             true,  0,                     NULL, enrolment_get },
	{ "POST",   "/v1/enrolment",       0,                             true,  EXCHANGE_ENVELOPE_MAX, NULL, enrolment_post },
	{ "DELETE", "/v1/enrolment",       ROLE_HOST,                     false, 0,                     NULL, enrolment_delete },
	{ "GET",    "/v1/hosts",           PEOPLE,                        false, 0,                     "customer after", hosts_get },
	{ "POST",   "/v1/requests",        ROLE_AGENT,                    false, EXCHANGE_ENVELOPE_MAX, NULL, requests_post },
	{ "GET",    "/v1/requests",        PEOPLE,                        false, 0,                     "state customer agent after", requests_get },
	{ "GET",    "/v1/requests/{}",     PEOPLE,                        false, 0,                     NULL, request_get },
	{ "POST",   "/v1/decisions",       ROLE_APPROVER,                 false, EXCHANGE_ENVELOPE_MAX, NULL, decisions_post },
	{ "POST",   "/v1/revocations",     ROLE_APPROVER | ROLE_OPERATOR, false, EXCHANGE_ENVELOPE_MAX, NULL, revocations_post },
	{ "POST",   "/v1/closings",        ROLE_AGENT,                    false, EXCHANGE_ENVELOPE_MAX, NULL, closings_post },
	{ "GET",    "/v1/feed",            ROLE_HOST,                     false, 0,                     "after epoch wait", feed_get },
	{ "POST",   "/v1/events",          ROLE_HOST,                     false, EXCHANGE_REPORT_MAX,   NULL, events_post },
	{ "GET",    "/v1/events",          PEOPLE,                        false, 0,                     "host request after wait", events_get },
};
/* clang-format on */

#define N_ROUTES (sizeof(routes) / sizeof(routes[0]))

const struct route *route_at(size_t i)
{
	return i < N_ROUTES ? &routes[i] : NULL;
}

static bool matches(const char *pattern, const struct target *target)
{
	for (size_t i = 0; i < target->n_segments; i++) {
		size_t length;

		if (*pattern++ != '/')
			return false;
		length = strcspn(pattern, "/");
		if (length == 2 && memcmp(pattern, "{}", 2) == 0) {
			if (!*target->segments[i])
				return false;
		} else if (strlen(target->segments[i]) != length ||
			   memcmp(target->segments[i], pattern, length) != 0) {
			return false;
		}
		pattern += length;
	}
	return !*pattern;
}

int route_find(const char *method, const struct target *target, const struct route **ret,
	char ret_allow[static 32])
{
	size_t used = 0;

	for (size_t i = 0; i < N_ROUTES; i++) {
		if (!matches(routes[i].pattern, target))
			continue;
		if (strcmp(routes[i].method, method) == 0) {
			*ret = &routes[i];
			return 0;
		}
		used += (size_t)snprintf(
			ret_allow + used, 32 - used, "%s%s", used ? ", " : "", routes[i].method);
	}
	return used ? -EOPNOTSUPP : -ENOENT;
}

bool route_has_parameter(const struct route *route, const char *name)
{
	const char *at = route->parameters;
	size_t length = strlen(name);

	while (at && *at) {
		size_t word = strcspn(at, " ");

		if (word == length && memcmp(at, name, length) == 0)
			return true;
		at += word + (at[word] == ' ');
	}
	return false;
}
