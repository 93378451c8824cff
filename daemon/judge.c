/* SPDX-License-Identifier: MIT */

/* From a name to a verdict. Guards in the order in which a person would want to hear of them:
 * whose account is it, can anything be checked at all, is this a way in that support may use, what
 * did the customer say, is there room. */

#include "daemon/judge.h"

#include "daemon/log.h"
#include "daemon/registry.h"
#include "daemon/round.h"
#include "host/accounts.h"
#include "host/grants.h"
#include "host/rejudge.h"

#include <stdio.h>
#include <string.h>

#define SERVICE_SSHD "sshd"
#define SERVICE_SUDO "sudo"

/* Refuses with the words of core/grant, which need a host to speak of. */
static void refuse(
	struct judgement *ret, const struct grant_host *host, enum verdict verdict, int64_t now)
{
	struct grant grant = { .verdict = verdict };

	ret->verdict = verdict;
	grant_sentence(host, NULL, &grant, now, ret->text, sizeof(ret->text));
}

/* For when not even the host's name can be read from the store. */
static void refuse_broken(struct judgement *ret, int64_t now)
{
	char name[DOCUMENT_NAME_MAX + 1] = "";
	struct grant_host host = { .host_id = "", .host_name = name, .customer = "your customer" };

	if (gethostname(name, sizeof(name) - 1) < 0 || !name[0])
		(void)snprintf(name, sizeof(name), "this host");
	refuse(ret, &host, VERDICT_STORE_CLOSED, now);
}

/* An account of another source wins. One with the name is theirs; beside one that has only the
 * number, ours is refused. Asking the other sources costs a process, so it is done only when
 * something does not fit; and without their yes an account that does not fit is refused, not
 * ignored. */
static bool is_foreign(struct daemon *daemon, const struct wire_login *login,
	const struct judgement *judgement, enum verdict *ret_refusal)
{
	struct account_row account;
	int r = accounts_find(daemon->store, judgement->login, &account);
	bool fits = r == 0 && account.uid == login->uid && login->gid == ACCOUNT_GID;

	if (fits && !account.conflict)
		return false;
	if (r < 0 && r != -ENOENT) {
		*ret_refusal = VERDICT_STORE_CLOSED;
		return false;
	}
	if (accounts_probe_system(&(struct account_key){ .name = login->user }, 1) > 0)
		return true;
	if (!fits || !accounts_uid_is_alone(login->uid))
		*ret_refusal = VERDICT_NONE;
	return false; /* or the conflict is over */
}

/* sudo inside an open admin session; sshd; nothing else. */
static bool is_admitted_service(
	const struct daemon *daemon, const struct wire_login *login, pid_t pid)
{
	const struct registered *session;

	if (strcmp(login->service, SERVICE_SSHD) == 0)
		return true;
	if (strcmp(login->service, SERVICE_SUDO) != 0)
		return false;
	session = registry_of_process(daemon, pid);
	return session && session->session.uid == login->uid &&
	       session->session.scope == SCOPE_ADMIN;
}

/* Signers that are still to be judged anew (the daemon has just started, a file of keys has just
 * changed, or judging failed) are judged for this one login. */
static enum verdict verify_anew(struct daemon *daemon, const struct grant *grant, int64_t now)
{
	const struct ingest ingest = { .store = daemon->store,
		.config = &daemon->config,
		.approvers = &daemon->approvers,
		.agents = &daemon->agents,
		.now = now };
	struct problem problem = PROBLEM_NONE;
	int r;

	if (!round_is_unjudged(daemon))
		return VERDICT_OK;
	r = rejudge_request(&ingest, &grant->request, &problem);
	if (r < 0)
		log_say(LOG_ERR, "cannot let anybody in: %s",
			problem.text[0] ? problem.text : strerror(-r));
	return r == 0 ? VERDICT_OK : r == -EKEYREJECTED ? VERDICT_UNBACKED : VERDICT_UNVERIFIED;
}

static void judge_grants(
	struct daemon *daemon, const struct grant_host *host, int64_t now, struct judgement *ret)
{
	_cleanup_(freep) struct request *request = NULL;
	int r = grants_find(daemon->store, host, ret->login, now, &ret->grant, &request);

	if (r < 0) {
		log_about(LOG_ERR, ret->login, NULL, "refusing %s: the store cannot be read: %s",
			ret->login, strerror(-r));
		refuse(ret, host, VERDICT_STORE_CLOSED, now);
		return;
	}
	if (ret->grant.verdict == VERDICT_OK)
		ret->grant.verdict = verify_anew(daemon, &ret->grant, now);
	ret->verdict = ret->grant.verdict;
	if (ret->verdict == VERDICT_OK &&
		(int64_t)daemon->n_sessions >= daemon->config.max_sessions) {
		refuse(ret, host, VERDICT_TOO_MANY, now);
		return;
	}
	if (ret->verdict != VERDICT_OK)
		grant_sentence(host, request, &ret->grant, now, ret->text, sizeof(ret->text));
}

static void judge_with_store(struct daemon *daemon, const struct wire_login *login, pid_t pid,
	int64_t now, struct judgement *ret)
{
	_cleanup_(grants_host_done) struct grant_host host = { 0 };
	enum verdict refusal = VERDICT_OK;

	if (grants_host(daemon->store, &daemon->config, now, &host, NULL) < 0) {
		refuse_broken(ret, now);
		return;
	}
	if (is_foreign(daemon, login, ret, &refusal)) {
		ret->verdict = VERDICT_NOT_OURS;
		return;
	}
	if (refusal == VERDICT_OK && !is_admitted_service(daemon, login, pid))
		refusal = VERDICT_SERVICE;
	if (refusal != VERDICT_OK)
		refuse(ret, &host, refusal, now);
	else
		judge_grants(daemon, &host, now, ret);
}

void judge(struct daemon *daemon, const struct wire_login *login, pid_t pid, int64_t now,
	struct judgement *ret)
{
	*ret = (struct judgement){ .verdict = VERDICT_BROKEN };
	(void)snprintf(ret->login, sizeof(ret->login), "%s", login->user + ACCOUNT_PREFIX_LEN);
	if (daemon_store(daemon) < 0 || store_read_begin(daemon->store) < 0) {
		refuse_broken(ret, now);
		return;
	}
	judge_with_store(daemon, login, pid, now, ret);
	store_read_end(daemon->store);
}
