/* SPDX-License-Identifier: MIT */

/* What is ours on this host: settings, store, clock, view, signers, processes. */

#include "admin/doctor.h"
#include "admin/files.h"
#include "admin/signers_edit.h"
#include "host/chain.h"
#include "host/clock.h"
#include "host/facts.h"
#include "host/grants.h"
#include "lib/moment.h"
#include "lib/paths.h"
#include "lib/view.h"
#include "lib/wire.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define STATUS_TIMEOUT_MS 2000
#define CONTACT_OLD       300

void doctor_config(struct doctor *doctor)
{
	struct problem problem = PROBLEM_NONE;
	struct config config;

	if (config_load(PATH_CONFIG_VENDOR, PATH_CONFIG, &config, &problem) < 0) {
		doctor_say(doctor, DOCTOR_FAULT, "mend the line, then: supportaccess config check",
			"%s", problem.text);
		return;
	}
	config_done(&config);
	doctor_say(doctor, DOCTOR_OK, NULL, "no errors");
}

void doctor_store(struct doctor *doctor)
{
	_cleanup_(freep) char *key = NULL;
	struct problem problem = PROBLEM_NONE;
	int64_t events = 0, heads = 0;
	const char *closed;

	if (!doctor->host) {
		doctor_say(doctor, DOCTOR_FAULT, NULL, "%s", doctor->why.text);
		return;
	}
	if (store_check(doctor->host->store, &problem) < 0) {
		doctor_say(doctor, DOCTOR_FAULT, NULL, "%s", problem.text);
		return;
	}
	closed = store_closed(doctor->host->store);
	if (closed)
		doctor_say(doctor, DOCTOR_FAULT, "when you know why: supportaccess clock epoch",
			"%s is closed: %s; nobody is let in", PATH_STORE, closed);
	if (store_get(doctor->host->store, FACT_PUBLIC_KEY, &key) < 0 ||
		chain_verify(doctor->host->store, key, &events, &heads, &problem) < 0)
		doctor_say(doctor, DOCTOR_FAULT, NULL, "the audit chain does not hold: %s",
			problem.text);
	else
		doctor_say(doctor, DOCTOR_OK, NULL,
			"enrolled as %s of %s; %lld events, the chain holds", doctor->host->name,
			doctor->host->customer, (long long)events);
}

void doctor_switch(struct doctor *doctor)
{
	struct grant_host facts;

	if (!doctor->host || grants_host(doctor->host->store, &doctor->host->config,
				     doctor->host->now, &facts, NULL) < 0)
		return;
	if (facts.off)
		doctor_say(doctor, DOCTOR_NOT_YET, "supportaccess on",
			"support access is switched off here");
	if (facts.copied)
		doctor_say(doctor, DOCTOR_FAULT,
			"on this machine: supportaccess leave --yes, then enrol it",
			"this machine was copied from %s: its machine-id is another one",
			facts.host_name);
	grants_host_done(&facts);
}

void doctor_clock(struct doctor *doctor)
{
	struct clock_state state;
	struct machine machine;

	if (!doctor->host || machine_read(&machine) < 0 ||
		clock_judge(doctor->host->store, &machine, doctor->host->now, &state) < 0)
		return;
	if (doctor->host->now < state.high_water)
		doctor_say(doctor, DOCTOR_FAULT,
			"set the clock right; if it is right: supportaccess clock accept",
			"the clock is %lld s behind what it was before; nobody is let in",
			(long long)(state.high_water - doctor->host->now));
	else if (state.ahead)
		doctor_say(doctor, DOCTOR_FAULT,
			"set the clock right; if it is right: supportaccess clock accept",
			"the clock jumped forward by more than a day; nobody is let in");
	else
		doctor_say(doctor, DOCTOR_OK, NULL, "is believed");
}

void doctor_view(struct doctor *doctor)
{
	struct view view = VIEW_NONE;
	int r = view_open(PATH_VIEW, 0, &view);

	if (r < 0) {
		doctor_say(doctor, DOCTOR_FAULT, "supportaccess enable", "%s cannot be used: %s",
			PATH_VIEW, strerror(-r));
		return;
	}
	view_close(&view);
	doctor_say(doctor, DOCTOR_OK, NULL, "%s is whole", PATH_VIEW);
}

/* --- signers ------------------------------------------------------------------------------ */

struct linting {
	struct doctor *doctor;
	const char *path;
	bool clean;
};

static void lint_fault(void *context, unsigned int line, const char *fault)
{
	struct linting *linting = context;

	linting->clean = false;
	doctor_say(linting->doctor, DOCTOR_WARNING, NULL, "%s:%u: %s", linting->path, line, fault);
}

static int is_any(void *context, const struct signer *signer)
{
	(void)context, (void)signer;
	return 1;
}

/* What cannot be understood is no signer less but a file that nobody is believed by. */
static bool is_understood(struct doctor *doctor, const struct signers *signers)
{
	_cleanup_(freep) char *bytes = NULL;
	struct problem problem = PROBLEM_NONE;
	size_t size;

	if (signers_read(signers, &bytes, &size, &problem) == 0)
		return true;
	doctor_say(
		doctor, DOCTOR_FAULT, "mend it: until then nobody is let in", "%s", problem.text);
	return false;
}

static void lint(struct doctor *doctor, const struct signers *signers, bool patterns,
	const char *const namespaces[2], const char *empty, const char *remedy)
{
	const char *path = signers->file;
	struct linting linting = { doctor, path, true };
	_cleanup_(freep) char *text = NULL;
	struct stat st;

	if (files_read(path, &text, NULL) < 0 || signers_each(text, is_any, NULL) == 0) {
		doctor_say(doctor, DOCTOR_NOT_YET, remedy, "%s", empty);
		return;
	}
	if (stat(path, &st) == 0 && (st.st_uid != 0 || (st.st_mode & 022)))
		doctor_say(doctor, DOCTOR_FAULT, "chown root: FILE && chmod 644 FILE",
			"others than root may change %s", path);
	if (!is_understood(doctor, signers))
		return;
	signers_lint(text, patterns, namespaces, lint_fault, &linting);
	if (linting.clean)
		doctor_say(doctor, DOCTOR_OK, NULL, "%s is right", path);
}

void doctor_approvers(struct doctor *doctor)
{
	static const char *const namespaces[2] = { "decision@supportaccess",
		"revocation@supportaccess" };

	lint(doctor, &host_approvers, false, namespaces,
		"nobody but root here may decide for this host",
		"supportaccess approvers add NAME --key FILE.pub");
}

void doctor_agents(struct doctor *doctor)
{
	static const char *const namespaces[2] = { "request@supportaccess",
		"closing@supportaccess" };
	_cleanup_(freep) char *authority = NULL;

	lint(doctor, &host_agents, true, namespaces, "no agent authority is trusted here",
		"supportaccess enroll URL");
	if (doctor->host && store_get(doctor->host->store, FACT_AUTHORITY, &authority) == 0 &&
		!*authority)
		doctor_say(doctor, DOCTOR_WARNING,
			"compare `ssh-keygen -lf " PATH_AGENTS
			"` with your vendor's contract, then "
			"leave and enrol with --authority-fingerprint",
			"the agent authority's fingerprint was never compared: central vouches for "
			"agents here");
}

/* --- permissions and processes -------------------------------------------------------------- */

void doctor_permissions(struct doctor *doctor)
{
	static const struct {
		const char *path;
		mode_t forbidden;
		const char *remedy, *owner;
	} rows[] = {
		{ PATH_STATE, 077, "chmod 700 " PATH_STATE, "root" },
		{ PATH_STORE, 077, "chmod 600 " PATH_STORE, "root" },
		{ PATH_HOST_KEY, 077, "chmod 600 " PATH_HOST_KEY, "root" },
		{ PATH_COURIER_TOKEN, 077, "chmod 600 " PATH_COURIER_TOKEN, USER_COURIER },
		{ PATH_CONFIG, 022, "chmod 755 " PATH_CONFIG, "root" },
		{ PATH_RUN, 022, "chmod 755 " PATH_RUN, "root" },
		{ PATH_KEYS, 022, "chmod 755 " PATH_KEYS, "root" },
	};
	bool right = true;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct passwd *owner = getpwnam(rows[i].owner);
		struct stat st;

		if (stat(rows[i].path, &st) < 0)
			continue;
		if (!(st.st_mode & rows[i].forbidden) && owner && st.st_uid == owner->pw_uid)
			continue;
		right = false;
		doctor_say(doctor, DOCTOR_FAULT, rows[i].remedy,
			"%s has mode %04o and owner %u; it should be %s's alone", rows[i].path,
			(unsigned int)st.st_mode & 07777, st.st_uid, rows[i].owner);
	}
	if (right)
		doctor_say(doctor, DOCTOR_OK, NULL, "as they should be");
}

static void judge_contact(struct doctor *doctor, const struct wire_status *status)
{
	char when[MOMENT_TEXT_MAX];
	int64_t now = moment_now();

	if (doctor->host && !*doctor->host->config.central)
		return; /* doctor_central tells what is next */
	moment_show(status->contact, now, false, true, when, sizeof(when));
	if (!status->contact)
		doctor_say(doctor, DOCTOR_FAULT,
			"systemctl start supportaccess-courier; journalctl -u "
			"supportaccess-courier",
			"the courier has not reached central yet%s%.*s",
			*status->contact_text ? ": " : "", (int)sizeof(status->contact_text),
			status->contact_text);
	else if (now - status->contact > CONTACT_OLD)
		doctor_say(doctor, DOCTOR_WARNING, "journalctl -u supportaccess-courier",
			"the courier last reached central %s%s%.*s", when,
			*status->contact_text ? ": " : "", (int)sizeof(status->contact_text),
			status->contact_text);
	else
		doctor_say(doctor, DOCTOR_OK, NULL, "the courier reached central %s", when);
}

void doctor_daemon(struct doctor *doctor)
{
	struct wire_header request = wire_header(WIRE_STATUS);
	struct wire_status status = { 0 };
	size_t size = 0;
	int r = wire_ask(PATH_CONTROL_SOCKET, STATUS_TIMEOUT_MS, &request, sizeof(request), &status,
		sizeof(status), &size, NULL, NULL);

	if (r == 0 && (size != sizeof(status) || !wire_text_is_clean(status.contact_text,
							 sizeof(status.contact_text))))
		r = -EPROTO;
	if (r < 0) {
		doctor_say(doctor, DOCTOR_FAULT, "systemctl start supportaccessd",
			"does not answer (%s): support logins are refused", strerror(-r));
		return;
	}
	doctor_say(doctor, DOCTOR_OK, NULL, "answers; %u session%s, %u grant%s", status.sessions,
		status.sessions == 1 ? "" : "s", status.grants, status.grants == 1 ? "" : "s");
	judge_contact(doctor, &status);
}
