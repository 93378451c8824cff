/* SPDX-License-Identifier: MIT */

/* Everything that a change entails stands in one function, host_changed. Since it was committed the
 * account check lets nobody new in, so who is in gets out first; then accounts and keys follow,
 * which takes longer, it is signed, and the daemon hears of it. */

#include "admin/host.h"

#include "admin/ask.h"
#include "host/chain.h"
#include "host/facts.h"
#include "host/publish.h"
#include "lib/moment.h"
#include "lib/paths.h"
#include "lib/wire.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define POKE_TIMEOUT_MS 2000

const struct signers host_approvers = {
	.file = PATH_APPROVERS,
	.directory = PATH_APPROVERS_D,
	.revoked = PATH_REVOKED_KEYS,
	.user = USER_VERIFY,
};
const struct signers host_agents = {
	.file = PATH_AGENTS,
	.revoked = PATH_REVOKED_KEYS,
	.user = USER_VERIFY,
};

static int read_fact(struct host *host, const char *fact, char *ret, size_t ret_size)
{
	_cleanup_(freep) char *text = NULL;
	int r = store_get(host->store, fact, &text);

	if (r == 0 && (size_t)snprintf(ret, ret_size, "%s", text) >= ret_size)
		r = -EBADMSG;
	return r;
}

static int read_facts(struct host *host, struct problem *problem)
{
	int r = read_fact(host, FACT_HOST_ID, host->id, sizeof(host->id));

	if (r == 0)
		r = read_fact(host, FACT_HOST_NAME, host->name, sizeof(host->name));
	if (r == 0)
		r = read_fact(host, FACT_CUSTOMER, host->customer, sizeof(host->customer));
	if (r == -ENOENT)
		return problem_say(
			problem, r, "this host is not enrolled: supportaccess enroll URL");
	if (r < 0)
		return problem_say(problem, r, "cannot read %s: %s", PATH_STORE, strerror(-r));
	if ((size_t)snprintf(host->by, sizeof(host->by), "root@%s", host->name) >= sizeof(host->by))
		return problem_say(
			problem, -EBADMSG, "%s: the host's name is too long", PATH_STORE);
	ask_caller(host->caller, sizeof(host->caller));
	return 0;
}

/* A broken configuration closes, it does not keep anyone from closing. */
static int load_config(enum host_verb kind, struct config *ret, struct problem *problem)
{
	struct problem why = PROBLEM_NONE;
	int r = config_load(PATH_CONFIG_VENDOR, PATH_CONFIG, ret, &why);

	if (r == 0)
		return 0;
	if (kind == HOST_OPENS)
		return problem_say(problem, r, "%s", why.text);
	fprintf(stderr, "supportaccess: %s; going on with the shipped settings\n", why.text);
	return config_load(PATH_CONFIG_VENDOR, "/nonexistent", ret, problem);
}

static int open_store(struct host *host, struct problem *problem)
{
	int r = store_open(PATH_STORE, false, &host->store, problem);

	if (r == -ENOENT)
		return problem_say(
			problem, r, "this host is not enrolled: supportaccess enroll URL");
	if (r < 0)
		return problem_say(problem, r, "cannot open %s: %s", PATH_STORE, strerror(-r));
	r = store_use_tombstones(host->store, PATH_SESSIONS);
	return r < 0 ? r : read_facts(host, problem);
}

int host_open(const char *verb, enum host_verb kind, struct host *ret, struct problem *problem)
{
	struct host host = { .now = moment_now() };
	int r = ask_is_root(verb, problem);

	if (r == 0 && kind == HOST_OPENS)
		r = ask_may_open(verb, problem);
	if (r == 0)
		r = load_config(kind, &host.config, problem);
	if (r == 0)
		r = open_store(&host, problem);
	if (r < 0) {
		host_done(&host);
		return r;
	}
	*ret = host;
	return 0;
}

void host_done(struct host *host)
{
	store_free(host->store);
	config_done(&host->config);
	*host = (struct host){ 0 };
}

struct ingest host_ingest(const struct host *host)
{
	return (struct ingest){
		.store = host->store,
		.config = &host->config,
		.approvers = &host_approvers,
		.agents = &host_agents,
		.now = host->now,
		.caller = host->caller,
	};
}

int host_poke(void)
{
	struct wire_header request = wire_header(WIRE_CHANGED);
	struct wire_done done = { 0 };
	size_t size = 0;
	int r = wire_ask(PATH_CONTROL_SOCKET, POKE_TIMEOUT_MS, &request, sizeof(request), &done,
		sizeof(done), &size, NULL, NULL);

	if (r == 0 && size != sizeof(done))
		r = -EPROTO;
	return r < 0 ? r : done.result;
}

int host_changed(struct host *host, const char *by, const char *cause, struct ending_report *ret,
	struct problem *problem)
{
	static const struct publish_paths paths = { PATH_VIEW, PATH_KEYS };
	const struct ending_order order = { .uncovered_only = true, .by = by, .cause = cause };
	struct ending_report report = { .clean = true };
	int published, ended, signature;

	ended = ending_run(host->store, &host->config, &order, host->now, &report, problem);
	published = publish(host->store, &host->config, &paths, host->now, problem);
	signature = chain_sign(host->store, PATH_HOST_KEY, host->now, problem);
	if (host_poke() < 0)
		fprintf(stderr,
			"supportaccess: supportaccessd does not answer; what was to do is done "
			"without it, but nobody is let in until it runs: "
			"systemctl start supportaccessd\n");
	if (ret)
		*ret = report;
	return ended < 0 ? ended : published < 0 ? published : signature;
}

bool host_is_mute(int why)
{
	return why < 0 && why != -EPERM && geteuid() == 0 && access(PATH_STORE, F_OK) == 0;
}

int host_end_blind(const char *cause, struct ending_report *ret, struct problem *problem)
{
	int r = ending_blind(cause, moment_now(), ret, problem);

	(void)host_poke();
	return r;
}
