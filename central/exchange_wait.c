/* SPDX-License-Identifier: MIT */

/* Long polls. A waiting exchange is a suspended connection and an entry in a list: no thread, no
 * timer of its own. What comes in wakes those of its topic, whose handlers look again. One token
 * may hold only a few: a proxy that cuts connections makes hosts leave dead ones behind, and the
 * new poll is the proof that the old one is dead. */

#include "central/exchange.h"

#include <stdio.h>
#include <string.h>

const char *exchange_parameter(const struct exchange *x, const char *name)
{
	return target_parameter(&x->target, name);
}

int exchange_number(
	const struct exchange *x, const char *name, int64_t max, int64_t otherwise, int64_t *ret)
{
	const char *text = exchange_parameter(x, name);
	int64_t number = 0;

	if (!text) {
		*ret = otherwise;
		return 0;
	}
	if (!*text || strlen(text) > 16 || text[strspn(text, "0123456789")])
		return -EINVAL;
	for (; *text; text++)
		number = number * 10 + (*text - '0');
	if (number > max)
		return -EINVAL;
	*ret = number;
	return 0;
}

const char *exchange_argument(const struct exchange *x)
{
	return x->target.segments[x->target.n_segments - 1];
}

bool exchange_may_wait(struct exchange *x, int64_t seconds)
{
	if (seconds > EXCHANGE_WAIT_MAX)
		seconds = EXCHANGE_WAIT_MAX;
	if (x->wait_until_ms == 0)
		x->wait_until_ms = x->started_ms + seconds * 1000;
	return !x->server->stopping && exchange_now_ms() < x->wait_until_ms;
}

static void resume(struct server *server, struct exchange **link)
{
	struct exchange *x = *link;

	*link = x->next;
	x->next = NULL;
	x->waiting = false;
	server->n_waiting--;
	server->resumed = true;
	MHD_resume_connection(x->connection);
}

static void answer_oldest_of(struct server *server, const char *token)
{
	struct exchange **oldest = NULL;
	size_t count = 0;

	for (struct exchange **at = &server->waiting; *at; at = &(*at)->next) {
		if (strcmp((*at)->who.token, token) != 0)
			continue;
		oldest = at;
		count++;
	}
	if (count < EXCHANGE_WAITING_MAX)
		return;
	(*oldest)->wait_until_ms = (*oldest)->started_ms;
	resume(server, oldest);
}

int exchange_wait(struct exchange *x, const char *topic)
{
	struct server *server = x->server;

	answer_oldest_of(server, x->who.token);
	snprintf(x->topic, sizeof(x->topic), "%s", topic);
	x->waiting = true;
	x->next = server->waiting;
	server->waiting = x;
	server->n_waiting++;
	server->counters.waited++;
	return 0;
}

void exchange_wake(struct server *server, const char *topic)
{
	struct exchange **at = &server->waiting;

	while (*at) {
		if (!topic || strcmp((*at)->topic, topic) == 0)
			resume(server, at);
		else
			at = &(*at)->next;
	}
}

int64_t exchange_expire(struct server *server)
{
	struct exchange **at = &server->waiting;
	int64_t now = exchange_now_ms(), next = -1;

	while (*at) {
		int64_t left = (*at)->wait_until_ms - now;

		if (left <= 0) {
			resume(server, at);
			continue;
		}
		if (next < 0 || left < next)
			next = left;
		at = &(*at)->next;
	}
	return next;
}
