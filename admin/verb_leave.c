/* SPDX-License-Identifier: MIT */

/* `supportaccess leave`: undoes `enroll`. Access ends first and whatever central answers; the
 * store with its audit chain stays, and so does the host's key: the same host may come back. A copy
 * of a host does not speak for it: its token is the original's, which stays enrolled. */

#include "admin/ask.h"
#include "admin/enrolling.h"
#include "admin/files.h"
#include "admin/host.h"
#include "admin/verbs.h"
#include "api/client.h"
#include "core/json.h"
#include "host/chain.h"
#include "host/rejudge.h"
#include "lib/paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int tell_central(const struct host *host, struct problem *problem)
{
	_cleanup_(api_freep) struct api *api = NULL;
	_cleanup_(freep) char *token = NULL;
	const struct config *config = &host->config;
	struct api_settings settings = {
		.url = config->central,
		.proxy = config->proxy,
		.ca_file = config->ca_file,
		.user_agent = "supportaccess/" SUPPORTACCESS_VERSION,
		.timeout_ms = API_TIMEOUT_MS,
	};
	int r = files_first_line(PATH_COURIER_TOKEN, &token);

	if (r == -ENOENT)
		return 0;
	settings.token = token;
	if (r == 0)
		r = api_open(&settings, &api, problem);
	return r < 0 ? r : api_delete(api, "/v1/enrolment", problem);
}

static int remove_files(struct problem *problem)
{
	static const char *const paths[] = { PATH_AGENTS, PATH_COURIER_TOKEN, ENROLLING_CENTRAL,
		ENROLLING_DOCUMENT };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (unlink(paths[i]) < 0 && errno != ENOENT)
			return problem_say(
				problem, -errno, "cannot remove %s: %s", paths[i], strerror(errno));
	return 0;
}

/* All that was decided is void, whether or not it can be judged again. */
static int write_left(struct host *host, struct problem *problem)
{
	struct event event = { .kind = "left" };
	int r = store_begin(host->store, problem);

	if (r < 0)
		return r;
	snprintf(event.by, sizeof(event.by), "%s", host->by);
	r = store_set_epoch(host->store, host->now);
	if (r == 0)
		r = chain_append(host->store, &event, host->now, problem);
	if (r == 0)
		return store_commit(host->store, problem);
	store_rollback(host->store);
	return r;
}

/* Without `agents` nobody is vouched for: judged again, requests do not count either. */
static int close_all(struct host *host, struct problem *problem)
{
	struct ingest ingest = host_ingest(host);
	struct rejudged judged;
	int left = write_left(host, problem);
	int r = rejudge(&ingest, &judged, problem);
	int changed = host_changed(host, host->by, "this host left", NULL, problem);

	return left < 0 ? left : r < 0 ? r : changed;
}

static int run(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(host_done) struct host host = { 0 };
	_cleanup_(json_putp) struct json_object *row = json_object_new_object();
	struct problem unreachable = PROBLEM_NONE;
	char original[DOCUMENT_NAME_MAX + 1];
	bool copy, told;
	int r = host_open("leave", HOST_LOOKS, &host, problem);

	if (r == 0)
		r = ask(arguments, problem,
			"End all support access to %s and forget central? Coming back needs a new "
			"code.",
			host.name);
	if (r == 0)
		r = enrolling_is_copy(original, problem);
	if (r < 0)
		return r;
	copy = r > 0;
	told = copy || tell_central(&host, &unreachable) == 0;
	r = remove_files(problem);
	if (r == 0)
		r = close_all(&host, problem);
	if (r < 0)
		return r;
	json_add_text(row, "host", host.name);
	json_add_switch(row, "central_told", told);
	output_result(output_asked(arguments), row, "%s%s has left. Its audit chain stays in %s.",
		copy ? "This copy of " : "", host.name, PATH_STORE);
	if (!told)
		fprintf(stderr,
			"supportaccess: central does not know yet: %s. Ask your vendor to remove "
			"%s\n",
			unreachable.text, host.name);
	return told ? EXIT_DONE : EXIT_IN_PART;
}

static const struct option_spec options[] = {
	{ "json", 0, NULL, "print JSON" },
	{ "yes", 'y', NULL, "do not ask" },
	{ 0 },
};

const struct command verb_leave = { "leave", "", "undo `enroll`: end all access, forget central",
	options, 0, 0, run };
