/* SPDX-License-Identifier: MIT */

/* `supportaccess explain NAME`: the way of a login, step by step, as it would go now.
 *
 * Looks where NSS, sshd, PAM and the daemon look, in their order, and changes nothing: nobody is
 * let in by being explained. */

#include "admin/ask.h"
#include "admin/files.h"
#include "admin/host.h"
#include "admin/pam_stack.h"
#include "admin/steps.h"
#include "admin/verbs.h"
#include "core/digest.h"
#include "core/json.h"
#include "host/accounts.h"
#include "host/chain.h"
#include "host/grants.h"
#include "lib/paths.h"
#include "lib/text.h"
#include "lib/view.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define EVENTS_SHOWN 5

struct explaining {
	struct host *host;
	struct json_object *rows;
	const char *word; /* as typed */
	char name[ACCOUNT_NAME_MAX + 1];
	const char *login; /* behind the prefix */
	bool refused;
	bool published; /* the view has the account */
	bool passed_on; /* another source's account: none of our business */
};

static void say(struct explaining *explaining, const char *step, const char *result,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

static void say(struct explaining *explaining, const char *step, const char *result,
	const char *format, ...)
{
	struct json_object *row = json_object_new_object();
	char text[2 * PROBLEM_MAX];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	json_add_text(row, "step", step);
	json_add_text(row, "result", result);
	json_add_text(row, "why", text);
	json_object_array_add(explaining->rows, row);
	explaining->refused = explaining->refused || strcmp(result, "refused") == 0;
}

/* Who says "dan" may mean the agent dan, or a user of this host of that name. */
static void step_name(struct explaining *explaining)
{
	if (account_name_is_ours(explaining->name)) {
		say(explaining, "name", "ok", "%s has the form of a support account",
			explaining->name);
		if (getpwnam(explaining->word) && !account_name_is_ours(explaining->word))
			say(explaining, "name", "not ours",
				"%s itself is a user of this host: NSS and PAM pass that name on "
				"without a look",
				explaining->word);
		return;
	}
	explaining->passed_on = true;
	say(explaining, "name", "not ours",
		"%s has not the form of a support account (%sLOGIN): NSS and PAM pass it on "
		"without a "
		"look",
		explaining->name, ACCOUNT_PREFIX);
}

static void say_foreign(struct explaining *explaining, int answer, const char *what)
{
	if (answer < 0)
		say(explaining, "other sources", "unknown", "they could not be asked about %s: %s",
			what, strerror(-answer));
	else if (answer > 0)
		say(explaining, "other sources", "refused",
			"another source (files, LDAP ...) has %s: that one wins and ours is not "
			"published",
			what);
	else
		say(explaining, "other sources", "ok", "none has %s", what);
}

static void step_sources(struct explaining *explaining)
{
	struct account_row account;
	char number[32];
	int r = accounts_find(explaining->host->store, explaining->login, &account);

	say_foreign(explaining,
		accounts_probe_system(&(struct account_key){ .name = explaining->name }, 1),
		explaining->name);
	if (r == 0) {
		snprintf(number, sizeof(number), "the number %u", account.uid);
		say_foreign(explaining,
			accounts_probe_system(&(struct account_key){ .uid = account.uid }, 1),
			number);
	}
	if (r == -ENOENT)
		say(explaining, "account", "refused",
			"this host has no account for %s: no request of theirs was ever accepted "
			"here",
			explaining->login);
}

static void step_view(struct explaining *explaining)
{
	struct view view = VIEW_NONE;
	struct view_account account;
	char buffer[VIEW_TEXT_MAX];
	int r = view_open(PATH_VIEW, 0, &view);

	if (r == 0)
		r = view_account_by_name(&view, explaining->name, buffer, sizeof(buffer), &account);
	if (r != 0)
		say(explaining, "view", "refused",
			"%s: NSS does not know %s, and sshd says \"Permission denied\"",
			r == -ENOENT ? "not published" : strerror(-r), explaining->name);
	else
		say(explaining, "view", strcmp(account.shell, PATH_NOLOGIN) ? "ok" : "refused",
			"uid %u, home %s, shell %s", account.uid, account.home, account.shell);
	explaining->published = r == 0;
	view_close(&view);
}

static void step_key_file(struct explaining *explaining)
{
	_cleanup_(freep) char *path = NULL, *text = NULL;
	int r;

	if (asprintf(&path, "%s/%s", PATH_KEYS, explaining->name) < 0)
		return;
	r = files_read(path, &text, NULL);
	if (r < 0)
		say(explaining, "key file", "refused", "%s: %s", path, strerror(-r));
	else if (strstr(text, PATH_LOGIN_SHELL))
		say(explaining, "key file", "ok", "%s starts the support shell", path);
	else
		say(explaining, "key file", "refused", "%s forces a refusal", path);
}

static void step_sshd(struct explaining *explaining)
{
	_cleanup_(freep) char *text = NULL, *spec = NULL;
	struct problem problem = PROBLEM_NONE;

	if (!explaining->published) {
		say(explaining, "sshd", "refused",
			"does not know %s, and asks for a password that "
			"nobody has",
			explaining->name);
		return;
	}
	if (asprintf(&spec, "user=%s,host=localhost,addr=127.0.0.1", explaining->name) < 0)
		return;
	const char *const argv[] = { STEP_SSHD, "-T", "-C", spec, NULL };

	if (files_run(argv, &text, &problem) < 0)
		say(explaining, "sshd", "refused", "%s", problem.text);
	else if (!strstr(text, "authorizedkeysfile " PATH_KEYS "/%u\n"))
		say(explaining, "sshd", "refused",
			"it does not take the keys of %s from %s: supportaccess doctor",
			explaining->name, PATH_KEYS);
	else
		say(explaining, "sshd", "ok", "takes the key from %s and nothing else", PATH_KEYS);
}

static void step_pam(struct explaining *explaining)
{
	static const char *const files[][2] = { { "/etc/pam.d/common-account", "account" },
		{ "/etc/pam.d/common-session", "session" } };

	for (size_t i = 0; i < 2; i++) {
		_cleanup_(freep) char *text = NULL;
		bool right = files_read(files[i][0], &text, NULL) == 0 &&
			     pam_stack_judge(text, files[i][1]) == PAM_PLACE_RIGHT;

		say(explaining, "PAM", right ? "ok" : "refused",
			"%s: pam_supportaccess.so is %sin "
			"its place",
			files[i][0], right ? "" : "not ");
	}
}

/* --- requests ------------------------------------------------------------------------------- */

/* Of one request among others, which may be open: no refusal of the login. */
static int show_grant(void *context, const struct grants_row *row)
{
	struct explaining *explaining = context;
	char id[SHORT_ID_LEN + 1];

	digest_short_id(&row->grant.request, id);
	say(explaining, "request", verdict_word(row->grant.verdict), "%s, %s: \"%s\"%s%s%s%s%s", id,
		scope_name(row->request->scope), row->request->reason,
		*row->grant.by ? "; by " : "", row->grant.by, *row->grant.text ? ": \"" : "",
		row->grant.text, *row->grant.text ? "\"" : "");
	return 0;
}

struct refusals {
	struct explaining *explaining;
	char texts[EVENTS_SHOWN][DOCUMENT_SUMMARY_MAX + 1];
	size_t n;
};

/* The last few; an event without an agent may have been about this one. */
static int keep_refusal(void *context, const char *bytes, size_t size, const struct event *event)
{
	struct refusals *refusals = context;

	(void)bytes, (void)size;
	if (strcmp(event->kind, "refused-document") != 0 ||
		(*event->agent && strcmp(event->agent, refusals->explaining->login) != 0))
		return 0;
	memcpy(refusals->texts[refusals->n++ % EVENTS_SHOWN], event->text, sizeof(event->text));
	return 0;
}

static void step_refused(struct explaining *explaining)
{
	_cleanup_(freep) struct refusals *refusals = calloc(1, sizeof(*refusals));
	size_t first;

	if (!refusals)
		return;
	refusals->explaining = explaining;
	(void)chain_each(explaining->host->store, 0, SIZE_MAX, keep_refusal, refusals);
	first = refusals->n > EVENTS_SHOWN ? refusals->n - EVENTS_SHOWN : 0;
	for (size_t i = first; i < refusals->n; i++)
		say(explaining, "document", "refused before", "%s",
			refusals->texts[i % EVENTS_SHOWN]);
}

static int step_verdict(struct explaining *explaining, struct problem *problem)
{
	_cleanup_(freep) struct request *request = NULL;
	struct host *host = explaining->host;
	struct grant_host facts;
	char sentence[PROBLEM_MAX];
	struct grant grant;
	int r = grants_host(host->store, &host->config, host->now, &facts, problem);

	if (r < 0)
		return r;
	say(explaining, "store", facts.store_closed ? "refused" : "ok", "%s",
		facts.store_closed ? store_closed(host->store) : "is open");
	say(explaining, "switch", facts.off ? "refused" : "ok", "support access is %s here",
		facts.off ? "off" : "on");
	say(explaining, "clock",
		host->now < facts.high_water || facts.clock_ahead ? "refused" : "ok", "%s",
		host->now < facts.high_water ? "behind what it was before"
		: facts.clock_ahead          ? "jumped, and was not accepted"
					     : "is believed");
	r = grants_each(host->store, &facts, explaining->login, host->now, show_grant, explaining);
	step_refused(explaining);
	if (r >= 0)
		r = grants_find(
			host->store, &facts, explaining->login, host->now, &grant, &request);
	if (r >= 0) {
		grant_sentence(&facts, request, &grant, host->now, sentence, sizeof(sentence));
		sentence[strcspn(sentence, "\n")] = '\0';
		say(explaining, "verdict", grant.verdict == VERDICT_OK ? "ok" : "refused", "%s",
			sentence);
	}
	grants_host_done(&facts);
	return r < 0 ? r : 0;
}

static void step_daemon(struct explaining *explaining)
{
	int r = host_poke();

	say(explaining, "supportaccessd", r < 0 ? "refused" : "ok", "%s%s",
		r < 0 ? "does not answer: " : "answers", r < 0 ? strerror(-r) : "");
}

static int explain(struct explaining *explaining, struct problem *problem)
{
	step_name(explaining);
	if (explaining->passed_on)
		return 0;
	explaining->login = explaining->name + ACCOUNT_PREFIX_LEN;
	step_sources(explaining);
	step_view(explaining);
	step_key_file(explaining);
	step_sshd(explaining);
	step_pam(explaining);
	step_daemon(explaining);
	return step_verdict(explaining, problem);
}

/* --- the verb ------------------------------------------------------------------------------- */

/* The text may have lines; each is made safe by itself. */
static void print_row(struct json_object *row)
{
	const char *step = json_text(row, "step"), *result = json_text(row, "result"),
		   *why = json_text(row, "why");
	char safe[2 * PROBLEM_MAX];

	do {
		size_t length = strcspn(why, "\n");

		(void)text_escape(why, length, safe, sizeof(safe));
		printf("%-15s %-15s %s\n", step, result, safe);
		why += length + (why[length] == '\n');
		step = result = "";
	} while (*why);
}

static void print_all(const struct arguments *arguments, const struct explaining *explaining)
{
	static const struct output_column columns[] = { { "step", "STEP", NULL },
		{ "result", "RESULT", NULL }, { "why", "WHY", NULL }, { 0 } };

	if (output_asked(arguments) != OUTPUT_TABLE) {
		output_list(output_asked(arguments), "steps", explaining->rows, columns, "", 0);
		return;
	}
	for (size_t i = 0; i < json_object_array_length(explaining->rows); i++)
		print_row(json_object_array_get_idx(explaining->rows, i));
	if (explaining->passed_on)
		printf("\n%s is none of our business.\n", explaining->name);
	else
		printf("\n%s would %s.\n", explaining->name,
			explaining->refused ? "be refused" : "be let in");
}

/* "support-ana" or "ana". */
static int read_name(const char *word, struct explaining *explaining, struct problem *problem)
{
	bool bare = account_login_is_valid(word) && !account_name_is_ours(word);
	int n;

	explaining->word = word;
	n = snprintf(explaining->name, sizeof(explaining->name), "%s%s", bare ? ACCOUNT_PREFIX : "",
		word);

	if (n < 0 || (size_t)n >= sizeof(explaining->name))
		return problem_say(problem, -EINVAL,
			"\"%s\" is longer than a support account's name can be (%d bytes)", word,
			ACCOUNT_NAME_MAX);
	return 0;
}

static int run(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(host_done) struct host host = { 0 };
	_cleanup_(json_putp) struct json_object *rows = json_object_new_array();
	struct explaining explaining = { .host = &host, .rows = rows };
	int r = read_name(arguments->words[0], &explaining, problem);

	if (r == 0)
		r = host_open("explain", HOST_LOOKS, &host, problem);
	if (r == 0)
		r = explain(&explaining, problem);
	if (r < 0)
		return r;
	print_all(arguments, &explaining);
	return EXIT_DONE;
}

static const struct option_spec options[] = {
	{ "json", 0, NULL, "print JSON" },
	{ "plain", 0, NULL, "print one \"NAME: value\" a line" },
	{ 0 },
};

const struct command verb_explain = { "explain", "NAME",
	"tell step by step why a login would be let in or refused", options, 1, 1, run, NULL,
	"NAME is support-ana or ana. Nothing is changed and nobody is let in by it." };
