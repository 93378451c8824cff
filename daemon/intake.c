/* SPDX-License-Identifier: MIT */

/* Turns, not queues for each name: a document's turn is one after the last of its name that waits,
 * and the smallest turn is next. Names that wait are then served in a circle, whoever invents a new
 * one stands behind those of this turn, and nothing needs to be remembered of who is not waiting.
 */

#include "daemon/intake.h"

#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/round.h"
#include "host/ingest.h"
#include "lib/moment.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define US_PER_MS           1000
#define NEWS_MS             1000 /* events of refusals wait so long, and are signed together */
#define SAID_PER_MINUTE_MAX 30   /* refusals in the log; the others are counted */
#define MINUTE              60

struct waiting {
	struct waiting *next;
	uint64_t connection, turn;
	char name[DOCUMENT_PRINCIPAL_MAX + 1]; /* in which it is signed; "": it is no document */
	size_t size;
	char message[];
};

struct intake {
	struct worker worker;
	sd_event_source *news;
	struct waiting *judged; /* by the worker, now */
	struct waiting *queue;
	uint64_t turn; /* of who was last served */
	bool outdated; /* the worker has old settings */
	int64_t minute, said, unsaid;
};

/* --- who is next ---------------------------------------------------------------------------- */

static void name_of(const struct wire_deliver *deliver, char ret[static DOCUMENT_PRINCIPAL_MAX + 1])
{
	_cleanup_(document_freep) struct document *document = NULL;
	const char *names[DOCUMENT_TYPES] = { 0 };

	ret[0] = '\0';
	if (document_parse((const char *)(deliver + 1), deliver->document_size, &document, NULL) <
		0)
		return;
	names[DOCUMENT_REQUEST] = document->request.agent.login;
	names[DOCUMENT_DECISION] = document->decision.approver;
	names[DOCUMENT_REVOCATION] = document->revocation.by;
	names[DOCUMENT_CLOSING] = document->closing.agent;
	if (names[document->type])
		(void)snprintf(ret, DOCUMENT_PRINCIPAL_MAX + 1, "%s", names[document->type]);
}

static uint64_t turn_of(const struct intake *intake, const char *name)
{
	uint64_t turn = intake->turn;

	if (intake->judged && strcmp(intake->judged->name, name) == 0)
		turn++;
	for (const struct waiting *w = intake->queue; w; w = w->next)
		if (strcmp(w->name, name) == 0 && w->turn >= turn)
			turn = w->turn + 1;
	return turn;
}

/* Those whose sender has left: so there are never more than connections. */
static void drop_left(struct daemon *daemon)
{
	struct waiting **link = &daemon->intake->queue;

	while (*link) {
		struct waiting *waiting = *link;

		if (connection_find(daemon->server, waiting->connection)) {
			link = &waiting->next;
			continue;
		}
		*link = waiting->next;
		free(waiting);
	}
}

static struct waiting *take_next(struct intake *intake)
{
	struct waiting **next = &intake->queue, *waiting;

	for (struct waiting **link = next; *link; link = &(*link)->next)
		if ((*link)->turn <= (*next)->turn) /* of equals, who came first */
			next = link;
	waiting = *next;
	if (waiting) {
		*next = waiting->next;
		waiting->next = NULL;
	}
	return waiting;
}

/* --- what became of it ---------------------------------------------------------------------- */

static void log_refusal(struct intake *intake, const struct wire_done *answer)
{
	int64_t minute = moment_now() / MINUTE;

	if (minute != intake->minute) {
		if (intake->unsaid > 0)
			log_say(LOG_NOTICE,
				"%" PRId64 " more documents from central were not taken",
				intake->unsaid);
		intake->minute = minute;
		intake->said = intake->unsaid = 0;
	}
	if (intake->said >= SAID_PER_MINUTE_MAX) {
		intake->unsaid++;
		return;
	}
	intake->said++;
	log_say(answer->result < 0 ? LOG_ERR : LOG_NOTICE, "document from central: %s",
		answer->text[0]      ? answer->text
		: answer->result < 0 ? strerror(-answer->result)
				     : "nothing new");
}

static int on_news(sd_event_source *source, uint64_t when, void *context)
{
	(void)source, (void)when;
	round_begin(context, false);
	return 0;
}

/* A round for each refused document would be the flood that is kept away. */
static void tell_soon(struct daemon *daemon)
{
	int enabled = SD_EVENT_OFF;

	if (sd_event_source_get_enabled(daemon->intake->news, &enabled) < 0 || enabled)
		return;
	(void)sd_event_source_set_time_relative(daemon->intake->news, NEWS_MS * US_PER_MS);
	(void)sd_event_source_set_enabled(daemon->intake->news, SD_EVENT_ONESHOT);
}

static void answer(struct daemon *daemon, struct waiting *waiting, const struct wire_done *done)
{
	struct connection *connection = connection_find(daemon->server, waiting->connection);

	if (connection)
		connection_answer(connection, done, sizeof(*done), NULL, 0);
	free(waiting);
	if (done->result == INGEST_ACCEPTED) {
		round_begin(daemon, false);
		return;
	}
	log_refusal(daemon->intake, done);
	if (done->result > INGEST_KNOWN)
		tell_soon(daemon);
}

/* --- the worker ----------------------------------------------------------------------------- */

static void close_worker(struct intake *intake)
{
	worker_stop(&intake->worker);
	intake->outdated = false;
}

static void judge_next(struct daemon *daemon);

static int on_answer(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct daemon *daemon = context;
	struct intake *intake = daemon->intake;
	struct waiting *judged = TAKE_PTR(intake->judged);
	struct wire_done done = { 0 };
	bool well = recv(fd, &done, sizeof(done), MSG_DONTWAIT) == (ssize_t)sizeof(done);

	(void)source, (void)events;
	if (!well) {
		done = (struct wire_done){ .header = wire_header(WIRE_DELIVER),
			.result = -ECONNRESET,
			.text = "the process that judged it is gone" };
	}
	if (!well || intake->outdated)
		close_worker(intake);
	if (judged)
		answer(daemon, judged, &done);
	judge_next(daemon);
	return 0;
}

static void judge_next(struct daemon *daemon)
{
	static const struct worker_kind kind = { "--intake", "judges documents", on_answer };
	struct intake *intake = daemon->intake;
	struct waiting *waiting;

	drop_left(daemon);
	while (!intake->judged && (waiting = take_next(intake))) {
		struct wire_done done = { .header = wire_header(WIRE_DELIVER) };

		intake->turn = waiting->turn;
		done.result =
			worker_ask(&intake->worker, daemon, &kind, waiting->message, waiting->size);
		if (done.result < 0)
			answer(daemon, waiting, &done);
		else
			intake->judged = waiting;
	}
}

/* --- from outside --------------------------------------------------------------------------- */

static int intake_new(struct daemon *daemon)
{
	struct intake *intake = calloc(1, sizeof(*intake));
	int r;

	if (!intake)
		return -ENOMEM;
	intake->worker = (struct worker)WORKER_NONE;
	r = sd_event_add_time_relative(
		daemon->event, &intake->news, CLOCK_MONOTONIC, UINT32_MAX, 0, on_news, daemon);
	if (r >= 0)
		r = sd_event_source_set_enabled(intake->news, SD_EVENT_OFF);
	if (r < 0) {
		sd_event_source_disable_unref(intake->news);
		free(intake);
		return r;
	}
	daemon->intake = intake;
	return 0;
}

void intake_take(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size)
{
	struct waiting *waiting;
	struct intake *intake;

	if (!daemon->intake && intake_new(daemon) < 0)
		return;
	intake = daemon->intake;
	waiting = calloc(1, sizeof(*waiting) + size);
	if (!waiting)
		return;
	memcpy(waiting->message, message, size);
	waiting->size = size;
	name_of(message, waiting->name);
	waiting->turn = turn_of(intake, waiting->name);
	waiting->connection = connection_hold(connection);
	drop_left(daemon);
	waiting->next = intake->queue;
	intake->queue = waiting;
	judge_next(daemon);
}

void intake_renew(struct daemon *daemon)
{
	if (!daemon->intake)
		return;
	if (daemon->intake->judged)
		daemon->intake->outdated = true;
	else
		close_worker(daemon->intake);
}

void intake_stop(struct daemon *daemon)
{
	struct intake *intake = TAKE_PTR(daemon->intake);
	struct waiting *waiting;

	if (!intake)
		return;
	close_worker(intake);
	sd_event_source_disable_unref(intake->news);
	while ((waiting = take_next(intake)))
		free(waiting);
	free(intake->judged);
	free(intake);
}
