/* SPDX-License-Identifier: MIT */

/* WIRE_ACCOUNT: sshd waits for this answer, so it reads and does not write. What is to be noted of
 * it is read from /proc behind the answer, but before the loop hears of the session. */

#include "daemon/handlers.h"
#include "daemon/judge.h"
#include "daemon/log.h"
#include "lib/cleanup.h"
#include "lib/moment.h"

#include <string.h>

void handle_account(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size)
{
	const struct wire_login *login = message;
	struct wire_verdict answer = { .header = wire_header(WIRE_ACCOUNT) };
	pid_t pid = connection_peer(connection)->pid;
	_cleanup_(closep) int asker = -EBADF;
	struct judgement judgement;

	if (!wire_login_is_sound(message, size))
		return;
	judge(daemon, login, pid, moment_now(), &judgement);
	answer.verdict = judgement.verdict;
	memcpy(answer.text, judgement.text, sizeof(answer.text));
	if (judgement.verdict == VERDICT_OK)
		asker = connection_pidfd(connection);
	connection_answer(connection, &answer, sizeof(answer), NULL, 0);
	if (judgement.verdict == VERDICT_OK)
		checked_note(&daemon->checked, pid, asker, login->uid, moment_boot());
	if (judgement.verdict == VERDICT_OK || judgement.verdict == VERDICT_NOT_OURS)
		return;
	refusals_count(&daemon->refusals, judgement.login, judgement.verdict);
	log_about(LOG_NOTICE, judgement.login, NULL, "refused %s from %s: %s", login->user,
		login->remote_host, verdict_word(judgement.verdict));
}
