/* SPDX-License-Identifier: MIT */

/* WIRE_OPEN and WIRE_CLOSE.
 *
 * A session is built, then judged again and committed in one write transaction: a revocation that
 * races with a login either comes before it, and the login is refused, or after it, and finds the
 * session in the store and ends it. Nobody is told OK before the row is on the disk. */

#include "daemon/handlers.h"
#include "daemon/judge.h"
#include "daemon/log.h"
#include "daemon/registry.h"
#include "daemon/round.h"
#include "host/cgroup.h"
#include "host/chain.h"
#include "host/clock.h"
#include "host/ending.h"
#include "host/homes.h"
#include "host/keeping.h"
#include "host/namespaces.h"
#include "lib/base32.h"
#include "lib/moment.h"
#include "lib/paths.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define BUILD_MS       1500 /* of the 2 s that sshd waits */
#define UNDO_MS        500
#define UNDO_AFTER_US  5000000 /* more than PAM module and login shell wait */
#define SESSION_ID_LEN 16

struct opening {
	const struct wire_login *login;
	struct session session;
	struct namespaces namespaces;
	struct judgement judgement;
};

static int make_id(char ret[static SESSION_ID_LEN + 1])
{
	uint8_t random[(SESSION_ID_LEN * 5 + 7) / 8];

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return -EIO;
	base32_encode_lower(random, SESSION_ID_LEN, ret);
	return 0;
}

/* UINT32_MAX where the kernel keeps none. */
static uint32_t audit_session_of(pid_t pid)
{
	_cleanup_(closep) int fd = -EBADF;
	char path[40], text[16];
	uint32_t id;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/sessionid", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return UINT32_MAX;
	text[n] = '\0';
	return sscanf(text, "%" SCNu32, &id) == 1 ? id : UINT32_MAX;
}

static int describe(struct opening *opening, pid_t pid, int64_t now)
{
	struct session *session = &opening->session;
	const struct grant *grant = &opening->judgement.grant;
	struct machine machine;
	int r;

	r = make_id(session->id);
	if (r == 0)
		r = machine_read(&machine);
	if (r == 0)
		r = process_name_read(pid, &session->monitor);
	if (r < 0)
		return r;
	memcpy(session->login, opening->judgement.login, sizeof(session->login));
	memcpy(session->boot_id, machine.boot_id, sizeof(session->boot_id));
	memcpy(session->remote_host, opening->login->remote_host, sizeof(session->remote_host));
	digest_to_hex(&grant->request, session->request);
	session->uid = opening->login->uid;
	session->scope = grant->scope;
	session->audit_session = audit_session_of(pid);
	session->opened = now;
	session->until = grant->until;
	return 0;
}

/* Read-only sessions get namespaces and a keeper in them, the others a keeper alone: `service` and
 * `kill` would not work inside. */
static int build(struct daemon *daemon, struct opening *opening, struct problem *problem)
{
	struct session *session = &opening->session;
	int r;

	cgroup_enter(session, daemon->config.max_processes);
	if (session->scope > SCOPE_READ_ONLY)
		return namespaces_keeper(session, BUILD_MS, &session->keeper, problem);
	r = namespaces_build(session, &daemon->config, BUILD_MS, &opening->namespaces, problem);
	if (r == 0)
		session->keeper = opening->namespaces.keeper;
	return r;
}

static int append_event(
	struct store *store, const struct session *session, int64_t now, struct problem *problem)
{
	struct event event = { .kind = "opened",
		.by = "supportaccessd",
		.scope = session->scope,
		.until = session->until };

	memcpy(event.agent, session->login, sizeof(event.agent));
	memcpy(event.request, session->request, sizeof(event.request));
	memcpy(event.session, session->id, sizeof(session->id));
	(void)snprintf(event.text, sizeof(event.text), "from %s", session->remote_host);
	return chain_append(store, &event, now, problem);
}

/* Judges again, now that no one else can write, and writes. Returns 0 with the verdict in
 * `opening->judgement`, or a negative errno. */
static int commit(struct daemon *daemon, struct opening *opening, pid_t pid, int64_t now,
	struct problem *problem)
{
	const struct session *session = &opening->session;
	struct judgement again;
	int r;

	r = store_begin(daemon->store, problem);
	if (r < 0)
		return r;
	judge(daemon, opening->login, pid, now, &again);
	if (again.verdict == VERDICT_OK && again.grant.scope < session->scope)
		again.verdict = VERDICT_REVOKED; /* the wider grant ended in between */
	if (again.verdict != VERDICT_OK) {
		opening->judgement = again;
		store_rollback(daemon->store);
		return 0;
	}
	/* Under the same lock under which the home of an agent's last session is taken away. */
	r = session->scope > SCOPE_READ_ONLY
		    ? home_make(PATH_HOMES, session->login, session->uid, problem)
		    : 0;
	if (r == 0)
		r = sessions_add(daemon->store, session);
	if (r == 0)
		r = append_event(daemon->store, session, now, problem);
	if (r == 0)
		r = store_commit(daemon->store, problem);
	if (r < 0)
		store_rollback(daemon->store);
	return r;
}

static bool has_ended(int pidfd)
{
	struct pollfd pollfd = { .fd = pidfd, .events = POLLIN };

	return poll(&pollfd, 1, 0) != 0;
}

/* What was built for a session that nobody may enter. */
struct undoing {
	const struct daemon *daemon;
	struct session session;
};

static int on_undo(sd_event_source *source, uint64_t when, void *context)
{
	_cleanup_(freep) struct undoing *undoing = context;
	const struct session *session = &undoing->session;
	struct ended ended;
	bool alone = true;

	(void)when;
	for (const struct registered *s = undoing->daemon->sessions; s; s = s->next)
		alone &= s->session.uid != session->uid;
	(void)ending_session(session, NULL, alone, UNDO_MS, &ended, NULL);
	(void)ending_clean(session, alone, NULL);
	sd_event_source_unref(source);
	return 0;
}

/* Taken back a moment later: sshd tells the agent why, and hangs up once the login shell refuses,
 * which it does because there is no such session. Who ended the connection at once would cut the
 * sentence off. */
static void undo(struct daemon *daemon, const struct opening *opening)
{
	struct undoing *undoing = malloc(sizeof(*undoing));
	sd_event_source *source = NULL;

	keeping_forget(PATH_SESSIONS, opening->session.id);
	if (!undoing)
		return; /* its keeper ends when the connection does */
	*undoing = (struct undoing){ daemon, opening->session };
	if (sd_event_add_time_relative(daemon->event, &source, CLOCK_MONOTONIC, UNDO_AFTER_US, 0,
		    on_undo, undoing) < 0)
		free(undoing);
}

static void answer_open(struct connection *connection, const struct opening *opening, bool open)
{
	struct wire_verdict answer = { .header = wire_header(WIRE_OPEN) };
	size_t n_fds = open && opening->namespaces.fds[0] >= 0 ? NAMESPACES : 0;

	answer.verdict = opening->judgement.verdict;
	answer.descriptors = (uint32_t)n_fds;
	memcpy(answer.text, opening->judgement.text, sizeof(answer.text));
	connection_answer(connection, &answer, sizeof(answer), opening->namespaces.fds, n_fds);
}

static void refuse_broken(struct daemon *daemon, struct connection *connection,
	struct opening *opening, int r, const struct problem *problem)
{
	struct grant grant = { .verdict = VERDICT_STORE_CLOSED };
	struct grant_host host = {
		.host_id = "", .host_name = "this host", .customer = "your customer"
	};

	(void)daemon;
	log_about(LOG_ERR, opening->judgement.login, opening->session.id,
		"cannot open a session for %s: %s", opening->login->user,
		problem->text[0] ? problem->text : strerror(-r));
	opening->judgement.verdict = VERDICT_BROKEN;
	grant.verdict = VERDICT_BROKEN;
	grant_sentence(&host, NULL, &grant, moment_now(), opening->judgement.text,
		sizeof(opening->judgement.text));
	answer_open(connection, opening, false);
}

/* A session that is admitted: watched, told of, and answered, in this order. */
static void admit(
	struct daemon *daemon, struct connection *connection, struct opening *opening, int pidfd)
{
	const struct session *session = &opening->session;
	int r = registry_add(daemon, session, pidfd);

	if (r < 0) { /* the store has it: a round ends it when its connection is gone */
		log_about(LOG_ERR, session->login, session->id, "cannot watch a session: %s",
			strerror(-r));
	}
	answer_open(connection, opening, true);
	log_about(LOG_NOTICE, session->login, session->id,
		"opened session %s for %s from %s, %s, until %" PRId64, session->id,
		opening->login->user, session->remote_host, scope_name(session->scope),
		session->until);
}

static void open_session(struct daemon *daemon, struct connection *connection,
	struct opening *opening, int pidfd, int64_t now)
{
	_cleanup_(closep) int monitor = pidfd;
	struct problem problem = PROBLEM_NONE;
	pid_t pid = connection_peer(connection)->pid;
	int r = describe(opening, pid, now);

	if (r == 0 && (monitor < 0 || has_ended(monitor)))
		r = -ESRCH;
	if (r < 0) {
		refuse_broken(daemon, connection, opening, r, &problem);
		return;
	}
	r = build(daemon, opening, &problem);
	if (r == 0)
		r = commit(daemon, opening, pid, now, &problem);
	if (r == 0 && opening->judgement.verdict == VERDICT_OK) {
		admit(daemon, connection, opening, TAKE_FD(monitor));
		return;
	}
	if (r < 0)
		refuse_broken(daemon, connection, opening, r, &problem);
	else
		answer_open(connection, opening, false);
	undo(daemon, opening);
}

static void refuse_unchecked(struct judgement *judgement)
{
	judgement->verdict = VERDICT_BROKEN;
	(void)snprintf(judgement->text, sizeof(judgement->text),
		"supportaccess: this host lets nobody in whom its PAM account stack did not check. "
		" "
		"[%s]\n  Do     ask your customer to run there: sudo supportaccess doctor",
		verdict_word(judgement->verdict));
	log_about(LOG_ERR, judgement->login, NULL,
		"refused a session of %s: pam_supportaccess.so was not asked in the account stack "
		"(supportaccess doctor)",
		judgement->login);
}

void handle_open(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size)
{
	_cleanup_(namespaces_done) struct namespaces unused = NAMESPACES_NONE;
	struct opening opening = { .login = message, .namespaces = NAMESPACES_NONE };
	pid_t pid = connection_peer(connection)->pid;
	int64_t now = moment_now();

	if (!wire_login_is_sound(message, size))
		return;
	judge(daemon, opening.login, pid, now, &opening.judgement);
	/* What runs inside a session (sudo) is part of it and no session of its own. */
	if (opening.judgement.verdict != VERDICT_OK || registry_of_process(daemon, pid)) {
		answer_open(connection, &opening, false);
		return;
	}
	if (!checked_take(&daemon->checked, pid, opening.login->uid, moment_boot())) {
		refuse_unchecked(&opening.judgement);
		answer_open(connection, &opening, false);
		return;
	}
	open_session(daemon, connection, &opening, connection_pidfd(connection), now);
	unused = opening.namespaces; /* closed here: the asker has his own */
}

/* A hint, and not believed: the connection's process tells by its own end, which follows. Should
 * it hang, the session is over anyway once a round finds its shell gone or its time up. */
void handle_close(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size)
{
	const struct registered *registered;

	if (!wire_login_is_sound(message, size))
		return;
	registered = registry_of_process(daemon, connection_peer(connection)->pid);
	if (registered && registered->session.monitor.pid == connection_peer(connection)->pid)
		log_about(LOG_INFO, registered->session.login, registered->session.id,
			"session %s closes", registered->session.id);
}
