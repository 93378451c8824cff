/* SPDX-License-Identifier: MIT */

/* Which sessions there are is told by their keepers' files in /run, which need no store. The key
 * files go, so that sshd finds none, and the store is condemned: when it can be read again nobody
 * knows what it lacks. */

#include "host/ending.h"
#include "host/keeping.h"
#include "host/publish_keys.h"
#include "host/store.h"
#include "host/sweep.h"
#include "lib/paths.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define BLIND_TIMEOUT_MS 5000

struct blind {
	struct ending_report report;
	const char *cause;
	int64_t now;
};

/* Everything of the agent's; sshd's monitor and the keeper then end by themselves. */
static int end_agent(void *context, const struct keeping *keeping)
{
	struct blind *blind = context;
	struct sweep sweep = {
		.uid = keeping->uid, .audit_session = UINT32_MAX, .whole_agent = true
	};
	struct keeping_end end = { .uid = keeping->uid, .when = blind->now };
	int64_t start = sweep_clock_ms(), deadline = start + BLIND_TIMEOUT_MS, found;

	while ((found = sweep_pass(&sweep, deadline)) > 0) {
		blind->report.processes += found;
		(void)sweep_uid(keeping->uid, deadline);
	}
	blind->report.sessions++;
	blind->report.clean &= found == 0;
	if (sweep_clock_ms() - start > blind->report.ms)
		blind->report.ms = sweep_clock_ms() - start;
	(void)snprintf(end.id, sizeof(end.id), "%s", keeping->id);
	(void)snprintf(end.cause, sizeof(end.cause), "%.100s", blind->cause);
	(void)keeping_bury(PATH_SESSIONS, &end);
	return 0;
}

static bool is_known(void *context, const char *name)
{
	(void)context, (void)name;
	return false;
}

int ending_blind(const char *cause, int64_t now, struct ending_report *ret, struct problem *problem)
{
	_cleanup_(closep) int keys = open(PATH_KEYS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct blind blind = { .report = { .clean = true }, .cause = cause, .now = now };
	int condemned, r;

	condemned = store_condemn(PATH_STORE, PATH_SESSIONS);
	if (keys >= 0)
		(void)publish_keys_prune(keys, 0, is_known, NULL);
	r = keeping_each(PATH_SESSIONS, end_agent, &blind);
	*ret = blind.report;
	if (r < 0)
		return problem_say(problem, r, "cannot tell which sessions are open: %s: %s",
			PATH_SESSIONS, strerror(-r));
	if (condemned < 0)
		return problem_say(problem, condemned,
			"what was open is ended, but it cannot be noted in %s: %s", PATH_SESSIONS,
			strerror(-condemned));
	return blind.report.clean ? 0
				  : problem_say(problem, -ETIMEDOUT,
					    "something of a support account is still alive; look "
					    "with: ps -eo user,pid,args | grep ^support");
}
