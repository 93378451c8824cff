/* SPDX-License-Identifier: MIT */

/* The PAM module: a thin client of the daemon.
 *
 * Every login of every user of the machine passes here, so the first thing asked is whether the
 * name is ours, and for any other the answer is PAM_IGNORE at once, without a system call. For
 * ours, and for whatever is unclear about ours, the answer is no unless the daemon said yes.
 *
 * The module keeps nothing between two calls: closing a session needs no memory of opening it,
 * because the daemon knows sessions by the process that asks (SO_PEERCRED), which is sshd's
 * monitor both times. */

#include "lib/cleanup.h"
#include "lib/wire.h"
#include "pam_supportaccess/answer.h"
#include "pam_supportaccess/arguments.h"
#include "pam_supportaccess/login.h"

#include <sched.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <string.h>
#include <syslog.h>

#define EXPORT __attribute__((visibility("default")))

/* The namespaces of a read-only session, in the order of entering (lib/wire.h). */
static const int namespace_types[] = { CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWPID };
#define NAMESPACES (sizeof(namespace_types) / sizeof(namespace_types[0]))

struct answer {
	struct wire_verdict verdict;
	int fds[WIRE_FDS_MAX];
	size_t n_fds;
};

static void answer_done(struct answer *answer)
{
	for (size_t i = 0; i < answer->n_fds; i++)
		(void)close(answer->fds[i]);
	answer->n_fds = 0;
}

static bool makes_sense(const struct answer *answer, size_t size)
{
	const struct wire_verdict *verdict = &answer->verdict;

	if (size != sizeof(*verdict) || verdict->verdict > VERDICT_LAST)
		return false;
	if (verdict->descriptors != answer->n_fds)
		return false;
	if (answer->n_fds != 0 && (answer->n_fds != NAMESPACES || verdict->verdict != VERDICT_OK))
		return false;
	return wire_text_is_clean(verdict->text, sizeof(verdict->text));
}

/* Asks the daemon; whatever goes wrong is a verdict too, with a sentence of our own. */
static void ask(
	const struct arguments *arguments, const struct wire_login *login, struct answer *ret)
{
	size_t size = 0;
	int r;

	r = wire_ask(arguments->socket, arguments->timeout_ms, login, sizeof(*login), &ret->verdict,
		sizeof(ret->verdict), &size, ret->fds, &ret->n_fds);
	if (r == 0 && makes_sense(ret, size))
		return;
	answer_done(ret);
	ret->verdict = (struct wire_verdict){ .verdict = VERDICT_BROKEN };
	answer_broken(r < 0 ? r : -EPROTO, ret->verdict.text);
}

/* Asks about `name` and shows what the daemon says. */
static int ask_about(pam_handle_t *pam, const char *name, const struct arguments *arguments,
	enum phase phase, enum wire_op op, struct answer *ret)
{
	struct wire_login login = { .header = wire_header(op) };
	int code;

	code = login_look_up(name, &login);
	if (code == PAM_AUTH_ERR || code == PAM_USER_UNKNOWN)
		return phase == PHASE_SESSION ? PAM_SESSION_ERR : code;
	if (code != PAM_SUCCESS)
		return code;
	if (login_describe(pam, name, &login) < 0) {
		pam_syslog(pam, LOG_ERR,
			"refusing %s: service, terminal or remote host is too long", name);
		return answer_code(phase, VERDICT_BROKEN);
	}
	ask(arguments, &login, ret);
	code = answer_code(phase, ret->verdict.verdict);
	if (code != PAM_SUCCESS && code != PAM_IGNORE)
		pam_syslog(pam, LOG_NOTICE, "refused %s: %s", name,
			verdict_word((enum verdict)ret->verdict.verdict));
	else if (arguments->debug)
		pam_syslog(pam, LOG_DEBUG, "%s: %s, %zu namespaces", name,
			verdict_word((enum verdict)ret->verdict.verdict), ret->n_fds);
	return code;
}

/* Enters what the daemon built. The working directory first: it would stay outside. A process
 * that is half inside is refused by the caller, by sshd (which starts nothing without a session)
 * and by the daemon (which gives no shell outside the session's namespaces). */
static int enter(pam_handle_t *pam, const struct answer *answer)
{
	if (answer->n_fds == 0)
		return 0;
	if (chdir("/") < 0)
		goto failed;
	for (size_t i = 0; i < NAMESPACES; i++)
		if (setns(answer->fds[i], namespace_types[i]) < 0)
			goto failed;
	return 0;
failed:
	pam_syslog(pam, LOG_ERR, "cannot enter the namespaces of the session: %m");
	return -EIO;
}

/* Sent and not waited for. Inside a read-only session the control socket may be out of sight:
 * then nothing is sent, and nothing is lost, because the daemon watches this process and ends
 * what is left when it goes. */
static void tell_close(pam_handle_t *pam, const char *name, const struct arguments *arguments)
{
	struct wire_login login = { .header = wire_header(WIRE_CLOSE) };
	int r = login_describe(pam, name, &login);

	if (r == 0)
		r = wire_tell(arguments->socket, arguments->timeout_ms, &login, sizeof(login));
	if (r < 0 && arguments->debug)
		pam_syslog(pam, LOG_DEBUG, "%s: the end was not sent (%s); the daemon sees it",
			name, strerror(-r));
}

EXPORT int pam_sm_acct_mgmt(pam_handle_t *pam, int flags, int argc, const char **argv)
{
	_cleanup_(answer_done) struct answer answer = { 0 };
	const char *name = login_name(pam);
	struct arguments arguments;
	int code;

	if (!name)
		return PAM_IGNORE;
	arguments_read(pam, argc, argv, &arguments);
	code = ask_about(pam, name, &arguments, PHASE_ACCOUNT, WIRE_ACCOUNT, &answer);
	if (!(flags & PAM_SILENT) && code != PAM_SUCCESS)
		answer_show(pam, answer.verdict.text);
	return code;
}

EXPORT int pam_sm_open_session(pam_handle_t *pam, int flags, int argc, const char **argv)
{
	_cleanup_(answer_done) struct answer answer = { 0 };
	const char *name = login_name(pam);
	struct arguments arguments;
	int code;

	if (!name)
		return PAM_IGNORE;
	arguments_read(pam, argc, argv, &arguments);
	code = ask_about(pam, name, &arguments, PHASE_SESSION, WIRE_OPEN, &answer);
	if (code == PAM_SUCCESS && enter(pam, &answer) < 0) {
		tell_close(pam, name, &arguments);
		return PAM_SESSION_ERR;
	}
	if (!(flags & PAM_SILENT) && code != PAM_SUCCESS)
		answer_show(pam, answer.verdict.text);
	return code;
}

EXPORT int pam_sm_close_session(pam_handle_t *pam, int flags, int argc, const char **argv)
{
	const char *name = login_name(pam);
	struct arguments arguments;

	(void)flags;
	if (!name)
		return PAM_IGNORE;
	arguments_read(pam, argc, argv, &arguments);
	tell_close(pam, name, &arguments);
	return PAM_SUCCESS;
}

/* Who somebody is, sshd has found out by the key. */
EXPORT int pam_sm_authenticate(pam_handle_t *pam, int flags, int argc, const char **argv)
{
	(void)pam, (void)flags, (void)argc, (void)argv;
	return PAM_IGNORE;
}

EXPORT int pam_sm_setcred(pam_handle_t *pam, int flags, int argc, const char **argv)
{
	(void)pam, (void)flags, (void)argc, (void)argv;
	return PAM_IGNORE;
}
