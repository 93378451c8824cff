/* SPDX-License-Identifier: MIT */

/* kill -9 at any point between receiving a document and publishing it: a process takes in a feed
 * as the daemon does, from the store's cursor on, and is killed after a random time, again and
 * again until the feed is through. Each time is at most a third of what the whole feed takes, so
 * that most of them come before its end. Then store, view and key files are as if nothing had
 * happened.
 */

#include "lib/view.h"
#include "tests/unit/host_fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#define KILLS    60
#define FEED_MAX 16
#define DUMP_MAX (512 * 1024)

static struct made feed[FEED_MAX];
static int n_feed;
static char view_path[160], keys_path[160];

/* ana: approved, then revoked; ben: approved; then things that are refused, and an ending and a
 * decision that overtake their requests. */
static void make_feed(void)
{
	struct document ana = a_request("ana"), ben = a_request("ben"), late = a_request("ana");
	struct made made_late = make(&late, "ana-cert.pub");
	struct document document;

	feed[n_feed++] = make(&ana, "ana-cert.pub");
	document = a_decision(&feed[0]);
	feed[n_feed++] = make(&document, "carol");
	feed[n_feed++] = make(&ben, "ben-cert.pub");
	document = a_decision(&feed[2]);
	feed[n_feed++] = make(&document, "");
	feed[n_feed++] = make(&document, "carol");
	document = a_decision(&made_late);
	feed[n_feed++] = make(&document, "carol");
	document = a_revocation(&feed[0]);
	feed[n_feed++] = make(&document, "carol");
	feed[n_feed++] = made_late;
	document = a_closing(&made_late, "ana");
	feed[n_feed++] = make(&document, "ana-cert.pub");
}

/* What the daemon does, in a process of its own. */
static void take_in_the_feed(void)
{
	struct publish_paths paths = { view_path, keys_path };
	int64_t cursor = 0;

	store = NULL;
	if (store_open(path, false, &store, NULL) < 0)
		_exit(2);
	ingest.store = store;
	if (store_get_int(store, FACT_FEED_CURSOR, &cursor) < 0)
		_exit(3);
	for (; cursor < n_feed; cursor++) {
		const struct made *made = &feed[cursor];

		if (ingest_document(&ingest, INGEST_CENTRAL, made->bytes, made->size,
			    made->signature, made->signature_size, cursor + 1, "e1", NULL) < 0)
			_exit(4);
		if (publish(store, &config, &paths, NOW, NULL) < 0)
			_exit(5);
	}
	_exit(publish(store, &config, &paths, NOW, NULL) < 0 ? 6 : 0);
}

/* Runs it, and kills it after that time (-1: never). True if it came to its end. */
static bool run_for(long us)
{
	struct timespec wait = { us / 1000000, us % 1000000 * 1000 };
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		take_in_the_feed();
	if (us >= 0) {
		(void)nanosleep(&wait, NULL);
		ck_assert_int_eq(kill(pid, SIGKILL), 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return false;
	ck_assert_msg(
		WIFEXITED(status) && WEXITSTATUS(status) == 0, "exit %d", WEXITSTATUS(status));
	return true;
}

/* What a reader finds in the view: its bytes hold a random key of its hash index. */
static void show_view(FILE *to)
{
	struct view_account account;
	char buffer[VIEW_TEXT_MAX];
	struct view view;

	ck_assert_int_eq(view_open(view_path, geteuid(), &view), 0);
	for (size_t i = 0; view_account_at(&view, i, buffer, sizeof(buffer), &account) == 0; i++)
		fprintf(to, "%s:%u:%u:%s:%s:%s:%zu\n", account.name, account.uid, account.gid,
			account.full_name, account.home, account.shell, account.gids_count);
	view_close(&view);
}

/* All that is to be the same, as text for the caller to free. */
static char *dump(void)
{
	static const char script[] =
		"sqlite3 \"$1/store.db\" \"SELECT * FROM documents ORDER BY seq;"
		" SELECT * FROM requests; SELECT * FROM finals; SELECT * FROM accounts;"
		" SELECT * FROM events ORDER BY seq;"
		" SELECT * FROM facts WHERE name NOT IN ('generation')\""
		" | sha256sum; cd \"$1\"; cat keys/*; ls keys; cut -d' ' -f2 store.db-generation";
	const char *const argv[] = { "/bin/sh", "-c", script, "sh", dir, NULL };
	struct child child = {
		.path = argv[0], .argv = argv, .timeout_ms = 10000, .output_max = DUMP_MAX
	};
	struct child_result result;
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(to);
	ck_assert_int_eq(child_run(&child, &result), 0);
	ck_assert_msg(result.status == 0 && result.error_size == 0, "%s", result.error);
	fputs(result.output, to);
	show_view(to);
	fclose(to);
	child_result_done(&result);
	return text;
}

static void start_anew(void)
{
	set_up();
	store_free(store);
	store = NULL;
	snprintf(view_path, sizeof(view_path), "%s/view/accounts", dir);
	snprintf(keys_path, sizeof(keys_path), "%s/keys", dir);
}

START_TEST(whenever_it_is_killed_nothing_is_lost_and_nothing_applied_twice)
{
	_cleanup_(freep) char *undisturbed = NULL;
	struct timespec begin, end;
	unsigned seed = 4711;
	long whole_us;
	int kills = 0, rounds = 0;

	make_feed();
	start_anew();
	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	ck_assert(run_for(-1));
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	whole_us = (end.tv_sec - begin.tv_sec) * 1000000 + (end.tv_nsec - begin.tv_nsec) / 1000;
	undisturbed = dump();
	tear_down();
	while (kills < KILLS) {
		_cleanup_(freep) char *disturbed = NULL;

		start_anew();
		while (kills < KILLS * 2 && !run_for(rand_r(&seed) % (whole_us / 3)))
			kills++;
		ck_assert(run_for(-1));
		disturbed = dump();
		ck_assert_str_eq(disturbed, undisturbed);
		tear_down();
		rounds++;
	}
	printf("# killed %d times in %d rounds of at most %ld us\n", kills, rounds, whole_us);
	for (int i = 0; i < n_feed; i++)
		made_done(&feed[i]);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		whenever_it_is_killed_nothing_is_lost_and_nothing_applied_twice,
	};

	return run_tests_with("kill9", tests, 1, NULL, NULL);
}
