/* SPDX-License-Identifier: MIT */

/* The way of a request: everything that its head can be refused for is refused before its body is
 * read, cheapest first (rate of the address, target, route, token, rate of the token, media type,
 * size); then the route's handler answers. A refused body is still read and thrown away, within a
 * limit: closing on a client that is sending would cost it the answer. */

#include "central/exchange.h"

#include "central/answer.h"
#include "central/log.h"
#include "central/secrets.h"
#include "lib/moment.h"
#include "lib/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LOG_PATH_MAX 128

int64_t exchange_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void describe_address(struct MHD_Connection *connection, char *ret, size_t ret_size)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const void *address = NULL;
	int family = AF_UNSPEC;

	if (info && info->client_addr) {
		family = info->client_addr->sa_family;
		if (family == AF_INET)
			address = &((const struct sockaddr_in *)info->client_addr)->sin_addr;
		else if (family == AF_INET6)
			address = &((const struct sockaddr_in6 *)info->client_addr)->sin6_addr;
	}
	if (!address || !inet_ntop(family, address, ret, (socklen_t)ret_size))
		snprintf(ret, ret_size, "unknown");
}

void *exchange_new(void *server, const char *uri, struct MHD_Connection *connection)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->server = server;
	x->connection = connection;
	x->started_ms = exchange_now_ms();
	x->server->n_open++;
	x->uri = strdup(uri);
	describe_address(connection, x->address, sizeof(x->address));
	return x;
}

static int refuse_if_too_often(struct exchange *x, const char *key, int64_t rate)
{
	x->retry_after = rates_take(&x->server->rates, key, rate, x->started_ms);
	if (x->retry_after == 0)
		return 0;
	x->server->counters.limited++;
	return answer_fault(x, FAULT_TOO_MANY,
		"more than %lld requests a second; try again in %lld s", (long long)rate,
		(long long)x->retry_after);
}

static int find_route(struct exchange *x)
{
	int r;

	r = x->uri ? target_parse(x->uri, &x->target) : -ENOMEM;
	if (r < 0)
		return answer_fault(x, FAULT_MALFORMED,
			r == -E2BIG ? "the target is too long"
				    : "the target is no path and query of printable ASCII");
	r = route_find(x->method, &x->target, &x->route, x->allow_text);
	if (r == -ENOENT)
		return answer_fault(x, FAULT_NOT_FOUND, "there is nothing at this path");
	if (r < 0) {
		x->allow = x->allow_text;
		return answer_fault(x, FAULT_METHOD, "this path has %s", x->allow_text);
	}
	for (size_t i = 0; i < x->target.n_parameters; i++)
		if (!route_has_parameter(x->route, x->target.parameters[i].name))
			return answer_fault(x, FAULT_MALFORMED, "unknown parameter \"%s\"",
				x->target.parameters[i].name);
	return 0;
}

static int check_token(struct exchange *x)
{
	char hash[DIGEST_HEX_LEN + 1];
	int r;

	if (!x->bearer || secret_hash_token(x->bearer, hash) < 0)
		return answer_fault(x, FAULT_TOKEN, "this needs `Authorization: Bearer TOKEN`");
	r = central_token_find(x->server->central, hash, moment_now(), &x->who);
	if (r < 0)
		return r;
	if (r != CENTRAL_DONE) {
		x->who = (struct identity){ .role = ROLE_NONE };
		return answer_fault(x, FAULT_TOKEN,
			r == CENTRAL_ENDED ? "the token has ended; log in again with a new code"
					   : "the token is not known here");
	}
	r = refuse_if_too_often(x, x->who.token, x->server->token_rate);
	if (r < 0 || x->status)
		return r;
	if (!(x->route->roles & x->who.role))
		return answer_fault(x, FAULT_ROLE, "not for the role %s", role_name(x->who.role));
	return 0;
}

static int check_bearer(struct exchange *x)
{
	const char *header = MHD_lookup_connection_value(
		x->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);

	if (header && strncasecmp(header, "Bearer ", 7) == 0)
		x->bearer = header + 7;
	if (x->route->code && !x->bearer)
		return answer_fault(x, FAULT_CODE, "this needs `Authorization: Bearer CODE`");
	return x->route->roles ? check_token(x) : 0;
}

static int check_body(struct exchange *x)
{
	const char *type = MHD_lookup_connection_value(
		x->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);
	const char *length = MHD_lookup_connection_value(
		x->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
	static const char json[] = "application/json";

	if (x->route->body_max == 0)
		return 0;
	if (!type || strncasecmp(type, json, sizeof(json) - 1) != 0 ||
		(type[sizeof(json) - 1] && !strchr("; ", type[sizeof(json) - 1])))
		return answer_fault(x, FAULT_MEDIA_TYPE, "the body must be %s", json);
	if (length && strtoull(length, NULL, 10) > x->route->body_max)
		return answer_fault(x, FAULT_TOO_LARGE, "the body may have %zu bytes at most",
			x->route->body_max);
	return 0;
}

static int begin(struct exchange *x)
{
	static int (*const checks[])(
		struct exchange * x) = { find_route, check_bearer, check_body };
	int r;

	r = refuse_if_too_often(x, x->address, x->server->address_rate);
	for (size_t i = 0; r == 0 && !x->status && i < sizeof(checks) / sizeof(checks[0]); i++)
		r = checks[i](x);
	return r;
}

static int add_body(struct exchange *x, const char *data, size_t size)
{
	char *body;

	if (x->status || !x->route || x->route->body_max == 0) {
		x->discarded += size;
		return x->discarded > EXCHANGE_DISCARD_MAX ? -EMSGSIZE : 0;
	}
	if (size > x->route->body_max - x->body_size)
		return answer_fault(x, FAULT_TOO_LARGE, "the body may have %zu bytes at most",
			x->route->body_max);
	body = realloc(x->body, x->body_size + size);
	if (!body)
		return -ENOMEM;
	memcpy(body + x->body_size, data, size);
	x->body = body;
	x->body_size += size;
	return 0;
}

/* Whatever failed inside, the client gets an answer and the log the reason. */
static void fail(struct exchange *x, int error)
{
	log_line(LOG_LEVEL_ERROR, "supportaccess-central: %s %s: %s", x->method,
		x->route ? x->route->pattern : "?", strerror(-error));
	if (error == -EBUSY) {
		x->retry_after = 1;
		(void)answer_fault(x, FAULT_BUSY, "the database is busy; try again");
	} else {
		(void)answer_fault(
			x, FAULT_INTERNAL, "central could not do this; its log says why");
	}
}

static enum MHD_Result send_answer(struct exchange *x)
{
	const struct {
		const char *name, *value;
	} headers[] = {
		{ MHD_HTTP_HEADER_CONTENT_TYPE, x->media_type },
		{ MHD_HTTP_HEADER_ALLOW, x->allow },
		{ MHD_HTTP_HEADER_WWW_AUTHENTICATE, x->status == 401 ? "Bearer" : NULL },
		{ MHD_HTTP_HEADER_CACHE_CONTROL, "no-store" },
		{ "X-Content-Type-Options", "nosniff" },
	};
	struct MHD_Response *response;
	enum MHD_Result queued;
	char seconds[24];

	response = MHD_create_response_from_buffer(
		x->text ? strlen(x->text) : 0, x->text, MHD_RESPMEM_MUST_FREE);
	if (!response)
		return MHD_NO;
	x->text = NULL;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (headers[i].value)
			(void)MHD_add_response_header(response, headers[i].name, headers[i].value);
	snprintf(seconds, sizeof(seconds), "%lld", (long long)x->retry_after);
	if (x->retry_after)
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
	queued = MHD_queue_response(x->connection, x->status, response);
	MHD_destroy_response(response);
	return queued;
}

static enum MHD_Result finish(struct exchange *x)
{
	int r = 0;

	if (!x->status)
		r = x->route->handle(x);
	if (r < 0)
		fail(x, r);
	if (x->waiting) {
		MHD_suspend_connection(x->connection);
		return MHD_YES;
	}
	return x->status ? send_answer(x) : MHD_NO;
}

enum MHD_Result exchange_handle(void *server, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *data_size,
	void **context)
{
	struct exchange *x = *context;
	int r;

	(void)server, (void)connection, (void)url, (void)version;
	if (!x)
		return MHD_NO;
	if (!x->begun) {
		x->begun = true;
		x->method = method;
		r = begin(x);
		if (r < 0)
			fail(x, r);
		return MHD_YES;
	}
	if (*data_size == 0)
		return finish(x);
	r = add_body(x, data, *data_size);
	*data_size = 0;
	return r < 0 ? MHD_NO : MHD_YES;
}

/* One line a request: who, what, how it went, how long it took. No query, no token. */
static void write_log(const struct exchange *x)
{
	char path[4 * LOG_PATH_MAX + 1];
	size_t length = x->uri ? strcspn(x->uri, "?") : 0;
	const char *who = x->who.role == ROLE_NONE ? "-" : role_name(x->who.role);

	(void)text_escape(x->uri ? x->uri : "", length > LOG_PATH_MAX ? LOG_PATH_MAX : length, path,
		sizeof(path));
	log_line(LOG_LEVEL_REQUEST, "%s %s %s%s%s %s %u %lld ms", x->address, who, x->who.name,
		*x->who.name ? " " : "", x->method ? x->method : "-", path, x->status,
		(long long)(exchange_now_ms() - x->started_ms));
}

void exchange_completed(void *server, struct MHD_Connection *connection, void **context,
	enum MHD_RequestTerminationCode how)
{
	struct exchange *x = *context;

	(void)server, (void)connection, (void)how;
	if (!x)
		return;
	if (x->begun) {
		x->server->counters.answers[x->status / 100 % 6]++;
		write_log(x);
	}
	x->server->n_open--;
	free(x->uri);
	free(x->body);
	free(x->text);
	free(x);
	*context = NULL;
}
