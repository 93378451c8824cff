/* SPDX-License-Identifier: MIT */

/* Here is what the loop does itself, and when the worker is asked. */

#include "daemon/round.h"

#include "daemon/courier.h"
#include "daemon/log.h"
#include "daemon/registry.h"
#include "daemon/timers.h"
#include "host/chain.h"
#include "host/cover.h"
#include "host/facts.h"
#include "host/grants.h"
#include "host/publish.h"
#include "lib/moment.h"
#include "lib/paths.h"

#include <string.h>
#include <sys/socket.h>

static const struct publish_paths publish_paths = { PATH_VIEW, PATH_KEYS };
const char round_damaged[] = "its full check found damage";

static void complain(const char *what, int r, const struct problem *problem)
{
	log_say(LOG_ERR, "%s: %s", what, problem->text[0] ? problem->text : strerror(-r));
}

/* --- in the loop -------------------------------------------------------------------------- */

/* A session lives as long as some grant covers it; one that none covers is the worker's to end. */
static int follow_end(struct daemon *daemon, const struct grant_host *host,
	struct registered *registered, int64_t now, struct problem *problem)
{
	struct session *session = &registered->session;
	struct cover cover;
	int r = cover_find(daemon->store, host, session, now, &cover);

	if (r < 0 || cover.until == 0)
		return r;
	return cover_follow(daemon->store, session, &cover, now, problem);
}

static int follow_ends(struct daemon *daemon, int64_t now, struct problem *problem)
{
	_cleanup_(grants_host_done) struct grant_host host = { 0 };
	int r = grants_host(daemon->store, &daemon->config, now, &host, problem);

	for (struct registered *s = daemon->sessions; r == 0 && s; s = s->next)
		r = follow_end(daemon, &host, s, now, problem);
	return r;
}

/* Once for each change, whoever looks. */
static void tell_closed(struct daemon *daemon)
{
	_cleanup_(freep) char *id = NULL;
	const char *why;

	store_look_again(daemon->store);
	why = store_closed(daemon->store);
	if (store_get(daemon->store, FACT_HOST_ID, &id) < 0)
		return; /* not enrolled: nobody expects it to be open */
	if (why && why != daemon->closed)
		log_say(LOG_ALERT,
			"support accounts are refused: %s is closed: %s. When you know why: %s",
			PATH_STORE, why,
			why == round_damaged ? "supportaccess doctor"
					     : "supportaccess clock epoch");
	else if (!why && daemon->closed)
		log_say(LOG_NOTICE, "%s is open again", PATH_STORE);
	daemon->closed = why;
}

static void in_loop(struct daemon *daemon)
{
	struct problem problem = PROBLEM_NONE;
	int64_t now = moment_now();
	int r;

	if (daemon_store(daemon) < 0)
		return;
	tell_closed(daemon);
	r = grants_settle(daemon->store, &daemon->config, now, &problem);
	if (r < 0)
		complain("cannot record what came to its end", r, &problem);
	problem = PROBLEM_NONE;
	r = publish(daemon->store, &daemon->config, &publish_paths, now, &problem);
	if (r < 0)
		complain("cannot publish accounts", r, &problem);
	problem = PROBLEM_NONE;
	r = registry_follow_store(daemon, &problem);
	if (r == 0)
		r = follow_ends(daemon, now, &problem);
	if (r < 0)
		complain("cannot follow open sessions", r, &problem);
	timers_arm(daemon, now);
	courier_wake(daemon);
}

/* --- asking the worker -------------------------------------------------------------------- */

/* One that was found damaged is checked with every round: each worker has to know. */
static bool check_is_due(const struct daemon *daemon)
{
	return daemon->store_checked == 0 || daemon->closed == round_damaged ||
	       moment_boot() - daemon->store_checked >= ROUND_CHECK_EVERY_S;
}

/* Is there anything that only the worker does? */
static bool worker_is_needed(struct daemon *daemon)
{
	int64_t last = daemon->chain_seen;

	if (daemon->rejudge || daemon->probe || check_is_due(daemon) || daemon->n_sessions > 0)
		return true;
	return daemon->store && chain_last(daemon->store, &last) == 0 && last != daemon->chain_seen;
}

static void ask_worker(struct daemon *daemon);

/* A worker that failed is not asked again: the next round begins with a new one. */
static int on_answer(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct daemon *daemon = context;
	bool again = daemon->round_again;
	int32_t status = ROUND_FAILED;
	bool well = recv(fd, &status, sizeof(status), MSG_DONTWAIT) == (ssize_t)sizeof(status);

	(void)source, (void)events;
	if (!well || status != ROUND_DONE || daemon->round_outdated)
		worker_stop(&daemon->round);
	daemon->round_outdated = false;
	if (!daemon->round_busy)
		return 0; /* it went while it had nothing to do */
	if (status == ROUND_DAMAGED && daemon->store)
		store_distrust(daemon->store, round_damaged);
	else if (status != ROUND_DONE)
		log_say(LOG_WARNING, "a round failed; it is tried again with the next");
	if (daemon->checking && well)
		daemon->store_checked = moment_boot();
	if (daemon->rejudging && status != ROUND_DONE)
		daemon->rejudge = true;
	daemon->rejudging = daemon->round_busy = daemon->round_again = false;
	in_loop(daemon);
	if (again)
		ask_worker(daemon);
	return 0;
}

static void ask_worker(struct daemon *daemon)
{
	static const struct worker_kind kind = { "--round", "does the rounds", on_answer };
	const struct round_order order = {
		.check = check_is_due(daemon), .rejudge = daemon->rejudge, .probe = daemon->probe
	};
	int r;

	if (daemon->round_busy) {
		daemon->round_again = true;
		return;
	}
	if (!worker_is_needed(daemon))
		return;
	r = worker_ask(&daemon->round, daemon, &kind, &order, sizeof(order));
	if (r < 0) {
		log_say(LOG_ERR, "cannot start a round: %s", strerror(-r));
		return;
	}
	daemon->round_busy = true;
	daemon->checking = order.check;
	daemon->rejudging = order.rejudge;
	daemon->rejudge = daemon->probe = false;
	if (daemon->store)
		(void)chain_last(daemon->store, &daemon->chain_seen);
}

void round_begin(struct daemon *daemon, bool rejudge)
{
	daemon->rejudge |= rejudge;
	in_loop(daemon);
	ask_worker(daemon);
}

bool round_is_unjudged(const struct daemon *daemon)
{
	return daemon->rejudge || daemon->rejudging;
}

void round_probe(struct daemon *daemon)
{
	daemon->probe = true;
	round_begin(daemon, false);
}

void round_connection_gone(struct daemon *daemon)
{
	ask_worker(daemon);
}

void round_renew(struct daemon *daemon)
{
	if (daemon->round_busy)
		daemon->round_outdated = true;
	else
		worker_stop(&daemon->round);
}
