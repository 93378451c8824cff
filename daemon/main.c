/* SPDX-License-Identifier: MIT */

/* supportaccessd: from a command line to a loop, and back. */

#include "daemon/daemon.h"

#include "core/command.h"
#include "daemon/intake.h"
#include "daemon/log.h"
#include "daemon/operations.h"
#include "daemon/registry.h"
#include "daemon/round.h"
#include "daemon/server.h"
#include "daemon/timers.h"
#include "daemon/watch.h"
#include "host/keeping.h"
#include "lib/moment.h"
#include "lib/paths.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

int daemon_store(struct daemon *daemon)
{
	int r;

	if (daemon->store && store_is_in_place(daemon->store))
		return 0;
	if (daemon->store) {
		log_say(LOG_WARNING, "%s is opened again: it was replaced or can be written again",
			PATH_STORE);
		store_free(TAKE_PTR(daemon->store));
		daemon->store_checked = 0;
	}
	daemon->trouble = PROBLEM_NONE;
	r = daemon->is_round ? store_open_checked(PATH_STORE, &daemon->store, &daemon->trouble)
			     : store_open(PATH_STORE, true, &daemon->store, &daemon->trouble);
	if (r == 0)
		r = store_use_tombstones(daemon->store, PATH_SESSIONS);
	if (r < 0) {
		store_free(TAKE_PTR(daemon->store));
		(void)problem_say(&daemon->trouble, r, "%s: %s", PATH_STORE, strerror(-r));
		log_say(LOG_ERR, "support accounts are refused: %s", daemon->trouble.text);
	}
	return r;
}

int daemon_configure(struct daemon *daemon, struct problem *problem)
{
	struct config config = { 0 };
	int r = config_load(PATH_CONFIG_VENDOR, PATH_CONFIG, &config, problem);

	if (r < 0)
		return r;
	config_done(&daemon->config);
	daemon->config = config;
	return 0;
}

/* A worker's settings are the daemon's. */
static int take_settings(struct daemon *daemon, struct problem *problem)
{
	int r = config_read(WORKER_SETTINGS_FD, &daemon->config, problem);

	if (r == 0)
		(void)close(WORKER_SETTINGS_FD);
	return r;
}

static int prepare(struct daemon *daemon, bool is_worker, struct problem *problem)
{
	*daemon = (struct daemon){
		.started = moment_now(), .timer_fd = -EBADF, .round = WORKER_NONE
	};
	daemon->approvers = (struct signers){ .file = PATH_APPROVERS,
		.directory = PATH_APPROVERS_D,
		.revoked = PATH_REVOKED_KEYS,
		.user = USER_VERIFY };
	daemon->agents = (struct signers){
		.file = PATH_AGENTS, .revoked = PATH_REVOKED_KEYS, .user = USER_VERIFY
	};
	if (geteuid() != 0)
		return problem_say(problem, -EPERM, "must be run as root");
	return is_worker ? take_settings(daemon, problem) : daemon_configure(daemon, problem);
}

static int make_folder(const char *path, mode_t mode, struct problem *problem)
{
	if (mkdir(path, mode) < 0 && errno != EEXIST)
		return problem_say(problem, -errno, "cannot make %s: %m", path);
	return 0;
}

static int make_folders(struct problem *problem)
{
	static const struct {
		const char *path;
		mode_t mode;
	} folders[] = {
		{ PATH_STATE, 0700 },
		{ PATH_RUN, 0755 },
		{ PATH_VIEW_DIR, 0755 },
		{ PATH_KEYS, 0755 },
		{ PATH_SESSIONS, 0700 },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(folders) / sizeof(folders[0]); i++)
		r = make_folder(folders[i].path, folders[i].mode, problem);
	return r;
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	(void)source, (void)info;
	(void)sd_notify(0, "RELOADING=1");
	watch_reload(context);
	(void)sd_notify(0, "READY=1");
	return 0;
}

static int block_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return -errno;
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -errno : 0;
}

static int watch_signals(struct daemon *daemon)
{
	int r = sd_event_add_signal(daemon->event, NULL, SIGTERM, NULL, NULL);

	if (r >= 0)
		r = sd_event_add_signal(daemon->event, NULL, SIGINT, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(daemon->event, NULL, SIGHUP, on_hangup, daemon);
	return r < 0 ? r : 0;
}

/* Sockets last: who connects finds a daemon that has judged and published. */
static int start(struct daemon *daemon, struct problem *problem)
{
	int r = block_signals();

	if (r == 0)
		r = make_folders(problem);
	if (r == 0)
		r = sd_event_default(&daemon->event);
	if (r >= 0)
		r = watch_signals(daemon);
	if (r == 0)
		r = timers_start(daemon);
	if (r == 0)
		r = watch_start(daemon, PATH_CONFIG);
	if (r == 0)
		r = server_start(
			daemon, PATH_RUN, USER_COURIER, operations_serve, &daemon->server, problem);
	return r < 0 ? problem_say(problem, r, "cannot start: %s", strerror(-r)) : 0;
}

static void finish(struct daemon *daemon)
{
	struct problem problem = PROBLEM_NONE;

	if (daemon->store &&
		refusals_write(&daemon->refusals, daemon->store, moment_now(), &problem) < 0)
		log_say(LOG_ERR, "cannot record refused logins: %s", problem.text);
	intake_stop(daemon);
	worker_stop(&daemon->round);
	server_stop(daemon->server);
	registry_clear(daemon);
	sd_event_source_disable_unref(daemon->next_change);
	sd_event_source_disable_unref(daemon->reload);
	sd_event_source_disable_unref(daemon->inotify);
	sd_event_unref(daemon->event);
	closep(&daemon->timer_fd);
	store_free(daemon->store);
	config_done(&daemon->config);
}

static int serve(struct daemon *daemon, struct problem *problem)
{
	int r = start(daemon, problem);

	if (r < 0)
		return r;
	round_begin(daemon, true);
	(void)sd_notify(0, "READY=1");
	log_say(LOG_INFO, "started, version %s", SUPPORTACCESS_VERSION);
	r = sd_event_loop(daemon->event);
	(void)sd_notify(0, "STOPPING=1");
	return r < 0 ? problem_say(problem, r, "stopped: %s", strerror(-r)) : 0;
}

/* An exit code, or a negative errno with the problem said. */
static int run(const struct arguments *arguments, struct problem *problem)
{
	struct daemon daemon = { .timer_fd = -EBADF, .round = WORKER_NONE };
	bool is_round = argument_given(arguments, "round"),
	     is_intake = argument_given(arguments, "intake");
	int r;

	umask(0022);
	log_open(getenv("JOURNAL_STREAM") == NULL);
	r = prepare(&daemon, is_round || is_intake, problem);
	daemon.is_round = is_round;
	if (r == 0 && is_round)
		r = round_main(&daemon);
	else if (r == 0 && is_intake)
		r = intake_main(&daemon);
	else if (r == 0)
		r = serve(&daemon, problem);
	finish(&daemon);
	return r;
}

int main(int argc, char **argv)
{
	static const struct option_spec options[] = {
		{ "round", 0, NULL,
			"do what takes long when the daemon asks on standard input, until it "
			"closes that: end sessions that are over, sign the audit chain's head" },
		{ "intake", 0, NULL,
			"judge documents that the daemon hands over on standard input, until it "
			"closes that" },
		{ 0 },
	};
	static const struct command commands[] = {
		{ "", "", "serve until SIGTERM; SIGHUP reads /etc/supportaccess again", options, 0,
			0, run },
		{ 0 },
	};

	return command_main(
		"supportaccessd", "lets approved support staff in", commands, argc, argv);
}
