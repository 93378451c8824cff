/* SPDX-License-Identifier: MIT */

/* `supportaccess enable` and `disable`.
 *
 * What enable changed, and only that, is written down in PATH_STATE, one name a line, before the
 * next step is tried; disable undoes those lines from the last to the first. A step that fails
 * has enable take back what it did in this call. */

#include "admin/ask.h"
#include "admin/files.h"
#include "admin/host.h"
#include "admin/steps.h"
#include "admin/verbs.h"
#include "core/json.h"
#include "lib/paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define RECORD    PATH_STATE "/enabled"
#define STEPS_MAX 16

static const struct output_column columns[] = {
	{ "step", "STEP", NULL },
	{ "result", "RESULT", NULL },
	{ "what", "WHAT", NULL },
	{ 0 },
};

static size_t count_steps(void)
{
	size_t n = 0;

	while (steps[n].name)
		n++;
	return n;
}

static void add_row(struct json_object *rows, const struct step *step, const char *result)
{
	struct json_object *row = json_object_new_object();

	json_add_text(row, "step", step->name);
	json_add_text(row, "result", result);
	json_add_text(row, "what", step->what);
	json_object_array_add(rows, row);
}

/* Is the step's name a line of the record? */
static bool is_recorded(const char *record, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = record; line && *line;
		line += strcspn(line, "\n"), line += *line == '\n')
		if (strncmp(line, name, length) == 0 && line[length] == '\n')
			return true;
	return false;
}

static int read_record(char **ret, struct problem *problem)
{
	int r = files_read(RECORD, ret, problem);

	if (r != -ENOENT)
		return r;
	*ret = strdup("");
	return *ret ? 0 : -ENOMEM;
}

/* Writes the names of the steps that `done` says. */
static int write_record(const bool done[static STEPS_MAX], struct problem *problem)
{
	char text[STEPS_MAX * 32] = "";
	size_t used = 0;

	for (size_t i = 0; steps[i].name; i++)
		if (done[i])
			used += (size_t)snprintf(
				text + used, sizeof(text) - used, "%s\n", steps[i].name);
	return files_replace(RECORD, text, 0600, problem);
}

/* From the last to the first; all are tried. */
static int undo_steps(
	bool done[static STEPS_MAX], struct json_object *rows, struct problem *problem)
{
	int failed = 0;

	for (size_t i = count_steps(); i > 0; i--) {
		const struct step *step = &steps[i - 1];
		int r = 0;

		if (!done[i - 1])
			continue;
		if (step->undo)
			r = step->undo(problem);
		if (rows)
			add_row(rows, step, r < 0 ? "failed" : step->undo ? "undone" : "left");
		if (r < 0)
			failed = failed ? failed : r;
		else
			done[i - 1] = false;
	}
	return failed;
}

static const char *result_word(int result)
{
	static const char *const words[] = {
		[STEP_CHANGED] = "done", [STEP_WAS_SO] = "was so", [STEP_NOT_NOW] = "not here"
	};

	return words[result];
}

static int apply_steps(
	bool done[static STEPS_MAX], struct json_object *rows, struct problem *problem)
{
	bool now[STEPS_MAX] = { false };

	for (size_t i = 0; steps[i].name; i++) {
		int r = steps[i].apply(problem);

		if (r >= 0) {
			now[i] = r == STEP_CHANGED;
			done[i] = done[i] || now[i];
			add_row(rows, &steps[i], result_word(r));
			r = write_record(done, problem);
		}
		if (r < 0) {
			for (size_t s = 0; s < STEPS_MAX; s++)
				done[s] = done[s] && !now[s];
			(void)undo_steps(now, NULL, NULL);
			(void)write_record(done, NULL);
			return problem_say(problem, r, "%s: %s", steps[i].what, strerror(-r));
		}
	}
	return 0;
}

static void tell_how_to_start(void)
{
	if (step_systemd_runs())
		return;
	fprintf(stderr,
		"systemd does not run here. Start both by hand, and again after each boot:\n"
		"  systemd-tmpfiles --create %s/tmpfiles.conf\n"
		"  supportaccessd &\n"
		"  setpriv --reuid=%s --regid=%s --init-groups %s/supportaccess-courier &\n",
		PATH_CONFIG_VENDOR, USER_COURIER, USER_COURIER, PATH_LIBEXEC);
}

static int run_enable(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *rows = json_object_new_array();
	_cleanup_(freep) char *record = NULL;
	bool done[STEPS_MAX] = { false };
	int r = ask_is_root("enable", problem);

	if (r == 0)
		r = ask_may_open("enable", problem);
	if (r == 0 && access(PATH_STORE, F_OK) < 0)
		r = problem_say(problem, -ENOENT,
			"this host is not enrolled yet: first supportaccess enroll URL");
	if (r == 0)
		r = read_record(&record, problem);
	for (size_t i = 0; r == 0 && steps[i].name; i++)
		done[i] = is_recorded(record, steps[i].name);
	if (r == 0)
		r = apply_steps(done, rows, problem);
	if (r < 0)
		return r;
	output_list(output_asked(arguments), "steps", rows, columns, "", 0);
	tell_how_to_start();
	return EXIT_DONE;
}

/* Ended is what counts: what cannot be written, or not even be read, keeps no door open. */
static int end_sessions(struct problem *problem)
{
	static const char cause[] = "support access was disabled";
	_cleanup_(host_done) struct host host = { 0 };
	struct ending_order order = { .cause = cause };
	struct ending_report report = { .clean = false };
	struct problem said = PROBLEM_NONE;
	int r;

	if (access(PATH_STORE, F_OK) < 0)
		return 0;
	r = host_open("disable", HOST_LOOKS, &host, &said);
	if (r == 0) {
		order.by = host.by;
		r = ending_run(host.store, &host.config, &order, host.now, &report, &said);
	}
	if (r == 0 || r == -ENOENT) /* not enrolled: nobody was ever let in */
		return 0;
	fprintf(stderr, "supportaccess: %s\n", said.text);
	if (report.clean || r == -ETIMEDOUT)
		return report.clean ? 0 : problem_say(problem, r, "%s", said.text);
	return host_end_blind(cause, &report, problem);
}

/* Whoever is in goes before the door is taken off its hinges, and again whoever came in while it
 * was. */
static int undo_all(bool done[static STEPS_MAX], struct json_object *rows, struct problem *problem)
{
	struct problem said = PROBLEM_NONE;
	int undone, ended;

	(void)end_sessions(&said);
	undone = undo_steps(done, rows, problem);
	ended = end_sessions(&said);
	if (undone == 0 && ended < 0)
		return problem_say(problem, ended, "%s", said.text);
	return undone;
}

static int run_disable(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *rows = json_object_new_array();
	_cleanup_(freep) char *record = NULL;
	bool done[STEPS_MAX] = { false };
	int r = ask_is_root("disable", problem);

	if (r == 0)
		r = read_record(&record, problem);
	if (r != 0)
		return r;
	for (size_t i = 0; steps[i].name; i++)
		done[i] = is_recorded(record, steps[i].name);
	if (*record)
		r = undo_all(done, rows, problem);
	if (r == 0 && unlink(RECORD) < 0 && errno != ENOENT)
		r = problem_say(problem, -errno, "cannot remove %s: %s", RECORD, strerror(errno));
	else if (r < 0)
		(void)write_record(done, problem);
	output_list(output_asked(arguments), "steps", rows, columns,
		"Support access was not enabled here; nothing was changed.", 0);
	return r;
}

static const struct option_spec options[] = {
	{ "json", 0, NULL, "print JSON" },
	{ "plain", 0, NULL, "print one \"NAME: value\" a line" },
	{ 0 },
};

const struct command verb_enable = { "enable", "", "make NSS, PAM and sshd know support accounts",
	options, 0, 0, run_enable, NULL,
	"Makes users and folders, adds a word to two lines of nsswitch.conf, enables the PAM\n"
	"profile, links a file into sshd_config.d and starts the services. Nobody gets in by it.\n"
	"May be repeated; what fails half-way is taken back. `supportaccess disable` undoes it." };

const struct command verb_disable = { "disable", "", "undo what `enable` did", options, 0, 0,
	run_disable, NULL,
	"Ends every support session, also when the store is damaged. Users and the store stay: "
	"files\n"
	"keep their owners' names, and the audit chain is yours." };
