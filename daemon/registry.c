/* SPDX-License-Identifier: MIT */

/* A list: there are at most `max_sessions` (20) of them. */

#include "daemon/registry.h"

#include "daemon/log.h"
#include "daemon/round.h"
#include "host/keeping.h"
#include "lib/cleanup.h"
#include "lib/moment.h"
#include "lib/paths.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ANCESTORS_MAX 256

static void registered_free(struct registered *registered)
{
	sd_event_source_disable_unref(registered->gone);
	closep(&registered->pidfd);
	free(registered);
}

static int on_gone(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct registered *registered = context;

	(void)fd, (void)events;
	(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	round_connection_gone(registered->daemon);
	return 0;
}

int registry_add(struct daemon *daemon, const struct session *session, int pidfd)
{
	struct registered *registered = calloc(1, sizeof(*registered));
	int r = 0;

	if (!registered) {
		closep(&pidfd);
		return -ENOMEM;
	}
	registered->daemon = daemon;
	registered->session = *session;
	registered->pidfd = pidfd;
	if (pidfd >= 0)
		r = sd_event_add_io(
			daemon->event, &registered->gone, pidfd, EPOLLIN, on_gone, registered);
	if (r < 0) {
		registered_free(registered);
		return r;
	}
	registered->next = daemon->sessions;
	daemon->sessions = registered;
	daemon->n_sessions++;
	return 0;
}

static struct registered *find(const struct daemon *daemon, const char *id)
{
	struct registered *registered = daemon->sessions;

	while (registered && strcmp(registered->session.id, id) != 0)
		registered = registered->next;
	return registered;
}

void registry_remove(struct daemon *daemon, const char *id)
{
	struct registered **link = &daemon->sessions;

	while (*link && strcmp((*link)->session.id, id) != 0)
		link = &(*link)->next;
	if (*link) {
		struct registered *registered = *link;

		*link = registered->next;
		daemon->n_sessions--;
		registered_free(registered);
	}
}

void registry_clear(struct daemon *daemon)
{
	while (daemon->sessions)
		registry_remove(daemon, daemon->sessions->session.id);
}

/* --- following the store ------------------------------------------------------------------ */

static int adopt(void *context, const struct session *session)
{
	struct daemon *daemon = context;
	struct registered *known = find(daemon, session->id);

	if (known) {
		known->session = *session;
		return 0;
	}
	return registry_add(daemon, session, process_open(&session->monitor));
}

static int drop_ended(struct daemon *daemon)
{
	struct registered *registered = daemon->sessions;

	while (registered) {
		struct registered *next = registered->next;
		struct session session;
		int r = sessions_find(daemon->store, registered->session.id, &session);

		if (r == -ENOENT || (r == 0 && session.ended != 0))
			registry_remove(daemon, registered->session.id);
		else if (r < 0)
			return r;
		registered = next;
	}
	return 0;
}

/* Sessions are opened by this process alone, whose loop is here: none is half-way. */
static int end_stranger(void *context, const struct keeping *keeping)
{
	struct daemon *daemon = context;
	struct keeping over = *keeping;
	struct session session;
	int r = sessions_find(daemon->store, keeping->id, &session);

	if (r != -ENOENT)
		return r;
	over.until = moment_now();
	if (keeping->until <= over.until)
		return 0; /* told already */
	log_about(LOG_ALERT, NULL, keeping->id,
		"ending session %s: the store does not know it, so it was put back", keeping->id);
	return keeping_write(PATH_SESSIONS, &over);
}

int registry_follow_store(struct daemon *daemon, struct problem *problem)
{
	int r = sessions_each(daemon->store, NULL, false, adopt, daemon);

	if (r == 0)
		r = drop_ended(daemon);
	if (r == 0)
		r = keeping_each(PATH_SESSIONS, end_stranger, daemon);
	if (r < 0)
		return problem_say(problem, r, "cannot read the open sessions: %s", strerror(-r));
	return 0;
}

/* --- whose process is it ------------------------------------------------------------------ */

static pid_t parent_of(pid_t pid)
{
	_cleanup_(closep) int fd = -EBADF;
	char path[32], stat[1024];
	const char *p;
	ssize_t n;
	int parent = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, stat, sizeof(stat) - 1);
	if (n <= 0)
		return 0;
	stat[n] = '\0';
	p = strrchr(stat, ')'); /* the command's name may hold anything */
	if (!p || sscanf(p + 1, " %*c %d", &parent) != 1)
		return 0;
	return parent;
}

/* By number and start time: a number alone may be another process's by now. */
static struct registered *of_exactly(const struct daemon *daemon, pid_t pid)
{
	struct registered *registered;
	struct process_name name;

	for (registered = daemon->sessions; registered; registered = registered->next) {
		const struct session *session = &registered->session;

		if (session->monitor.pid != pid && session->keeper.pid != pid)
			continue;
		if (process_name_read(pid, &name) < 0)
			continue;
		if ((session->monitor.pid == pid &&
			    session->monitor.start_time == name.start_time) ||
			(session->keeper.pid == pid &&
				session->keeper.start_time == name.start_time))
			return registered;
	}
	return NULL;
}

struct registered *registry_of_process(const struct daemon *daemon, pid_t pid)
{
	for (int i = 0; pid > 1 && i < ANCESTORS_MAX; i++) {
		struct registered *registered = of_exactly(daemon, pid);

		if (registered)
			return registered;
		pid = parent_of(pid);
	}
	return NULL;
}
