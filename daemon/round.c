/* SPDX-License-Identifier: MIT */

/* The child is executed and not only forked: SQLite's connections may not cross a fork. It opens
 * the same store by the same code, so what it does could as well be done by the CLI. */

#include "daemon/round.h"

#include "daemon/courier.h"
#include "daemon/log.h"
#include "daemon/registry.h"
#include "daemon/timers.h"
#include "host/accounts.h"
#include "host/chain.h"
#include "host/ending.h"
#include "host/facts.h"
#include "host/grants.h"
#include "host/keeping.h"
#include "host/publish.h"
#include "host/rejudge.h"
#include "lib/moment.h"
#include "lib/paths.h"

#include <inttypes.h>
#include <poll.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

static const struct publish_paths publish_paths = { PATH_VIEW, PATH_KEYS };
static const char damaged[] = "its full check found damage";

static void complain(const char *what, int r, const struct problem *problem)
{
	log_say(LOG_ERR, "%s: %s", what, problem->text[0] ? problem->text : strerror(-r));
}

/* --- in the loop -------------------------------------------------------------------------- */

struct cover {
	enum scope scope;
	int64_t until;
};

static int widen(void *context, const struct grants_row *row)
{
	struct cover *cover = context;
	int64_t until;

	if (grant_covers(&row->grant, 1, cover->scope, &until) && until > cover->until)
		cover->until = until;
	return 0;
}

/* A session lives as long as some grant covers it: its keeper is told when that changed. */
static int follow_end(struct daemon *daemon, const struct grant_host *host,
	struct registered *registered, int64_t now)
{
	struct session *session = &registered->session;
	struct cover cover = { .scope = session->scope };
	struct keeping keeping = { .uid = session->uid };
	int r;

	r = grants_each_open(daemon->store, host, session->login, now, widen, &cover);
	if (r < 0 || cover.until == 0 || cover.until == session->until)
		return r; /* not covered at all: the child ends it */
	memcpy(keeping.id, session->id, sizeof(keeping.id));
	keeping.until = cover.until;
	r = keeping_write(PATH_SESSIONS, &keeping);
	if (r == 0)
		r = sessions_set_until(daemon->store, session->id, cover.until);
	if (r == 0)
		session->until = cover.until;
	return r;
}

static int follow_ends(struct daemon *daemon, int64_t now, struct problem *problem)
{
	_cleanup_(grants_host_done) struct grant_host host = { 0 };
	int r = grants_host(daemon->store, &daemon->config, now, &host, problem);

	for (struct registered *s = daemon->sessions; r == 0 && s; s = s->next)
		r = follow_end(daemon, &host, s, now);
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
			why == damaged ? "supportaccess doctor" : "supportaccess clock epoch");
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

/* --- in the child ------------------------------------------------------------------------- */

/* A process that ended is readable through its descriptor before anyone has reaped it. */
static bool is_gone(const struct process_name *process)
{
	_cleanup_(closep) int fd = process_open(process);
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	if (fd < 0)
		return fd == -ESRCH;
	return poll(&pollfd, 1, 0) > 0;
}

struct ender {
	struct daemon *daemon;
	int64_t now;
	struct problem *problem;
};

static int end_if_gone(void *context, const struct session *session)
{
	struct ender *ender = context;
	struct ending_order order = {
		.session = session->id, .by = session->login, .cause = "the connection was closed"
	};
	struct ending_report report;

	if (!is_gone(&session->monitor))
		return 0;
	return ending_run(ender->daemon->store, &ender->daemon->config, &order, ender->now, &report,
		ender->problem);
}

static int end_gone(struct daemon *daemon, int64_t now, struct problem *problem)
{
	struct ender ender = { daemon, now, problem };

	return sessions_each(daemon->store, NULL, false, end_if_gone, &ender);
}

static int end_uncovered(struct daemon *daemon, int64_t now, struct problem *problem)
{
	struct ending_order order = { .uncovered_only = true,
		.by = "supportaccessd",
		.cause = "no grant covers the session any more" };
	struct ending_report report = { 0 };
	int r = ending_run(daemon->store, &daemon->config, &order, now, &report, problem);

	if (r == 0 && report.sessions > 0)
		log_say(LOG_NOTICE,
			"ended %" PRId64 " sessions, %" PRId64 " processes in %" PRId64 " ms",
			report.sessions, report.processes, report.ms);
	return r;
}

static int check_store(struct daemon *daemon, int64_t now, struct problem *problem)
{
	int r = store_check(daemon->store, problem);

	(void)now;
	if (r == -EUCLEAN)
		store_distrust(daemon->store, damaged);
	return r;
}

static int judge_signers(struct daemon *daemon, int64_t now, struct problem *problem)
{
	struct ingest ingest = { .store = daemon->store,
		.config = &daemon->config,
		.approvers = &daemon->approvers,
		.agents = &daemon->agents,
		.now = now };
	struct rejudged rejudged = { 0 };
	int r = rejudge(&ingest, &rejudged, problem);

	if (rejudged.documents > 0)
		log_say(LOG_NOTICE, "%" PRId64 " documents are no longer backed by who signed them",
			rejudged.documents);
	return r;
}

static int probe_accounts(struct daemon *daemon, int64_t now, struct problem *problem)
{
	return accounts_check(daemon->store, accounts_probe_system, now, problem);
}

static int sign_head(struct daemon *daemon, int64_t now, struct problem *problem)
{
	int r = chain_sign(daemon->store, PATH_HOST_KEY, now, problem);

	return r == -ENOKEY || r == -ENOENT ? 0 : r; /* not enrolled: nothing to sign yet */
}

int round_main(struct daemon *daemon, bool check, bool rejudge, bool probe)
{
	const struct {
		const char *what;
		int (*run)(struct daemon *daemon, int64_t now, struct problem *problem);
		bool wanted;
	} steps[] = {
		{ "the full check failed", check_store, check },
		{ "cannot judge signers anew", judge_signers, rejudge },
		{ "cannot end sessions whose connection is gone", end_gone, true },
		{ "cannot ask whose accounts there are", probe_accounts, rejudge || probe },
		{ "cannot end sessions that are over", end_uncovered, true },
		{ "cannot sign the chain's head", sign_head, true },
	};
	struct problem problem = PROBLEM_NONE;
	int status = EXIT_SUCCESS;

	if (daemon_store(daemon) < 0)
		return EXIT_FAILURE;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int r;

		if (!steps[i].wanted)
			continue;
		problem = PROBLEM_NONE;
		r = steps[i].run(daemon, moment_now(), &problem);
		if (r < 0) {
			complain(steps[i].what, r, &problem);
			if (status != ROUND_DAMAGED)
				status = steps[i].run == check_store && r == -EUCLEAN
						 ? ROUND_DAMAGED
						 : EXIT_FAILURE;
		}
	}
	return status;
}

/* --- starting it -------------------------------------------------------------------------- */

/* One that was found damaged is checked with every round: each child has to know. */
static bool check_is_due(const struct daemon *daemon)
{
	return daemon->store_checked == 0 || daemon->closed == damaged ||
	       moment_boot() - daemon->store_checked >= ROUND_CHECK_EVERY_S;
}

/* Is there anything that only the child does? */
static bool child_is_needed(struct daemon *daemon)
{
	int64_t last = daemon->chain_seen;

	if (daemon->rejudge || daemon->probe || check_is_due(daemon) || daemon->n_sessions > 0)
		return true;
	return daemon->store && chain_last(daemon->store, &last) == 0 && last != daemon->chain_seen;
}

static int on_round_over(sd_event_source *source, const siginfo_t *info, void *context)
{
	struct daemon *daemon = context;
	bool again = daemon->round_again;

	(void)source;
	if (info->si_status == ROUND_DAMAGED && daemon->store)
		store_distrust(daemon->store, damaged);
	else if (info->si_status != 0)
		log_say(LOG_WARNING, "a round failed; it is tried again with the next");
	if (daemon->checking && info->si_code == CLD_EXITED)
		daemon->store_checked = moment_boot();
	daemon->round = 0;
	daemon->round_again = false;
	in_loop(daemon);
	if (again)
		round_begin(daemon, false);
	return 0;
}

static int spawn_child(struct daemon *daemon)
{
	const char *argv[6] = { "supportaccessd", "--round" };
	posix_spawnattr_t attributes;
	size_t n = 2;
	sigset_t none;
	int r;

	daemon->checking = check_is_due(daemon);
	if (daemon->checking)
		argv[n++] = "--check";
	if (daemon->rejudge)
		argv[n++] = "--rejudge";
	if (daemon->probe)
		argv[n] = "--probe";
	r = posix_spawnattr_init(&attributes);
	if (r != 0)
		return -r;
	sigemptyset(&none); /* the loop's are blocked, and would be in the child */
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	r = posix_spawn(
		&daemon->round, "/proc/self/exe", NULL, &attributes, (char *const *)argv, environ);
	posix_spawnattr_destroy(&attributes);
	if (r != 0) {
		daemon->round = 0;
		return -r;
	}
	daemon->rejudge = daemon->probe = false;
	if (daemon->store)
		(void)chain_last(daemon->store, &daemon->chain_seen);
	return sd_event_add_child(
		daemon->event, NULL, daemon->round, WEXITED, on_round_over, daemon);
}

void round_begin(struct daemon *daemon, bool rejudge)
{
	int r;

	daemon->rejudge |= rejudge;
	in_loop(daemon);
	if (daemon->round > 0) {
		daemon->round_again = true;
		return;
	}
	r = child_is_needed(daemon) ? spawn_child(daemon) : 0;
	if (r < 0)
		log_say(LOG_ERR, "cannot start a round: %s", strerror(-r));
}

void round_probe(struct daemon *daemon)
{
	daemon->probe = true;
	round_begin(daemon, false);
}
