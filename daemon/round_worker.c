/* SPDX-License-Identifier: MIT */

/* The store is opened by the same code as the CLI's, so what is done here could as well be done by
 * that. Whatever fails is said, and the other steps are done all the same. */

#include "daemon/log.h"
#include "daemon/round.h"
#include "host/accounts.h"
#include "host/chain.h"
#include "host/ending.h"
#include "host/rejudge.h"
#include "lib/moment.h"
#include "lib/paths.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define YIELD_MS 2000 /* its keeper has ended what was left of it meanwhile */

static void complain(const char *what, int r, const struct problem *problem)
{
	log_say(LOG_ERR, "%s: %s", what, problem->text[0] ? problem->text : strerror(-r));
}

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
	bool yielded; /* once a round: behind this come those that must end */
};

static int end_if_gone(void *context, const struct session *session)
{
	struct ender *ender = context;
	bool expired = session->until <= ender->now;
	struct ending_order order = { .session = session->id,
		.by = expired ? "supportaccessd" : session->login,
		.cause = expired ? ENDING_EXPIRED : ENDING_CLOSED };
	struct ending_report report;

	if (!is_gone(&session->monitor))
		return 0;
	if (!ender->yielded)
		ending_yield(YIELD_MS);
	ender->yielded = true;
	return ending_run(ender->daemon->store, &ender->daemon->config, &order, ender->now, &report,
		ender->problem);
}

static int end_gone(struct daemon *daemon, int64_t now, struct problem *problem)
{
	struct ender ender = { daemon, now, problem, false };

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
		store_distrust(daemon->store, round_damaged);
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

static int do_round(struct daemon *daemon, const struct round_order *order)
{
	const bool probe = order->rejudge || order->probe;
	const struct {
		const char *what;
		int (*run)(struct daemon *daemon, int64_t now, struct problem *problem);
		bool wanted;
	} steps[] = {
		{ "cannot judge signers anew", judge_signers, order->rejudge },
		{ "the full check failed", check_store, order->check },
		{ "cannot end sessions whose connection is gone", end_gone, true },
		{ "cannot end sessions that are over", end_uncovered, true },
		{ "cannot ask whose accounts there are", probe_accounts, probe },
		{ "cannot end sessions of others' accounts", end_uncovered, probe },
		{ "cannot sign the chain's head", sign_head, true },
	};
	struct problem problem = PROBLEM_NONE;
	int status = ROUND_DONE;

	if (daemon_store(daemon) < 0)
		return ROUND_FAILED;
	store_look_again(daemon->store);
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
						 : ROUND_FAILED;
		}
	}
	return status;
}

int round_main(struct daemon *daemon)
{
	struct round_order order;
	ssize_t n;

	while ((n = recv(STDIN_FILENO, &order, sizeof(order), 0)) != 0) {
		int32_t status;

		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(order))
			return EXIT_FAILURE;
		status = do_round(daemon, &order);
		if (send(STDIN_FILENO, &status, sizeof(status), MSG_NOSIGNAL) < 0)
			return EXIT_SUCCESS; /* the daemon is gone */
	}
	return EXIT_SUCCESS;
}
