/* SPDX-License-Identifier: MIT */

/* WIRE_ACCOUNT: sshd waits for this answer, so it reads and does not write. */

#include "daemon/handlers.h"
#include "daemon/judge.h"
#include "daemon/log.h"
#include "lib/moment.h"

#include <string.h>

void handle_account(
	struct daemon *daemon, struct connection *connection, const void *message, size_t size)
{
	const struct wire_login *login = message;
	struct wire_verdict answer = { .header = wire_header(WIRE_ACCOUNT) };
	struct judgement judgement;

	if (!judge_is_sound(message, size))
		return;
	judge(daemon, login, connection_peer(connection)->pid, moment_now(), &judgement);
	answer.verdict = judgement.verdict;
	if (judgement.verdict != VERDICT_OK) /* the banner is for the session */
		memcpy(answer.text, judgement.text, sizeof(answer.text));
	else
		checked_note(&daemon->checked, connection_peer(connection)->pid, login->uid,
			moment_boot());
	connection_answer(connection, &answer, sizeof(answer), NULL, 0);
	if (judgement.verdict == VERDICT_OK || judgement.verdict == VERDICT_NOT_OURS)
		return;
	refusals_count(&daemon->refusals, judgement.login, judgement.verdict);
	log_about(LOG_NOTICE, judgement.login, NULL, "refused %s from %s: %s", login->user,
		login->remote_host, verdict_word(judgement.verdict));
}
