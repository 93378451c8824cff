/* SPDX-License-Identifier: MIT */
#pragma once

/* The host db1 of acme with a store of its own, the agents ana and ben, the approvers carol and
 * dan, all with real keys. Keys are made once for each test program, the store for each test. */

#include "core/config.h"
#include "core/key.h"
#include "core/signature.h"
#include "host/accounts.h"
#include "host/chain.h"
#include "host/documents.h"
#include "host/enrolled.h"
#include "host/facts.h"
#include "host/grants.h"
#include "host/ingest.h"
#include "host/publish.h"
#include "host/rejudge.h"
#include "host/store.h"
#include "lib/child.h"
#include "lib/paths.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define NOW    ((int64_t)1800000000)
#define HOUR   ((int64_t)3600)
#define DAY    (24 * HOUR)
#define UNUSED __attribute__((unused))

static char keys_dir[] = "/tmp/host-test-keys-XXXXXX";
static char dir[] = "/tmp/host-test-XXXXXX";
static char path[128];
static struct store *store;
static struct config config;
static struct ingest ingest;
static struct problem problem;
static char host_id[HOST_ID_LEN + 1], host_key[DOCUMENT_KEY_MAX + 1];
static char approvers_file[128], agents_file[128], revoked_file[128];
static struct signers approvers, agents;
static int nonces;

/* What another source of the machine has, in tests of conflicts. */
static const char *foreign_name = "";
static uint32_t foreign_uid;

static int probe(const struct account_key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((keys[i].name && strcmp(keys[i].name, foreign_name) == 0) ||
			(keys[i].uid && keys[i].uid == foreign_uid))
			return 1;
	return 0;
}

/* --- keys --------------------------------------------------------------------------------- */

UNUSED static void run(const char *const *argv)
{
	struct child child = { .path = argv[0], .argv = argv, .timeout_ms = 10000 };
	struct child_result result;

	ck_assert_int_eq(child_run(&child, &result), 0);
	ck_assert_msg(result.status == 0, "%s: %s", argv[0], result.error);
	child_result_done(&result);
}

UNUSED static const char *in(const char *folder, const char *name)
{
	static char texts[8][192];
	static int next;
	char *text = texts[next++ % 8];

	snprintf(text, sizeof(texts[0]), "%s/%s", folder, name);
	return text;
}

#define KEY(name) in(keys_dir, name)

/* "type base64" of a public key file. */
UNUSED static void read_key(const char *name, char ret[static DOCUMENT_KEY_MAX + 1])
{
	char file[64];
	FILE *f;
	char *space;

	snprintf(file, sizeof(file), "%s.pub", name);
	f = fopen(KEY(file), "re");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(ret, DOCUMENT_KEY_MAX + 1, f));
	fclose(f);
	ret[strcspn(ret, "\n")] = '\0';
	space = strchr(strchr(ret, ' ') + 1, ' ');
	if (space)
		*space = '\0';
}

UNUSED static void make_key(const char *name)
{
	run((const char *const[]){ PATH_SSH_KEYGEN, "-q", "-t", "ed25519", "-N", "", "-C", name,
		"-f", KEY(name), NULL });
}

UNUSED static void certify(const char *ca, const char *name, const char *validity)
{
	char file[64];

	snprintf(file, sizeof(file), "%s.pub", name);
	run((const char *const[]){ PATH_SSH_KEYGEN, "-q", "-s", KEY(ca), "-I", name, "-n", name,
		"-V", validity, KEY(file), NULL });
}

#define VALID "20200101:20400101"

UNUSED static void make_keys(void)
{
	static const char *const names[] = { "carol", "dan", "mallory", "ana", "ben", "ca",
		"other-ca", "host" };

	ck_assert_ptr_nonnull(mkdtemp(keys_dir));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		make_key(names[i]);
	certify("ca", "ana", VALID);
	certify("ca", "ben", VALID);
	read_key("host", host_key);
	ck_assert_int_eq(key_host_id(host_key, host_id), 0);
}

UNUSED static void remove_keys(void)
{
	run((const char *const[]){ "/bin/rm", "-r", keys_dir, NULL });
}

UNUSED static void write_text(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* The `approvers` file with those of carol and dan that are named. */
UNUSED static void trust(bool carol, bool dan)
{
	char key[DOCUMENT_KEY_MAX + 1], text[4096] = "# approvers\n";

	if (carol) {
		read_key("carol", key);
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			"carol namespaces=\"decision@supportaccess,revocation@supportaccess\" %s\n",
			key);
	}
	if (dan) {
		read_key("dan", key);
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			"dan namespaces=\"decision@supportaccess,revocation@supportaccess\" %s\n",
			key);
	}
	write_text(approvers_file, text);
}

UNUSED static void trust_authority(const char *ca)
{
	char key[DOCUMENT_KEY_MAX + 1], text[4096];

	read_key(ca, key);
	snprintf(text, sizeof(text),
		"* cert-authority,namespaces=\"request@supportaccess,closing@supportaccess\" %s\n",
		key);
	write_text(agents_file, text);
}

/* --- the host ----------------------------------------------------------------------------- */

UNUSED static void open_store(void)
{
	ck_assert_msg(store_open(path, true, &store, &problem) == 0, "%s", problem.text);
	ingest.store = store;
}

UNUSED static void enrol(void)
{
	struct enrolment enrolment = { .customer = "acme", .port = 22, .created = NOW };
	struct machine machine;

	ck_assert_int_eq(machine_read(&machine), 0);
	strcpy(enrolment.host.id, host_id);
	strcpy(enrolment.host.name, "db1");
	strcpy(enrolment.key, host_key);
	ck_assert_int_eq(
		host_enrolled(store, &enrolment, machine.id, NOW - DAY, "root", &problem), 0);
}

UNUSED static void set_up(void)
{
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/store.db", dir);
	snprintf(approvers_file, sizeof(approvers_file), "%s/approvers", dir);
	snprintf(agents_file, sizeof(agents_file), "%s/agents", dir);
	snprintf(revoked_file, sizeof(revoked_file), "%s/revoked", dir);
	approvers = (struct signers){ .file = approvers_file, .revoked = revoked_file };
	agents = (struct signers){ .file = agents_file, .revoked = revoked_file };
	trust(true, true);
	trust_authority("ca");
	config = (struct config){
		.max_scope = SCOPE_READ_WRITE, .max_pending = 200, .max_accounts = 100
	};
	ingest = (struct ingest){ .config = &config,
		.approvers = &approvers,
		.agents = &agents,
		.now = NOW,
		.probe = probe };
	foreign_name = "";
	foreign_uid = 0;
	problem = PROBLEM_NONE;
	open_store();
	enrol();
}

UNUSED static void tear_down(void)
{
	store_free(store);
	store = NULL;
	run((const char *const[]){ "/bin/rm", "-r", dir, NULL });
}

/* --- documents ---------------------------------------------------------------------------- */

struct made {
	char *bytes, *signature;
	size_t size, signature_size;
	char digest[DIGEST_HEX_LEN + 1];
};

UNUSED static void made_done(struct made *made)
{
	free(made->bytes);
	free(made->signature);
	*made = (struct made){ 0 };
}

/* Writes a document and signs it with `key` ("" none). */
UNUSED static struct made make(const struct document *document, const char *key)
{
	struct made made = { .signature = calloc(1, 1) };
	struct digest digest;

	problem = PROBLEM_NONE;
	ck_assert_msg(document_write(document, &made.bytes, &made.size, &digest, &problem) == 0,
		"%s", problem.text);
	digest_to_hex(&digest, made.digest);
	if (key[0]) {
		free(made.signature);
		ck_assert_msg(signature_make(KEY(key), document->type, false, made.bytes, made.size,
				      &made.signature, &made.signature_size, &problem) == 0,
			"%s", problem.text);
	}
	return made;
}

/* ana asks for db1, read-only, 3 days. */
UNUSED static struct document a_request(const char *login)
{
	struct document document = { .type = DOCUMENT_REQUEST, .version = 1 };
	struct request *request = &document.request;

	strcpy(request->customer, "acme");
	snprintf(request->agent.login, sizeof(request->agent.login), "%s", login);
	strcpy(request->agent.name, strcmp(login, "ben") == 0 ? "Ben Okri" : "Ana Sousa");
	read_key(strcmp(login, "ben") == 0 ? "ben" : "ana", request->agent.key);
	strcpy(request->hosts[0].id, host_id);
	strcpy(request->hosts[0].name, "db1");
	request->n_hosts = 1;
	request->scope = SCOPE_READ_ONLY;
	request->length = 3 * DAY;
	strcpy(request->reason, "Index rebuild fails after 9.4 upgrade");
	strcpy(request->ticket, "4711");
	request->created = NOW - HOUR;
	request->pending_until = NOW - HOUR + 3 * DAY;
	snprintf(request->nonce, sizeof(request->nonce), "%026d", ++nonces);
	return document;
}

/* carol approves all of `request` for 4 hours. */
UNUSED static struct document a_decision(const struct made *request)
{
	struct document document = { .type = DOCUMENT_DECISION, .version = 1 };
	struct decision *decision = &document.decision;

	strcpy(decision->request, request->digest);
	decision->approve = true;
	decision->scope = SCOPE_READ_ONLY;
	strcpy(decision->hosts[0], host_id);
	decision->n_hosts = 1;
	decision->length = 4 * HOUR;
	decision->decided = NOW - 60;
	decision->latest_end = NOW + 30 * DAY;
	strcpy(decision->approver, "carol");
	return document;
}

UNUSED static struct document a_revocation(const struct made *request)
{
	struct document document = { .type = DOCUMENT_REVOCATION, .version = 1 };

	strcpy(document.revocation.request, request->digest);
	strcpy(document.revocation.by, "carol");
	document.revocation.revoked = NOW;
	strcpy(document.revocation.reason, "done, thank you");
	return document;
}

UNUSED static struct document a_closing(const struct made *request, const char *agent)
{
	struct document document = { .type = DOCUMENT_CLOSING, .version = 1 };

	strcpy(document.closing.request, request->digest);
	strcpy(document.closing.agent, agent);
	document.closing.closed = NOW;
	strcpy(document.closing.summary, "rebuilt the index");
	return document;
}

UNUSED static int take_in(const struct made *made)
{
	problem = PROBLEM_NONE;
	return ingest_document(&ingest, INGEST_CENTRAL, made->bytes, made->size, made->signature,
		made->signature_size, -1, NULL, &problem);
}

/* Makes, signs and takes in; returns what happened. `ret` may be NULL. */
UNUSED static int send(const struct document *document, const char *key, struct made *ret)
{
	struct made made = make(document, key);
	int r = take_in(&made);

	if (ret)
		*ret = made;
	else
		made_done(&made);
	return r;
}

#define ACCEPTED(call) ck_assert_msg((call) == INGEST_ACCEPTED, "%s", problem.text)
#define REFUSED(call, why)                                                                         \
	do {                                                                                       \
		ck_assert_int_eq(call, INGEST_REFUSED);                                            \
		ck_assert_msg(strstr(problem.text, why) != NULL, "said: %s", problem.text);        \
	} while (0)

/* ana's request, in the store. */
UNUSED static struct made asked(void)
{
	struct document request = a_request("ana");
	struct made made;

	ACCEPTED(send(&request, "ana-cert.pub", &made));
	return made;
}

UNUSED static void approved(const struct made *request)
{
	struct document decision = a_decision(request);

	ACCEPTED(send(&decision, "carol", NULL));
}

/* What ana's login gets. */
UNUSED static struct grant granted(const char *login, int64_t now)
{
	_cleanup_(grants_host_done) struct grant_host host = { 0 };
	struct request *request = NULL;
	struct grant grant;

	ck_assert_int_eq(grants_host(store, &config, now, &host, &problem), 0);
	ck_assert_int_eq(grants_find(store, &host, login, now, &grant, &request), 0);
	free(request);
	return grant;
}

UNUSED static enum verdict verdict(const char *login)
{
	return granted(login, NOW).verdict;
}

/* --- events ------------------------------------------------------------------------------- */

struct counting {
	const char *kind, *text;
	int n;
};

UNUSED static int count_event(
	void *context, const char *bytes, size_t size, const struct event *event)
{
	struct counting *counting = context;

	(void)bytes;
	(void)size;
	counting->n += strcmp(event->kind, counting->kind) == 0 &&
		       strstr(event->text, counting->text) != NULL;
	return 0;
}

/* How many events of a kind have `text` in theirs. */
UNUSED static int events(const char *kind, const char *text)
{
	struct counting counting = { kind, text, 0 };

	ck_assert_int_eq(chain_each(store, 0, SIZE_MAX, count_event, &counting), 0);
	return counting.n;
}

/* --- main --------------------------------------------------------------------------------- */

UNUSED static SRunner *make_runner(const char *name, const TTest *const *tests, size_t n,
	void (*start)(void), void (*stop)(void))
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);

	tcase_add_unchecked_fixture(tcase, make_keys, remove_keys);
	tcase_add_checked_fixture(tcase, start, stop);
	tcase_set_timeout(tcase, 60);
	for (size_t i = 0; i < n; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return srunner_create(suite);
}

UNUSED static int run_tests_with(const char *name, const TTest *const *tests, size_t n,
	void (*start)(void), void (*stop)(void))
{
	SRunner *runner = make_runner(name, tests, n, start, stop);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
#define RUN_TESTS(name, tests)                                                                     \
	run_tests_with(name, tests, sizeof(tests) / sizeof((tests)[0]), set_up, tear_down)
