/* SPDX-License-Identifier: MIT */

/* Fills this machine's store with approved grants, for measurements: far more than anybody could
 * sign in the time. Only for a throwaway machine.
 *
 *	seed AGENTS GRANTS
 *
 * GRANTS requests of `ana` and AGENTS - 1 others, each approved by root for 3 days. They go through
 * the same door as all documents (host/ingest.h); only who signed a request is not checked, because
 * the checking functions are replaced in here. */

#include "core/key.h"
#include "core/signature.h"
#include "host/enrolled.h"
#include "host/ingest.h"
#include "host/query.h"
#include "lib/base32.h"
#include "lib/moment.h"
#include "lib/paths.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HOST_KEY  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define AGENT_KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
#define DAY       (24 * 60 * 60)

static char agent_fingerprint[FINGERPRINT_MAX + 1];

int signature_verify(const struct signers *signers, enum document_type type, const char *identity,
	int64_t at, const char *bytes, size_t size, const char *signature, size_t signature_size,
	struct signed_by *ret, struct problem *problem)
{
	(void)signers, (void)type, (void)identity, (void)at, (void)bytes, (void)size;
	(void)signature, (void)signature_size, (void)problem;
	*ret = (struct signed_by){ .certificate = true };
	memcpy(ret->fingerprint, agent_fingerprint, sizeof(ret->fingerprint));
	return 0;
}

int signature_verify_key(const char *public_key, enum document_type type, const char *bytes,
	size_t size, const char *signature, size_t signature_size, struct problem *problem)
{
	(void)public_key, (void)type, (void)bytes, (void)size, (void)signature;
	(void)signature_size, (void)problem;
	return 0;
}

int signature_make(const char *key_path, enum document_type type, bool interactive,
	const char *bytes, size_t size, char **ret_signature, size_t *ret_size,
	struct problem *problem)
{
	(void)key_path, (void)type, (void)interactive, (void)bytes, (void)size;
	(void)ret_signature, (void)ret_size;
	return problem_say(problem, -ENOKEY, "nothing is signed in here");
}

static int nobody_else(const struct account_key *keys, size_t n)
{
	(void)keys, (void)n;
	return 0;
}

static int enrol(
	struct store *store, struct enrolment *enrolment, int64_t now, struct problem *problem)
{
	char machine_id[64] = "";
	FILE *file = fopen("/etc/machine-id", "re");

	if (!file || !fgets(machine_id, sizeof(machine_id), file))
		return problem_say(problem, -ENOENT, "no /etc/machine-id");
	(void)fclose(file);
	machine_id[strcspn(machine_id, "\n")] = '\0';
	*enrolment = (struct enrolment){ .customer = "acme",
		.host.name = "db1",
		.key = HOST_KEY,
		.address = "db1",
		.port = 22,
		.host_keys = { HOST_KEY },
		.n_host_keys = 1,
		.documents = { 1 },
		.n_documents = 1,
		.software = "seed",
		.created = now };
	if (key_host_id(HOST_KEY, enrolment->host.id) < 0)
		return problem_say(problem, -EINVAL, "no host id");
	return host_enrolled(store, enrolment, machine_id, now, "root", problem);
}

static int hand_in(const struct ingest *ingest, enum ingest_origin origin,
	const struct document *document, struct digest *ret, struct problem *problem)
{
	_cleanup_(freep) char *bytes = NULL;
	const char *signature = origin == INGEST_CENTRAL ? "-" : "";
	size_t size;
	int r = document_write(document, &bytes, &size, ret, problem);

	if (r < 0)
		return r;
	r = ingest_document(
		ingest, origin, bytes, size, signature, strlen(signature), -1, NULL, problem);
	return r > 0 ? -EPERM : r;
}

/* Request number `i` and root's approval of it. */
static int grant_one(const struct ingest *ingest, const struct enrolment *enrolment, int64_t i,
	int64_t agents, struct problem *problem)
{
	struct document request = { .type = DOCUMENT_REQUEST, .version = 1 };
	struct document decision = { .type = DOCUMENT_DECISION, .version = 1 };
	uint8_t random[DOCUMENT_NONCE_LEN] = { 0 };
	struct digest digest;
	int r;

	memcpy(random, &i, sizeof(i));
	request.request = (struct request){ .customer = "acme",
		.agent = { .name = "An Agent", .key = AGENT_KEY },
		.hosts = { enrolment->host },
		.n_hosts = 1,
		.scope = SCOPE_READ_ONLY,
		.length = 3 * DAY,
		.reason = "Index rebuild fails after 9.4 upgrade",
		.created = ingest->now,
		.pending_until = ingest->now + DAY };
	base32_encode(random, DOCUMENT_NONCE_LEN, request.request.nonce);
	if (i % agents == 0)
		(void)snprintf(
			request.request.agent.login, sizeof(request.request.agent.login), "ana");
	else
		(void)snprintf(request.request.agent.login, sizeof(request.request.agent.login),
			"agent%u", (unsigned)(i % agents));
	r = hand_in(ingest, INGEST_CENTRAL, &request, &digest, problem);
	if (r < 0)
		return r;
	decision.decision = (struct decision){ .approve = true,
		.scope = SCOPE_READ_ONLY,
		.n_hosts = 1,
		.length = 3 * DAY,
		.latest_end = ingest->now + 30 * DAY,
		.approver = "root@db1",
		.decided = ingest->now };
	digest_to_hex(&digest, decision.decision.request);
	memcpy(decision.decision.hosts[0], enrolment->host.id, sizeof(enrolment->host.id));
	return hand_in(ingest, INGEST_ROOT, &decision, NULL, problem);
}

/* Judged anew, as at each start of the daemon, none of the signatures would hold. What root made is
 * not judged anew. */
static int call_all_roots(struct store *store)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store, "UPDATE documents SET root = 1", &query);

	return r < 0 ? r : query_run(&query);
}

int main(int argc, char **argv)
{
	_cleanup_(store_freep) struct store *store = NULL;
	struct problem problem = PROBLEM_NONE;
	struct enrolment enrolment;
	struct config config = { 0 };
	struct signers nobody = { .file = "/dev/null" };
	struct ingest ingest = { .config = &config,
		.approvers = &nobody,
		.agents = &nobody,
		.now = moment_now(),
		.caller = "root",
		.probe = nobody_else };
	int64_t agents = argc == 3 ? strtoll(argv[1], NULL, 10) : 0;
	int64_t grants = argc == 3 ? strtoll(argv[2], NULL, 10) : 0;
	int r;

	if (agents < 1 || grants < agents) {
		fprintf(stderr, "usage: seed AGENTS GRANTS\n");
		return 2;
	}
	r = key_fingerprint(AGENT_KEY, agent_fingerprint);
	if (r == 0)
		r = config_load(PATH_CONFIG_VENDOR, PATH_CONFIG, &config, &problem);
	if (r == 0)
		r = store_open(PATH_STORE, true, &store, &problem);
	if (r == 0)
		r = enrol(store, &enrolment, ingest.now, &problem);
	ingest.store = store;
	for (int64_t i = 0; r == 0 && i < grants; i++)
		r = grant_one(&ingest, &enrolment, i, agents, &problem);
	if (r == 0)
		r = call_all_roots(store);
	config_done(&config);
	if (r < 0)
		fprintf(stderr, "seed: %s\n", problem.text[0] ? problem.text : strerror(-r));
	return r < 0 ? 1 : 0;
}
