/* SPDX-License-Identifier: MIT */

/* One at a time: a flood of documents must not become a flood of processes. */

#include "core/signature_run.h"

#include "lib/paths.h"

#include <errno.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ARGUMENTS_MAX 32

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static int run_locked(const struct child *child, struct child_result *ret, struct problem *problem)
{
	int r;

	pthread_mutex_lock(&one_at_a_time);
	r = child_run(child, ret);
	pthread_mutex_unlock(&one_at_a_time);
	if (r == -ETIMEDOUT)
		return problem_say(problem, r, "ssh-keygen took more than %d ms and was ended",
			child->timeout_ms);
	if (r == -EMSGSIZE)
		return problem_say(problem, r, "ssh-keygen said too much and was ended");
	if (r < 0)
		return problem_say(problem, r, "cannot run %s: %s", child->path, strerror(-r));
	return 0;
}

static int find_user(const char *name, uid_t *ret_uid, gid_t *ret_gid, struct problem *problem)
{
	struct passwd entry, *found;
	char buffer[4096];
	int r = -getpwnam_r(name, &entry, buffer, sizeof(buffer), &found);

	if (r < 0)
		return problem_say(
			problem, r, "cannot look up the user %s: %s", name, strerror(-r));
	if (!found)
		return problem_say(problem, -ENOENT,
			"signatures cannot be checked: the user %s is missing (sudo supportaccess "
			"enable makes it)",
			name);
	*ret_uid = found->pw_uid;
	*ret_gid = found->pw_gid;
	return 0;
}

int signature_run(const struct child *child, const char *user, struct child_result *ret,
	struct problem *problem)
{
	const char *argv[ARGUMENTS_MAX] = { PATH_SETPRIV, NULL, NULL, "--clear-groups",
		"--no-new-privs", "--inh-caps=-all", "--ambient-caps=-all", "--pdeathsig=KILL",
		"--" };
	char reuid[32], regid[32];
	struct child confined = *child;
	size_t n = 0, own = 0;
	uid_t uid;
	gid_t gid;
	int r;

	if (!user || geteuid() != 0)
		return run_locked(child, ret, problem);
	r = find_user(user, &uid, &gid, problem);
	if (r < 0)
		return r;
	snprintf(reuid, sizeof(reuid), "--reuid=%u", (unsigned)uid);
	snprintf(regid, sizeof(regid), "--regid=%u", (unsigned)gid);
	argv[1] = reuid;
	argv[2] = regid;
	while (argv[own])
		own++;
	while (child->argv[n])
		n++;
	if (own + n >= ARGUMENTS_MAX)
		return -E2BIG;
	memcpy(argv + own, child->argv, n * sizeof(argv[0]));
	confined.path = PATH_SETPRIV;
	confined.argv = argv;
	return run_locked(&confined, ret, problem);
}
