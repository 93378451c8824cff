/* SPDX-License-Identifier: MIT */

/* WIRE_SHELL: whose session is this?
 *
 * Anybody may ask; only a process below the connection of an open session is answered, and of a
 * read-only session only one that is inside all of its namespaces. A sshd that entered only half
 * of them, or a process that got out, gets no shell. */

#include "daemon/daemon.h"
#include "daemon/handlers.h"
#include "daemon/judge.h"
#include "daemon/log.h"
#include "daemon/registry.h"
#include "host/grants.h"
#include "host/homes.h"
#include "lib/moment.h"
#include "lib/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool shares_namespace(pid_t a, pid_t b, const char *kind)
{
	char path[2][48];
	struct stat at[2];

	(void)snprintf(path[0], sizeof(path[0]), "/proc/%d/ns/%s", (int)a, kind);
	(void)snprintf(path[1], sizeof(path[1]), "/proc/%d/ns/%s", (int)b, kind);
	return stat(path[0], &at[0]) == 0 && stat(path[1], &at[1]) == 0 &&
	       at[0].st_dev == at[1].st_dev && at[0].st_ino == at[1].st_ino;
}

/* The pid namespace is entered last and is the keeper's: who is in it entered the others, too. Who
 * then left the connection's mount or IPC namespace is not inside any more. */
static bool is_inside(const struct session *session, const struct ucred *peer)
{
	if (peer->uid != session->uid)
		return false;
	if (session->scope > SCOPE_READ_ONLY)
		return true;
	return shares_namespace(peer->pid, session->keeper.pid, "pid") &&
	       shares_namespace(peer->pid, session->monitor.pid, "mnt") &&
	       shares_namespace(peer->pid, session->monitor.pid, "ipc");
}

/* Of the grants of its agent the session's own. */
static int take_own(void *context, const struct grants_row *row)
{
	struct grant *grant = context;

	if (digest_equal(&row->grant.request, &grant->request))
		memcpy(grant->by, row->grant.by, sizeof(grant->by));
	return 0;
}

/* The banner. A session opened, so its store can be read; if not any more, there is no shell. */
static int greet(struct daemon *daemon, const struct session *session, int64_t now, char *ret)
{
	_cleanup_(grants_host_done) struct grant_host host = { 0 };
	struct grant grant = {
		.verdict = VERDICT_OK, .scope = session->scope, .until = session->until
	};
	int r = daemon_store(daemon);

	if (r == 0)
		r = digest_from_hex(session->request, &grant.request);
	if (r == 0)
		r = grants_host(daemon->store, &daemon->config, now, &host, NULL);
	if (r == 0 && host.show_approvers)
		r = grants_each(daemon->store, &host, session->login, now, take_own, &grant);
	if (r == 0)
		grant_sentence(&host, NULL, &grant, now, ret, WIRE_TEXT_MAX);
	return r;
}

static int describe(
	struct daemon *daemon, const struct session *session, int64_t now, struct wire_shell *ret)
{
	char home[HOME_PATH_MAX];
	int r;

	home_path(session->login, home);
	r = text_copy(ret->session, sizeof(ret->session), session->id);
	if (r == 0)
		r = text_copy(ret->home, sizeof(ret->home), home);
	if (r == 0)
		r = text_copy(ret->shell, sizeof(ret->shell), daemon->config.shell);
	if (r == 0)
		r = greet(daemon, session, now, ret->text);
	ret->scope = session->scope;
	ret->max_processes = (uint32_t)daemon->config.max_processes;
	return r;
}

void handle_shell(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size)
{
	const struct ucred *peer = connection_peer(connection);
	struct wire_shell answer = { .header = wire_header(WIRE_SHELL), .verdict = VERDICT_NONE };
	const struct registered *registered;
	int64_t now = moment_now();

	(void)message, (void)size;
	registered = registry_of_process(daemon, peer->pid);
	if (registered && registered->session.until > now &&
		is_inside(&registered->session, peer)) {
		answer.verdict = VERDICT_OK;
		if (describe(daemon, &registered->session, now, &answer) < 0)
			answer.verdict = VERDICT_BROKEN;
	}
	if (answer.verdict != VERDICT_OK) {
		(void)snprintf(answer.text, sizeof(answer.text),
			"supportaccess: no shell outside an open support session.  [%s]",
			verdict_word((enum verdict)answer.verdict));
		log_say(LOG_WARNING, "refused a shell to process %d of uid %u: it is in no session",
			(int)peer->pid, peer->uid);
	}
	connection_answer(connection, &answer, sizeof(answer), NULL, 0);
}
