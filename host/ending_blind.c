/* SPDX-License-Identifier: MIT */

/* Which sessions there are is told by their keepers' files in /run, which need no store. The key
 * files go, so that sshd finds none, and the store is condemned: when it can be read again nobody
 * knows what it lacks. */

#include "host/accounts.h"
#include "host/cgroup.h"
#include "host/ending.h"
#include "host/keeping.h"
#include "host/publish_keys.h"
#include "host/store.h"
#include "host/sweep.h"
#include "lib/paths.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define BLIND_TIMEOUT_MS 5000
#define KEEPER_STEP_MS   5

struct blind {
	struct ending_report report;
	const char *cause;
	int64_t now;
};

static void see(void *context, int32_t pid)
{
	(void)context, (void)pid;
}

/* The cgroup that cgroup_enter makes for a session. logind's has a name that only the keeper
 * knows. Returns how many were struck. */
static int64_t strike(const char *id)
{
	char cgroup[sizeof("/" CGROUP_FOLDER "/") + DOCUMENT_SESSION_MAX];
	int64_t count;

	(void)snprintf(cgroup, sizeof(cgroup), "/" CGROUP_FOLDER "/%s", id);
	count = cgroup_each(cgroup, see, NULL);
	(void)cgroup_kill(cgroup);
	return count > 0 ? count : 0;
}

/* Everything of the agent's; sshd's monitor and the keeper then end by themselves. */
static bool sweep_agent(uint32_t uid, int64_t deadline, int64_t *count)
{
	struct sweep sweep = { .uid = uid, .audit_session = UINT32_MAX, .whole_agent = true };
	int64_t found;

	while ((found = sweep_pass(&sweep, deadline)) > 0) {
		*count += found;
		(void)sweep_uid(uid, deadline);
	}
	return found == 0;
}

/* The keeper knows its session by more than the uid. Its end is moved to now; the file is gone
 * when nothing of the session is left. */
static bool tell_keeper(const struct keeping *keeping, int64_t now, int64_t deadline)
{
	struct keeping over = *keeping;
	int r;

	over.until = now < over.until ? now : over.until;
	r = keeping_change(PATH_SESSIONS, &over);
	if (r < 0) /* the first blow was enough for it to notice */
		return r == -ENOENT;
	while (keeping_read(PATH_SESSIONS, over.id, &over) != -ENOENT) {
		if (sweep_clock_ms() >= deadline)
			return false;
		(void)poll(NULL, 0, KEEPER_STEP_MS);
	}
	return true;
}

/* Its tombstone is written right after the first blow, before the keeper can write that "the
 * connection was closed". */
static int end_session(void *context, const struct keeping *keeping)
{
	struct blind *blind = context;
	struct keeping_end end = { .uid = keeping->uid, .when = blind->now };
	int64_t start = sweep_clock_ms(), deadline = start + BLIND_TIMEOUT_MS;
	bool clean;

	blind->report.processes += strike(keeping->id);
	(void)snprintf(end.id, sizeof(end.id), "%s", keeping->id);
	(void)snprintf(end.cause, sizeof(end.cause), "%.100s", blind->cause);
	(void)keeping_bury(PATH_SESSIONS, &end);
	if (accounts_uid_is_alone(keeping->uid))
		clean = sweep_agent(keeping->uid, deadline, &blind->report.processes);
	else
		clean = tell_keeper(keeping, blind->now, deadline);
	blind->report.sessions++;
	blind->report.clean &= clean;
	if (sweep_clock_ms() - start > blind->report.ms)
		blind->report.ms = sweep_clock_ms() - start;
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
	r = keeping_each(PATH_SESSIONS, end_session, &blind);
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
