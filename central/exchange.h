/* SPDX-License-Identifier: MIT */
#pragma once

/* One request and its answer, as the handlers of the routes see it: who asks, what, with which
 * body; and how to answer, or to wait for news. Handlers know nothing of libmicrohttpd.
 *
 * A handler answers with one of the answer_… functions and returns 0, or returns a negative errno,
 * which is answered 500 (503 for -EBUSY) and logged. One that wants to wait returns
 * exchange_wait(): it is called again when there may be news, or the time is up. */

#include "central/body.h"
#include "central/rates.h"
#include "central/store.h"
#include "central/target.h"

#include <microhttpd.h>

#define EXCHANGE_WAIT_MAX     50 /* seconds that a long poll may be held */
#define EXCHANGE_WAITING_MAX  4  /* long polls of one token at once; the oldest is answered */
#define EXCHANGE_TOPIC_MAX    (HOST_ID_LEN + 8)
#define EXCHANGE_DETAIL_MAX   PROBLEM_MAX
#define EXCHANGE_ENVELOPE_MAX (64 * 1024) /* a full document, escaped, and its signature */
#define EXCHANGE_REPORT_MAX   (256 * 1024)
#define EXCHANGE_DISCARD_MAX  (4 * 1024 * 1024) /* of a body too large: read on, to answer */

struct exchange;

struct route {
	const char *method, *pattern; /* "/v1/requests/{}" */
	unsigned roles;               /* of enum role; 0: anyone */
	bool code;              /* the bearer is a one-time code, for the handler to look at */
	size_t body_max;        /* 0: no body is expected */
	const char *parameters; /* that the query may have, "after wait"; NULL: none */
	int (*handle)(struct exchange *x);
};

/* 0 and the route; -ENOENT; -EOPNOTSUPP and the methods that the path has, "GET, POST". */
int route_find(const char *method, const struct target *target, const struct route **ret,
	char ret_allow[static 32]);
bool route_has_parameter(const struct route *route, const char *name);
/* The i-th route; NULL behind the last. */
const struct route *route_at(size_t i);

struct server_counters {
	int64_t answers[6]; /* by the first digit of the status */
	int64_t documents, events, limited, waited;
};

struct server {
	struct central *central;
	struct MHD_Daemon *daemon;
	struct rates rates;
	int64_t token_rate, address_rate; /* a second; 0: no limit */
	char epoch[CENTRAL_EPOCH_LEN + 1];
	struct exchange *waiting; /* newest first */
	size_t n_waiting, n_open;
	struct server_counters counters;
	bool resumed; /* a waiting one since the last run: to be run at once */
	bool stopping;
};

struct exchange {
	struct server *server;
	struct MHD_Connection *connection;
	char *uri;
	const char *method;
	char address[64];
	int64_t started_ms;
	bool begun;

	struct target target;
	const struct route *route;
	struct identity who;
	const char *bearer;
	char *body;
	size_t body_size, discarded;

	struct exchange *next; /* of server->waiting */
	char topic[EXCHANGE_TOPIC_MAX + 1];
	bool waiting;
	int64_t wait_until_ms; /* 0: not asked to wait yet */

	unsigned status; /* 0: not answered yet */
	const char *media_type, *allow;
	char allow_text[32];
	int64_t retry_after;
	char *text; /* the body of the answer; NULL: none */
};

/* ---- for handlers ---- */

/* A parameter of the query; NULL if it was not given. */
const char *exchange_parameter(const struct exchange *x, const char *name);
/* A number of the query from 0 to `max`; `otherwise` if it was not given: 0, or -EINVAL. */
int exchange_number(
	const struct exchange *x, const char *name, int64_t max, int64_t otherwise, int64_t *ret);
/* The part of the path that stands for {}. */
const char *exchange_argument(const struct exchange *x);

/* True while a long poll that asked for `seconds` has time left. */
bool exchange_may_wait(struct exchange *x, int64_t seconds);
/* Waits for exchange_wake(topic), the end of its time, or the end of the server. */
int exchange_wait(struct exchange *x, const char *topic);
void exchange_wake(struct server *server, const char *topic); /* NULL: all */

/* ---- for the server ---- */

void *exchange_new(void *server, const char *uri, struct MHD_Connection *connection);
enum MHD_Result exchange_handle(void *server, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *data_size, void **x);
void exchange_completed(void *server, struct MHD_Connection *connection, void **x,
	enum MHD_RequestTerminationCode how);
/* Answers those whose time is up; returns the ms until the next one, -1 if none waits. */
int64_t exchange_expire(struct server *server);
int64_t exchange_now_ms(void);
