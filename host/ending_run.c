/* SPDX-License-Identifier: MIT */

/* Which sessions are over, and the writing down once they are.
 *
 * All are struck before the first is waited for, and before the name service, which may be slow, is
 * asked whether somebody else has got the uid since it was asked last. The store is written in one
 * transaction after the last process was seen gone; when it cannot be, tombstones keep what is to
 * be written. Only a session that was seen to be over is written as ended: another stays open in
 * the store, and the next run tries again. */

#include "host/accounts.h"
#include "host/cgroup.h"
#include "host/chain.h"
#include "host/cover.h"
#include "host/ending.h"
#include "host/finals.h"
#include "host/grants.h"
#include "host/homes.h"
#include "host/keeping.h"
#include "host/query.h"
#include "lib/paths.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#define SESSION_TIMEOUT_MS 5000
#define YIELD_STEP_MS      5
#define CONFIRMED_PREFIX   "confirmed " /* and the digest: a fact of each request that was */

struct run {
	struct store *store;
	const struct config *config;
	const struct ending_order *order;
	int64_t now;
	struct problem *problem;
	struct entry {
		struct session session;
		bool over;  /* is to be ended */
		bool alone; /* the agent keeps no other session */
		struct struck struck;
		struct ended ended;
	} * entries;
	size_t n;
};

static void run_done(struct run *run)
{
	free(run->entries);
}

static int collect(void *context, const struct session *session)
{
	struct run *run = context;
	struct entry *more = reallocarray(run->entries, run->n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	run->entries = more;
	run->entries[run->n++] = (struct entry){ .session = *session };
	return 0;
}

/* --- which --------------------------------------------------------------------------------- */

static int judge_cover(struct run *run, const struct grant_host *host, struct entry *entry)
{
	struct problem problem = PROBLEM_NONE;
	struct cover cover;
	int r = cover_find(run->store, host, &entry->session, run->now, &cover);

	if (r < 0)
		return r;
	entry->over = cover.until == 0;
	if (!entry->over) /* a store that cannot be written keeps nothing from ending */
		(void)cover_follow(run->store, &entry->session, &cover, run->now, &problem);
	return 0;
}

static bool is_named(const struct ending_order *order, const struct session *session)
{
	return (!order->login || strcmp(order->login, session->login) == 0) &&
	       (!order->request || strcmp(order->request, session->request) == 0) &&
	       (!order->session || strcmp(order->session, session->id) == 0);
}

static int choose(struct run *run)
{
	_cleanup_(grants_host_done) struct grant_host host = { 0 };
	struct account_row account;
	int r = 0;

	if (run->order->uncovered_only)
		r = grants_host(run->store, run->config, run->now, &host, run->problem);
	for (size_t i = 0; r >= 0 && i < run->n; i++) {
		run->entries[i].over = is_named(run->order, &run->entries[i].session);
		if (run->entries[i].over && run->order->uncovered_only)
			r = judge_cover(run, &host, &run->entries[i]);
	}
	for (size_t i = 0; i < run->n; i++) {
		/* Another source has the number too: its processes are not ours to end. */
		run->entries[i].alone =
			accounts_find(run->store, run->entries[i].session.login, &account) == 0 &&
			!account.conflict;
		for (size_t j = 0; j < run->n; j++)
			if (!run->entries[j].over &&
				run->entries[j].session.uid == run->entries[i].session.uid)
				run->entries[i].alone = false;
	}
	return r;
}

/* --- ending -------------------------------------------------------------------------------- */

/* Returns 0, or the first error; what could be ended is ended all the same. */
static int end_all(struct run *run, struct ending_report *report)
{
	int r = 0;

	for (size_t i = 0; i < run->n; i++)
		if (run->entries[i].over)
			ending_strike(&run->entries[i].session, &run->entries[i].struck);
	for (size_t i = 0; i < run->n; i++) {
		struct entry *entry = &run->entries[i];
		int ended;

		if (!entry->over)
			continue;
		entry->alone = entry->alone && accounts_uid_is_alone(entry->session.uid);
		ended = ending_session(&entry->session, &entry->struck, entry->alone,
			SESSION_TIMEOUT_MS, &entry->ended, run->problem);
		r = r < 0 ? r : ended;
		report->sessions++;
		report->processes += entry->ended.processes;
		report->ms = entry->ended.ms > report->ms ? entry->ended.ms : report->ms;
		report->clean = report->clean && entry->ended.clean;
	}
	return r;
}

/* --- writing ------------------------------------------------------------------------------- */

/* Who ended it and why: the keeper's tombstone, else the final document, else the order. */
static void give_cause(const struct run *run, const struct session *session, struct event *event)
{
	static const char *const words[] = {
		[GRANT_FINAL_DENIED] = "denied",
		[GRANT_FINAL_REVOKED] = "revoked",
		[GRANT_FINAL_CLOSED] = "closed by the agent",
		[GRANT_FINAL_EXPIRED] = ENDING_EXPIRED,
	};
	struct final_row final;
	struct keeping_end end;

	if (keeping_read_end(PATH_SESSIONS, session->id, &end) == 0) {
		(void)snprintf(event->by, sizeof(event->by), "keeper");
		(void)snprintf(event->text, sizeof(event->text), "%s", end.cause);
	} else if (run->order->uncovered_only &&
		   finals_find(run->store, session->request, &final) == 0 &&
		   final.kind > GRANT_FINAL_NONE && final.kind <= GRANT_FINAL_EXPIRED) {
		(void)snprintf(event->by, sizeof(event->by), "%s", final.by);
		(void)snprintf(event->text, sizeof(event->text), "%s%s%.1900s", words[final.kind],
			final.text[0] ? ": " : "", final.text);
	} else {
		bool expired = run->order->uncovered_only && session->until <= run->now;

		(void)snprintf(event->by, sizeof(event->by), "%s", run->order->by);
		(void)snprintf(event->text, sizeof(event->text), "%s",
			expired ? ENDING_EXPIRED : run->order->cause);
	}
}

static int write_ended(struct run *run, const struct entry *entry)
{
	const struct session *session = &entry->session;
	struct event event = {
		.kind = "ended",
		.scope = session->scope,
		.until = session->until,
		.count = entry->ended.processes,
		.ms = entry->ended.ms,
	};
	struct session stored;
	int r = sessions_find(run->store, session->id, &stored);

	if (r < 0 || stored.ended)
		return r; /* somebody else has ended and written it in the meantime */
	(void)snprintf(event.agent, sizeof(event.agent), "%s", session->login);
	(void)snprintf(event.request, sizeof(event.request), "%s", session->request);
	(void)snprintf(event.session, sizeof(event.session), "%s", session->id);
	give_cause(run, session, &event);
	r = sessions_set_ended(run->store, session->id, run->now);
	return r < 0 ? r : chain_append(run->store, &event, run->now, run->problem);
}

/* The next request that is final, was opened to somebody here, has no open session and was not
 * confirmed: 1, or 0 for none. */
static int next_unconfirmed(struct store *store, char ret_request[static DIGEST_HEX_LEN + 1],
	char ret_login[static ACCOUNT_LOGIN_MAX + 1])
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store,
		"SELECT f.request, r.login FROM finals f JOIN requests r ON r.digest = f.request"
		" WHERE r.decided AND (f.kind <> 1" /* GRANT_FINAL_DENIED: nothing was open */
		" OR EXISTS (SELECT 1 FROM sessions s WHERE s.request = f.request))"
		" AND NOT EXISTS (SELECT 1 FROM facts WHERE name = '" CONFIRMED_PREFIX
		"' || f.request)"
		" AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.ended = 0"
		" AND s.request = f.request)"
		" LIMIT 1",
		&query);

	if (r == 0)
		r = query_step(&query);
	if (r <= 0)
		return r;
	r = query_get_text(&query, 0, ret_request, DIGEST_HEX_LEN + 1);
	if (r == 0)
		r = query_get_text(&query, 1, ret_login, ACCOUNT_LOGIN_MAX + 1);
	return r < 0 ? r : 1;
}

static int confirm(struct run *run, const char *request, const char *login)
{
	struct event event = { .kind = "confirmed", .by = "supportaccessd" };
	char fact[sizeof(CONFIRMED_PREFIX) + DIGEST_HEX_LEN];
	int r;

	(void)snprintf(event.request, sizeof(event.request), "%s", request);
	(void)snprintf(event.agent, sizeof(event.agent), "%s", login);
	for (size_t i = 0; i < run->n; i++) {
		const struct entry *entry = &run->entries[i];

		if (!entry->over || strcmp(entry->session.request, request) != 0)
			continue;
		event.count += entry->ended.processes;
		event.ms = entry->ended.ms > event.ms ? entry->ended.ms : event.ms;
	}
	(void)snprintf(event.text, sizeof(event.text), "nothing of it is alive on this host");
	(void)snprintf(fact, sizeof(fact), CONFIRMED_PREFIX "%s", request);
	r = store_set_int(run->store, fact, run->now);
	return r < 0 ? r : chain_append(run->store, &event, run->now, run->problem);
}

static int write_all(struct run *run)
{
	char request[DIGEST_HEX_LEN + 1], login[ACCOUNT_LOGIN_MAX + 1];
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->n; i++)
		if (run->entries[i].over && run->entries[i].ended.clean)
			r = write_ended(run, &run->entries[i]);
	while (r == 0 && (r = next_unconfirmed(run->store, request, login)) == 1)
		r = confirm(run, request, login);
	return r;
}

static int write_down(struct run *run)
{
	int r = store_begin(run->store, run->problem);

	if (r < 0)
		return r;
	r = write_all(run);
	if (r == 0)
		r = store_commit(run->store, run->problem);
	if (r < 0)
		store_rollback(run->store);
	return r;
}

/* The store could not be written: what is over is over all the same, and is written later. */
static void bury_all(const struct run *run)
{
	for (size_t i = 0; i < run->n; i++) {
		const struct session *session = &run->entries[i].session;
		struct keeping_end end = { .uid = session->uid, .when = run->now };

		if (!run->entries[i].over)
			continue;
		(void)snprintf(end.id, sizeof(end.id), "%s", session->id);
		(void)snprintf(end.cause, sizeof(end.cause), "%.100s", run->order->cause);
		(void)keeping_bury(PATH_SESSIONS, &end);
	}
}

static int note_open(void *context, const struct session *session)
{
	(void)session;
	*(bool *)context = true;
	return 0;
}

/* Under the write lock, in which the daemon opens sessions: one that opens at this moment finds
 * its home there, or makes a new one. */
static int retire_home(const struct run *run, const struct session *session)
{
	bool open = false;
	int r = store_begin(run->store, run->problem);

	if (r < 0)
		return r;
	r = sessions_each(run->store, session->login, false, note_open, &open);
	if (r == 0 && !open)
		r = home_retire(PATH_HOMES, session->login, session->uid, run->problem);
	store_rollback(run->store);
	return r;
}

static void clean_all(const struct run *run)
{
	for (size_t i = 0; i < run->n; i++) {
		const struct session *session = &run->entries[i].session;

		if (!run->entries[i].over || !run->entries[i].ended.clean)
			continue;
		(void)retire_home(run, session);
		(void)ending_clean(session, false, run->problem);
	}
}

/* Shows that an ending is under way. It is never waited for here: nothing stands before a kill. */
static int show_ending(void)
{
	_cleanup_(closep) int fd = open(PATH_SESSIONS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) == 0 ? TAKE_FD(fd) : -EBADF;
}

void ending_yield(int timeout_ms)
{
	_cleanup_(closep) int fd = open(PATH_SESSIONS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int waited = 0; fd >= 0 && waited < timeout_ms; waited += YIELD_STEP_MS) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			return;
		(void)poll(NULL, 0, YIELD_STEP_MS);
	}
}

int ending_run(struct store *store, const struct config *config, const struct ending_order *order,
	int64_t now, struct ending_report *ret, struct problem *problem)
{
	_cleanup_(run_done) struct run run = { store, config, order, now, problem, NULL, 0 };
	_cleanup_(closep) int shown = show_ending();
	struct ending_report report = { .clean = true };
	char request[DIGEST_HEX_LEN + 1], login[ACCOUNT_LOGIN_MAX + 1];
	int r, written;

	(void)shown;
	r = sessions_each(store, NULL, false, collect, &run);
	if (r == 0)
		r = choose(&run);
	if (r < 0)
		return problem_say(
			problem, r, "cannot tell which sessions are over: %s", strerror(-r));
	r = end_all(&run, &report);
	*ret = report;
	if (report.sessions == 0 && next_unconfirmed(store, request, login) == 0)
		return 0; /* nothing to write: nobody is kept waiting for the store */
	written = write_down(&run);
	if (written < 0)
		bury_all(&run);
	else
		clean_all(&run);
	return r < 0 ? r : written;
}
