/* SPDX-License-Identifier: MIT */

/* `supportaccess doctor`: what stands between this host and a support login that works, or one
 * that is refused. */

#include "admin/ask.h"
#include "admin/doctor.h"
#include "admin/verbs.h"
#include "core/json.h"
#include "lib/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* In the order in which one mends them. */
static const struct {
	const char *name;
	void (*run)(struct doctor *doctor);
} checks[] = {
	{ "configuration", doctor_config },
	{ "store", doctor_store },
	{ "switch", doctor_switch },
	{ "clock", doctor_clock },
	{ "permissions", doctor_permissions },
	{ "approvers", doctor_approvers },
	{ "agents", doctor_agents },
	{ "nsswitch.conf", doctor_nsswitch },
	{ "accounts", doctor_accounts },
	{ "nscd", doctor_nscd },
	{ "view", doctor_view },
	{ "PAM account", doctor_pam_account },
	{ "PAM session", doctor_pam_session },
	{ "sshd", doctor_sshd },
	{ "supportaccessd", doctor_daemon },
	{ "central", doctor_central },
};

static const char *const words[] = {
	[DOCTOR_OK] = "ok",
	[DOCTOR_NOT_YET] = "not yet",
	[DOCTOR_WARNING] = "warning",
	[DOCTOR_FAULT] = "fault",
};

void doctor_say(
	struct doctor *doctor, enum doctor_state state, const char *remedy, const char *format, ...)
{
	struct json_object *row = json_object_new_object();
	char text[PROBLEM_MAX], safe[PROBLEM_MAX];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	text_escape(text, strlen(text), safe, sizeof(safe));
	json_add_text(row, "check", doctor->check);
	json_add_text(row, "state", words[state]);
	json_add_text(row, "finding", safe);
	json_add_text(row, "remedy", remedy);
	json_object_array_add(doctor->rows, row);
	if (state > doctor->worst)
		doctor->worst = state;
}

static void print_row(struct json_object *row)
{
	printf("%-8s %-14s %s\n", json_text(row, "state"), json_text(row, "check"),
		json_text(row, "finding"));
	if (*json_text(row, "remedy"))
		printf("%-8s %-14s -> %s\n", "", "", json_text(row, "remedy"));
}

static void print_all(const struct arguments *arguments, const struct doctor *doctor)
{
	static const struct output_column columns[] = { { "check", "CHECK", NULL },
		{ "state", "STATE", NULL }, { "finding", "FINDING", NULL },
		{ "remedy", "REMEDY", NULL }, { 0 } };

	if (output_asked(arguments) != OUTPUT_TABLE) {
		output_list(output_asked(arguments), "findings", doctor->rows, columns, "", 0);
		return;
	}
	for (size_t i = 0; i < json_object_array_length(doctor->rows); i++)
		print_row(json_object_array_get_idx(doctor->rows, i));
}

static int run(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(host_done) struct host host = { 0 };
	_cleanup_(json_putp) struct json_object *rows = json_object_new_array();
	struct doctor doctor = { .rows = rows };
	int r = ask_is_root("doctor", problem);

	if (r < 0)
		return r;
	if (host_open("doctor", HOST_LOOKS, &host, &doctor.why) == 0)
		doctor.host = &host;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		doctor.check = checks[i].name;
		checks[i].run(&doctor);
	}
	print_all(arguments, &doctor);
	return doctor.worst >= DOCTOR_WARNING ? EXIT_FAILED : EXIT_DONE;
}

static const struct option_spec options[] = {
	{ "json", 0, NULL, "print JSON" },
	{ "plain", 0, NULL, "print one \"NAME: value\" a line" },
	{ 0 },
};

const struct command verb_doctor = { "doctor", "",
	"check everything that a support login needs, and tell how to mend it", options, 0, 0, run,
	NULL, "\"not yet\" is a next step, not a fault. Exit code 0 without warnings and faults." };
