/* SPDX-License-Identifier: MIT */

/* A line for each host. No sentence says that somebody may log in unless a host said so. */

#include "admin/decided.h"
#include "core/json.h"
#include "core/output.h"
#include "lib/moment.h"
#include "lib/text.h"

#include <stdio.h>
#include <string.h>

#define LINE_SIZE 4096

struct json_object *decided_row(const char *id, const char *agent, const struct decision *decision,
	bool changed, struct json_object *answers)
{
	struct json_object *row = json_object_new_object();

	json_add_text(row, "id", id);
	json_add_text(row, "digest", decision->request);
	json_add_text(row, "verdict", decision->approve ? "approve" : "deny");
	json_add_switch(row, "changed", changed);
	json_add_text(row, "by", decision->approver);
	json_add_text(row, "agent", agent);
	json_add_text(row, "scope", scope_name(decision->scope));
	json_add_number(row, "length", decision->length);
	json_add_time(row, "start", decision->start);
	json_add_time(row, "latest_end", decision->latest_end);
	json_object_object_add(row, "hosts", answers);
	return row;
}

size_t decided_count(struct json_object *answers, const char *word)
{
	size_t n = 0;

	for (size_t i = 0; i < json_object_array_length(answers); i++)
		n += strcmp(json_text(json_object_array_get_idx(answers, i), "said"), word) == 0;
	return n;
}

static bool is_switched(struct json_object *object, const char *key)
{
	return json_object_get_boolean(json_object_object_get(object, key));
}

static size_t count_confirmed(struct json_object *answers)
{
	size_t n = 0;

	for (size_t i = 0; i < json_object_array_length(answers); i++)
		n += is_switched(json_object_array_get_idx(answers, i), "confirmed");
	return n;
}

int decided_exit(struct json_object *row)
{
	struct json_object *answers = json_list(row, "hosts");
	size_t n = json_object_array_length(answers);

	if (count_confirmed(answers) == n)
		return EXIT_DONE;
	return decided_count(answers, "refused") == n ? EXIT_REFUSED : EXIT_IN_PART;
}

/* "db1: ana may log in" */
static void say_host(
	struct json_object *row, struct json_object *host, int64_t now, char *ret, size_t ret_size)
{
	bool approve = strcmp(json_text(row, "verdict"), "approve") == 0;
	const char *name = json_text(host, "name"), *agent = json_text(row, "agent");
	char moment[MOMENT_TEXT_MAX] = "never";

	if (strcmp(json_text(host, "said"), "refused") == 0) {
		snprintf(ret, ret_size, "%s: refused: %s", name, json_text(host, "text"));
	} else if (!is_switched(host, "confirmed")) {
		if (json_object_object_get(host, "last_contact"))
			output_show_time(json_object_object_get(host, "last_contact"), now, moment,
				sizeof(moment));
		snprintf(ret, ret_size,
			"%s: not confirmed yet; last contact %s. It hears of it when it connects",
			name, moment);
	} else if (!approve) {
		snprintf(ret, ret_size, "%s: nobody is let in by it", name);
	} else if (json_object_object_get(row, "start")) {
		output_show_time(json_object_object_get(row, "start"), now, moment, sizeof(moment));
		snprintf(ret, ret_size, "%s: %s may log in from %s", name, agent, moment);
	} else {
		snprintf(ret, ret_size, "%s: %s may log in", name, agent);
	}
}

/* The lines, for the plain form. */
static struct json_object *say_hosts(struct json_object *row, int64_t now)
{
	struct json_object *answers = json_list(row, "hosts"), *lines = json_object_new_array();
	char line[LINE_SIZE];

	for (size_t i = 0; i < json_object_array_length(answers); i++) {
		say_host(row, json_object_array_get_idx(answers, i), now, line, sizeof(line));
		json_object_array_add(lines, json_object_new_string(line));
	}
	return lines;
}

static void tell_plain(struct json_object *row, int64_t now)
{
	static const struct output_column columns[] = { { "id", "Request", NULL },
		{ "verdict", "Verdict", NULL }, { "agent", "Agent", NULL }, { "by", "By", NULL },
		{ "scope", "Scope", NULL }, { "told", "Hosts", json_show_list },
		{ "latest_end", "Until", output_show_time }, { 0 } };

	json_object_object_add(row, "told", say_hosts(row, now));
	output_object(OUTPUT_PLAIN, row, columns, now);
}

static void tell_people(struct json_object *row, int64_t now)
{
	static const struct {
		const char *done, *already, *part;
	} words[] = { { "Denied", "Denied already", "Denied in part" },
		{ "Approved", "Approved already", "Approved in part" } };
	bool approve = strcmp(json_text(row, "verdict"), "approve") == 0;
	bool changed = is_switched(row, "changed");
	struct json_object *answers = json_list(row, "hosts");
	size_t n = json_object_array_length(answers), confirmed = count_confirmed(answers);
	const char *how = !confirmed      ? "Signed, but no host has confirmed it"
			  : confirmed < n ? words[approve].part
			  : changed       ? words[approve].done
					  : words[approve].already;
	char line[LINE_SIZE], safe[LINE_SIZE], until[MOMENT_TEXT_MAX];

	printf("%s: request %s of %s", how, json_text(row, "id"), json_text(row, "agent"));
	if (approve) {
		output_show_time(
			json_object_object_get(row, "latest_end"), now, until, sizeof(until));
		printf(", %s, until %s", json_text(row, "scope"), until);
	}
	putchar('\n');
	for (size_t i = 0; i < n; i++) {
		say_host(row, json_object_array_get_idx(answers, i), now, line, sizeof(line));
		(void)text_escape(line, strlen(line), safe, sizeof(safe));
		printf("  %s\n", safe);
	}
	if (approve && decided_count(answers, "refused") < n)
		printf("To end it: supportaccess revoke %s\n", json_text(row, "id"));
}

void decided_tell(const struct arguments *arguments, struct json_object *row, int64_t now)
{
	switch (output_asked(arguments)) {
	case OUTPUT_JSON:
		output_object(OUTPUT_JSON, row, NULL, now);
		return;
	case OUTPUT_PLAIN:
		tell_plain(row, now);
		return;
	case OUTPUT_TABLE:
		tell_people(row, now);
	}
}
