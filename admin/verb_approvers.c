/* SPDX-License-Identifier: MIT */

/* `supportaccess approvers list|add|remove`: who may decide for this host. */

#include "admin/ask.h"
#include "admin/files.h"
#include "admin/host.h"
#include "admin/signers_edit.h"
#include "admin/verbs.h"
#include "core/json.h"
#include "core/key.h"
#include "host/rejudge.h"
#include "lib/moment.h"
#include "lib/paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAMESPACES "decision@supportaccess,revocation@supportaccess"

static const struct output_column columns[] = {
	{ "principal", "APPROVER", NULL },
	{ "fingerprint", "KEY", NULL },
	{ "kind", "KIND", NULL },
	{ 0 },
};

static int read_approvers(char **ret, struct problem *problem)
{
	int r = files_read(PATH_APPROVERS, ret, problem);

	if (r != -ENOENT)
		return r;
	*ret = strdup("");
	return *ret ? 0 : -ENOMEM;
}

static int add_row(void *context, const struct signer *signer)
{
	struct json_object *row = json_object_new_object();

	json_add_text(row, "principal", signer->principals);
	json_add_text(row, "fingerprint", signer->fingerprint);
	json_add_text(row, "kind", signer->authority ? "authority" : "key");
	json_object_array_add(context, row);
	return 0;
}

static int run_list(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *rows = json_object_new_array();
	_cleanup_(freep) char *text = NULL;
	int r = read_approvers(&text, problem);

	if (r == 0)
		r = signers_each(text, add_row, rows);
	if (r < 0)
		return r;
	output_list(output_asked(arguments), "approvers", rows, columns,
		"Nobody may decide for this host yet but root: supportaccess approvers add NAME "
		"--key FILE",
		moment_now());
	return EXIT_DONE;
}

static bool principal_is_valid(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-_@+";

	return *name && strlen(name) <= DOCUMENT_PRINCIPAL_MAX && !name[strspn(name, allowed)] &&
	       strncmp(name, "root@", 5) != 0;
}

/* "type base64" of a .pub file, whatever its comment. */
static int read_public_key(const char *path, char *ret, size_t ret_size, struct problem *problem)
{
	_cleanup_(freep) char *line = NULL;
	char *blank;
	int r = files_first_line(path, &line);

	if (r < 0)
		return problem_say(problem, r, "cannot read %s: %s", path, strerror(-r));
	blank = strchr(line, ' ');
	blank = blank ? strchr(blank + 1, ' ') : NULL;
	if (blank)
		*blank = '\0';
	if (!key_is_plain(line) || strlen(line) >= ret_size)
		return problem_say(problem, -EINVAL,
			"%s is no public key of ssh (a file like id_ed25519.pub)", path);
	memcpy(ret, line, strlen(line) + 1);
	return 0;
}

/* Approvers changed: who is no longer vouched for stops counting, and what rested on it ends. */
static int changed(struct host *host, const char *cause, struct problem *problem)
{
	struct ingest ingest = host_ingest(host);
	struct rejudged judged;
	int r = rejudge(&ingest, &judged, problem), s;

	s = host_changed(host, host->by, cause, NULL, problem);
	return r < 0 ? r : s;
}

static int add_line(struct host *host, const char *principal, const char *key, bool *ret_changed,
	struct problem *problem)
{
	_cleanup_(freep) char *text = NULL, *added = NULL;
	size_t length;
	int r = read_approvers(&text, problem);

	if (r < 0)
		return r;
	if (asprintf(&added, "%s namespaces=\"%s\" %s\n", principal, NAMESPACES, key) < 0)
		return -ENOMEM;
	*ret_changed = !strstr(text, added);
	if (!*ret_changed)
		return 0;
	length = strlen(text);
	free(TAKE_PTR(added));
	if (asprintf(&added, "%s%s%s namespaces=\"%s\" %s\n", text,
		    length && text[length - 1] != '\n' ? "\n" : "", principal, NAMESPACES, key) < 0)
		return -ENOMEM;
	r = files_replace(PATH_APPROVERS, added, 0644, problem);
	return r < 0 ? r : changed(host, "an approver was added", problem);
}

static int run_add(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(host_done) struct host host = { 0 };
	const char *principal = arguments->words[0], *path = argument(arguments, "key");
	_cleanup_(json_putp) struct json_object *row = json_object_new_object();
	char key[DOCUMENT_KEY_MAX + 1], fingerprint[FINGERPRINT_MAX + 1] = "";
	bool is_new = false;
	int r;

	if (!path)
		return problem_say(problem, -EINVAL,
			"say which key: approvers add %s --key FILE.pub", principal);
	if (!principal_is_valid(principal))
		return problem_say(problem, -EINVAL,
			"\"%s\" is no name for an approver: letters, digits and . - _ @ +, not "
			"root@",
			principal);
	r = host_open("approvers", HOST_OPENS, &host, problem);
	if (r == 0)
		r = read_public_key(path, key, sizeof(key), problem);
	if (r == 0)
		r = key_fingerprint(key, fingerprint);
	if (r == 0)
		r = add_line(&host, principal, key, &is_new, problem);
	if (r < 0)
		return r;
	json_add_text(row, "principal", principal);
	json_add_text(row, "fingerprint", fingerprint);
	json_add_switch(row, "changed", is_new);
	output_result(output_asked(arguments), row, "%s %s may decide for %s, with key %s.",
		principal, is_new ? "now" : "already", host.name, fingerprint);
	return EXIT_DONE;
}

/* 0 and 0: not given. */
static int read_lost_since(
	const struct arguments *arguments, int64_t now, int64_t *ret, struct problem *problem)
{
	const char *text = argument(arguments, "lost-since");

	*ret = 0;
	if (text && moment_parse_past(text, now, ret) < 0)
		return problem_say(problem, -EINVAL,
			"--lost-since %s: neither a time behind us (08:00, 2026-11-24 08:00) nor a "
			"length (3d)",
			text);
	return 0;
}

static int remove_lines(const char *principal, struct problem *problem)
{
	_cleanup_(freep) char *text = NULL, *kept = NULL;
	int removed, r = read_approvers(&text, problem);

	if (r < 0)
		return r;
	removed = signers_without(text, principal, &kept);
	if (removed <= 0)
		return removed;
	r = files_replace(PATH_APPROVERS, kept, 0644, problem);
	return r < 0 ? r : removed;
}

static void tell_removed(
	const struct arguments *arguments, const struct host *host, bool removed, int64_t decisions)
{
	_cleanup_(json_putp) struct json_object *row = json_object_new_object();
	const char *principal = arguments->words[0];
	char lost[80] = "";

	if (argument_given(arguments, "lost-since"))
		snprintf(lost, sizeof(lost), "\n%lld decisions since then no longer count.",
			(long long)decisions);
	json_add_text(row, "principal", principal);
	json_add_switch(row, "changed", removed);
	json_add_number(row, "decisions_lost", decisions);
	if (removed)
		output_result(output_asked(arguments), row,
			"%s no longer decides for %s; what rested on that alone is over.%s",
			principal, host->name, lost);
	else
		output_result(output_asked(arguments), row,
			"%s is not in %s; nothing was changed there.%s", principal, PATH_APPROVERS,
			lost);
}

static int run_remove(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(host_done) struct host host = { 0 };
	struct rejudged judged = { 0 };
	struct ingest ingest;
	int64_t since = 0;
	int removed = 0, r = host_open("approvers", HOST_LOOKS, &host, problem);

	if (r == 0)
		r = read_lost_since(arguments, host.now, &since, problem);
	if (r == 0)
		r = removed = remove_lines(arguments->words[0], problem);
	if (r < 0)
		return r;
	ingest = host_ingest(&host);
	r = since ? rejudge_lost_since(&ingest, arguments->words[0], since, &judged, problem) : 0;
	if (r == 0)
		r = changed(&host, "an approver was removed", problem);
	if (r < 0)
		return r;
	tell_removed(arguments, &host, removed > 0, judged.documents);
	return EXIT_DONE;
}

static const struct option_spec list_options[] = {
	{ "json", 0, NULL, "print JSON" },
	{ "plain", 0, NULL, "print one \"NAME: value\" a line" },
	{ 0 },
};
static const struct option_spec add_options[] = {
	{ "key", 'k', "FILE", "the public key, id_ed25519.pub" },
	{ "json", 0, NULL, "print JSON" },
	{ 0 },
};
static const struct option_spec remove_options[] = {
	{ "lost-since", 0, "TIME", "what was decided with the key since then no longer counts" },
	{ "json", 0, NULL, "print JSON" },
	{ 0 },
};

static const struct command verbs[] = {
	{ "list", "", "who may decide for this host", list_options, 0, 0, run_list },
	{ "add", "NAME", "let somebody decide, with an ssh key", add_options, 1, 1, run_add },
	{ "remove", "NAME", "let somebody decide no more", remove_options, 1, 1, run_remove },
	{ 0 },
};

const struct command verb_approvers = { "approvers", NULL, "who may decide for this host",
	.verbs = verbs };
