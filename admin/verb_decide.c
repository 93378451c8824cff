/* SPDX-License-Identifier: MIT */

/* `supportaccess approve` and `deny`.
 *
 * The decision names the digest of the request that was shown: should central swap the request in
 * between, the decision is about the one that the approver saw. Options only narrow; what would
 * widen is refused here with words, and by the host in any case. */

#include "admin/ask.h"
#include "admin/decided.h"
#include "admin/show.h"
#include "admin/state.h"
#include "admin/verbs.h"
#include "core/grant.h"
#include "core/json.h"
#include "lib/moment.h"
#include "lib/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int read_length(const struct arguments *arguments, const struct request *request,
	int64_t now, struct decision *decision, struct problem *problem)
{
	const char *length = argument(arguments, "for"), *until = argument(arguments, "until");
	int64_t start = decision->start ? decision->start : now, end;
	char asked[MOMENT_TEXT_MAX];

	decision->length = request->length;
	if (length && until)
		return problem_say(problem, -EINVAL, "give either --for or --until");
	if (length && length_parse(length, &decision->length) < 0)
		return problem_say(problem, -EINVAL, "--for %s: no length of time like 4h", length);
	if (until && (moment_parse(until, now, &end) < 0 || end <= start))
		return problem_say(problem, -EINVAL,
			"--until %s: no time that lies ahead, like 18:30 or \"2026-11-26 14:02\"",
			until);
	if (until)
		decision->length = end - start;
	if (decision->length > request->length) {
		length_show(request->length, asked, sizeof(asked));
		return problem_say(problem, -EPERM,
			"cannot approve for longer than the %s that were asked; leave out --%s",
			asked, length ? "for" : "until");
	}
	return 0;
}

static int read_start(const struct arguments *arguments, const struct request *request, int64_t now,
	struct decision *decision, struct problem *problem)
{
	const char *from = argument(arguments, "from");

	decision->start = request->start;
	if (!from)
		return 0;
	if (moment_parse(from, now, &decision->start) < 0)
		return problem_say(problem, -EINVAL, "--from %s: no time like 18:30", from);
	if (decision->start < request->start)
		return problem_say(problem, -EPERM, "--from %s is before what was asked", from);
	return 0;
}

static int read_scope(const struct arguments *arguments, const struct place *place,
	const struct request *request, struct decision *decision, struct problem *problem)
{
	const char *name = argument(arguments, "scope");

	decision->scope = name ? scope_from_name(name) : request->scope;
	if (decision->scope == SCOPE_NONE)
		return problem_say(
			problem, -EINVAL, "--scope %s: it is read-only, read-write or admin", name);
	if (decision->scope > request->scope)
		return problem_say(problem, -EPERM, "cannot approve %s: only %s was asked", name,
			scope_name(request->scope));
	if (place->config && decision->scope > place->config->max_scope)
		return problem_say(problem, -EPERM,
			"cannot approve %s: this host allows at most %s (max_scope in "
			"supportaccess.conf); add --scope %s",
			scope_name(decision->scope), scope_name(place->config->max_scope),
			scope_name(place->config->max_scope));
	return 0;
}

/* Is the host's name or id among the words of "db1,db2"? */
static bool is_listed(const char *list, const struct document_host *host)
{
	while (*list) {
		size_t length = strcspn(list, ",");

		if ((strlen(host->name) == length && strncmp(list, host->name, length) == 0) ||
			(strlen(host->id) == length && strncmp(list, host->id, length) == 0))
			return true;
		list += length + (list[length] == ',');
	}
	return false;
}

static size_t count_words(const char *list)
{
	size_t n = 1;

	for (; *list; list++)
		n += *list == ',';
	return n;
}

static int read_hosts(const struct arguments *arguments, const struct place *place,
	const struct request *request, struct decision *decision, struct problem *problem)
{
	const char *only = argument(arguments, "hosts"), *except = argument(arguments, "except");
	size_t named = 0;

	if (only && except)
		return problem_say(problem, -EINVAL, "give either --hosts or --except");
	for (size_t i = 0; i < request->n_hosts; i++) {
		const struct document_host *host = &request->hosts[i];
		bool in_only = only && is_listed(only, host);
		bool in_except = except && is_listed(except, host);

		named += in_only || in_except;
		if ((only && !in_only) || in_except ||
			(place->local && strcmp(host->id, place->host_id) != 0))
			continue;
		memcpy(decision->hosts[decision->n_hosts++], host->id, sizeof(host->id));
	}
	if ((only || except) && named != count_words(only ? only : except))
		return problem_say(problem, -ENOENT, "%s names a host that the request does not",
			only ? only : except);
	if (decision->n_hosts == 0)
		return problem_say(problem, -EPERM, "no host is left to decide for");
	return 0;
}

/* Root's own decision is cut to the host's ceiling at once, so that what is said is what holds. */
static void apply_ceiling(const struct place *place, struct decision *decision)
{
	struct grant_host ceilings;
	int64_t max;

	if (!place->config)
		return;
	ceilings = (struct grant_host){ .max_scope = place->config->max_scope,
		.max_length = place->config->max_length };
	max = grant_max_length(&ceilings, decision->scope);
	if (max && decision->length > max)
		decision->length = max;
}

static int narrow(const struct arguments *arguments, const struct place *place,
	const struct request *request, int64_t now, struct decision *decision,
	struct problem *problem)
{
	int r = read_start(arguments, request, now, decision, problem);

	if (r == 0)
		r = read_length(arguments, request, now, decision, problem);
	if (r == 0)
		r = read_scope(arguments, place, request, decision, problem);
	if (r == 0)
		r = read_hosts(arguments, place, request, decision, problem);
	if (r == 0)
		apply_ceiling(place, decision);
	return r;
}

/* A denial is about the whole request; on a host it can only say so for that host. */
static void copy_request(const struct request *request, struct decision *decision)
{
	decision->scope = request->scope;
	decision->start = request->start;
	decision->length = request->length;
	decision->n_hosts = request->n_hosts;
	for (size_t i = 0; i < request->n_hosts; i++)
		memcpy(decision->hosts[i], request->hosts[i].id, sizeof(request->hosts[i].id));
}

static int fill(const struct arguments *arguments, const struct place *place,
	struct json_object *state, const struct request *request, bool approve, int64_t now,
	struct decision *decision, struct problem *problem)
{
	const char *comment = argument(arguments, "comment");
	int r = text_copy(decision->request, sizeof(decision->request), json_text(state, "digest"));

	if (r == 0)
		r = text_copy(decision->approver, sizeof(decision->approver), place->by);
	if (r < 0)
		return r;
	if (text_copy(decision->comment, sizeof(decision->comment), comment ? comment : "") < 0)
		return problem_say(
			problem, -EINVAL, "--comment is longer than %d bytes", DOCUMENT_TEXT_MAX);
	decision->approve = approve;
	decision->decided = now;
	if (approve)
		r = narrow(arguments, place, request, now, decision, problem);
	else
		copy_request(request, decision);
	decision->latest_end = (decision->start > now ? decision->start : now) + decision->length;
	return r;
}

static int take_if_same(void *context, const struct document *document)
{
	struct decision *decision = context;
	const struct decision *earlier = &document->decision;

	if (earlier->approve != decision->approve || earlier->scope != decision->scope ||
		earlier->start != decision->start || earlier->length != decision->length ||
		earlier->n_hosts != decision->n_hosts ||
		strcmp(earlier->approver, decision->approver) != 0)
		return 0;
	for (size_t i = 0; i < decision->n_hosts; i++)
		if (strcmp(earlier->hosts[i], decision->hosts[i]) != 0)
			return 0;
	*decision = *earlier;
	return 1;
}

/* Did this approver decide just that before, and does it still hold? Then nothing is to be done,
 * and `decision` becomes the earlier one. */
static bool is_decided(struct json_object *state, struct decision *decision)
{
	const char *now = json_text(state, "state");
	bool holds = decision->approve ? strcmp(now, "approved") == 0 || strcmp(now, "open") == 0
				       : strcmp(now, "denied") == 0;

	return holds &&
	       state_each(state, "decisions", DOCUMENT_DECISION, take_if_same, decision) == 1;
}

static int ask_decision(const struct arguments *arguments, const struct place *place,
	struct json_object *state, const struct request *request, const struct decision *decision,
	struct problem *problem)
{
	char length[MOMENT_TEXT_MAX];
	int r;

	if (argument_given(arguments, "yes"))
		return 0;
	r = show_request(place, state, decision->decided, problem);
	if (r < 0)
		return r;
	putchar('\n');
	fflush(stdout);
	if (!decision->approve)
		return ask(arguments, problem, "Deny it? That is final: %s has to ask anew.",
			request->agent.login);
	length_show(decision->length, length, sizeof(length));
	return ask(arguments, problem, "Let %s in, %s, for %s?", request->agent.login,
		scope_name(decision->scope), length);
}

/* Without an ID: the one request that waits. */
static int find(const struct arguments *arguments, struct place *place, struct json_object **ret,
	struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *waiting = NULL;
	size_t n;
	int r;

	if (arguments->n_words)
		return place->find(place, arguments->words[0], ret, problem);
	r = place->requests(place, "waiting", NULL, &waiting, problem);
	if (r < 0)
		return r;
	n = json_object_array_length(waiting);
	if (n != 1)
		return problem_say(problem, n ? -EINVAL : -ENOENT,
			n ? "several requests wait: say which one, `supportaccess requests` lists "
			    "them"
			  : "no request waits for a decision");
	*ret = json_object_get(json_object_array_get_idx(waiting, 0));
	return 0;
}

/* Asks, signs and hands in, unless the same was decided before and no host has refused that: what
 * it refused for, an approver whom it did not know, say, may have changed. Returns what `submit`
 * does. */
static int submit(const struct arguments *arguments, struct place *place, struct json_object *state,
	const struct request *request, struct document *document, struct json_object **ret_answers,
	struct problem *problem)
{
	struct decision *decision = &document->decision, fresh = *decision;
	int r, result = PLACE_KNOWN;

	if (is_decided(state, decision)) {
		r = place->answers(place, decision, PLACE_CONFIRM_MS, ret_answers, problem);
		if (r < 0 || decided_count(*ret_answers, "refused") == 0)
			return r < 0 ? r : PLACE_KNOWN;
		json_object_put(TAKE_PTR(*ret_answers));
		*decision = fresh;
	}
	r = ask_decision(arguments, place, state, request, decision, problem);
	if (r == 0)
		r = result = place->submit(place, document, problem);
	if (r >= 0)
		r = place->answers(place, decision, PLACE_CONFIRM_MS, ret_answers, problem);
	return r < 0 ? r : result;
}

static int decide(const struct arguments *arguments, bool approve, struct problem *problem)
{
	_cleanup_(place_done) struct place place = { 0 };
	_cleanup_(json_putp) struct json_object *state = NULL, *row = NULL;
	_cleanup_(document_freep) struct document *request = NULL;
	_cleanup_(freep) struct document *decision = calloc(1, sizeof(*decision));
	struct json_object *answers = NULL;
	int64_t now = moment_now();
	int r = decision ? place_open(arguments, &place, problem) : -ENOMEM;

	if (r == 0 && approve && place.local)
		r = ask_may_open("approve", problem);
	if (r == 0)
		r = find(arguments, &place, &state, problem);
	if (r == 0)
		r = state_request(state, &request, problem);
	if (r == 0)
		*decision = (struct document){ .type = DOCUMENT_DECISION, .version = 1 };
	if (r == 0)
		r = fill(arguments, &place, state, &request->request, approve, now,
			&decision->decision, problem);
	if (r == 0)
		r = submit(
			arguments, &place, state, &request->request, decision, &answers, problem);
	if (r < 0)
		return r;
	row = decided_row(json_text(state, "id"), request->request.agent.login, &decision->decision,
		r == PLACE_CHANGED, answers);
	decided_tell(arguments, row, moment_now());
	return decided_exit(row);
}

static int run_approve(const struct arguments *arguments, struct problem *problem)
{
	return decide(arguments, true, problem);
}

static int run_deny(const struct arguments *arguments, struct problem *problem)
{
	return decide(arguments, false, problem);
}

static const struct option_spec approve_options[] = {
	{ "for", 'f', "DURATION", "at most this long: 4h" },
	{ "until", 'u', "TIME", "at most until then: 18:30" },
	{ "from", 0, "TIME", "not before then" },
	{ "scope", 's', "SCOPE", "at most read-only, read-write or admin" },
	{ "hosts", 0, "H,...", "only these of the request's hosts" },
	{ "except", 0, "H,...", "all of the request's hosts but these" },
	{ "comment", 'c', "TEXT", "what the agent reads" },
	PLACE_SIGNING_OPTIONS,
	{ 0 },
};

static const struct option_spec deny_options[] = {
	{ "comment", 'c', "TEXT", "what the agent reads" },
	PLACE_SIGNING_OPTIONS,
	{ 0 },
};

const struct command verb_approve = { "approve", "[ID]", "let an agent in, as far as you say",
	approve_options, 0, 1, run_approve, NULL,
	"Shows the request, asks, and decides about exactly what was shown. Options narrow it,\n"
	"nothing can widen it. On a host as root it holds for that host; elsewhere it is signed\n"
	"with your ssh key and goes through central to all hosts of the request; it waits up to\n"
	"10 s for what they say to it. A host that allows less refuses it, and says why.\n\n"
	"  supportaccess approve 7K2F9-QXM4T --for 4h --scope read-only" };

const struct command verb_deny = { "deny", "[ID]", "refuse a request, for good", deny_options, 0, 1,
	run_deny };
