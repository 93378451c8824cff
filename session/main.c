/* SPDX-License-Identifier: MIT */

/* supportaccess-shell: the login shell of support accounts, one for all scopes.
 *
 * It asks the daemon whose session it is in; no answer, no shell. Then it confines itself, makes
 * a clean environment and becomes the real shell. session/command.c tells how sshd calls it.
 *
 * It is static and installed 0711, so from its first instruction on nothing that the agent left
 * in a file or a variable runs in it, and the agent cannot trace it. */

#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/verdict.h"
#include "lib/wire.h"
#include "session/command.h"
#include "session/confine.h"
#include "session/environment.h"

#include <stdio.h>
#include <string.h>

#define ASK_TIMEOUT_MS 2000

static int refuse(const char *why)
{
	(void)fprintf(stderr, "supportaccess: %s\n", why);
	return 1;
}

static const char *ask_problem(int r)
{
	static char text[256];

	(void)snprintf(text, sizeof(text),
		"this host cannot say whose session this is: its supportaccess %s [%s]",
		r == -ETIMEDOUT ? "did not answer in time" : "is not running",
		verdict_word(VERDICT_BROKEN));
	return text;
}

static bool is_clean(const struct wire_shell *answer)
{
	return wire_text_is_clean(answer->home, sizeof(answer->home)) &&
	       wire_text_is_clean(answer->shell, sizeof(answer->shell)) &&
	       wire_text_is_clean(answer->text, sizeof(answer->text));
}

/* Returns 0 and the answer, which is VERDICT_OK; otherwise it has said why not. */
static int ask(struct wire_shell *ret)
{
	struct wire_header request = wire_header(WIRE_SHELL);
	size_t size = 0;
	int r = wire_ask(PATH_SESSION_SOCKET, ASK_TIMEOUT_MS, &request, sizeof(request), ret,
		sizeof(*ret), &size, NULL, NULL);

	if (r == 0 && (size != sizeof(*ret) || !is_clean(ret)))
		r = -EPROTO;
	if (r < 0) {
		(void)refuse(ask_problem(r));
		return r;
	}
	if (ret->verdict == VERDICT_OK)
		return 0;
	(void)refuse(ret->text[0] ? ret->text : "this is no open support session");
	return -EACCES;
}

int main(int argc, char **argv)
{
	struct confine_reason reason = { { 0 } };
	struct environment environment = { .n = 0 };
	struct wire_shell answer = { 0 };
	struct command command;

	if (ask(&answer) < 0)
		return 1;
	if (command_choose(argc, argv, getenv("SSH_ORIGINAL_COMMAND"), answer.shell, &command) < 0)
		return refuse("this shell is reached through ssh and the key line that "
			      "supportaccess wrote, in no other way");
	if (environment_build(environ, answer.home, answer.shell, &environment) < 0)
		return refuse("the daemon gave a home or a shell that makes no sense");
	if (command.interactive && answer.text[0])
		(void)puts(answer.text);
	(void)fflush(stdout);
	if (chdir(answer.home) < 0 && chdir("/") < 0)
		return refuse("cannot enter the home, nor /");
	if (confine((enum scope)answer.scope, answer.max_processes, answer.home, &reason) < 0)
		return refuse(reason.text);
	if (close_range(STDERR_FILENO + 1, ~0U, 0) < 0)
		return refuse("cannot close what sshd left open");
	(void)execve(command.path, (char *const *)command.argv, environment.variables);
	(void)fprintf(stderr, "supportaccess: cannot run %s: %m\n", command.path);
	return 1;
}
