/* SPDX-License-Identifier: MIT */

/* The parts of an enrolment on disk. The token comes before the store's facts, because the code is
 * used up once central has answered: with the token and the document kept, a repeated `enroll`
 * finishes without a new code. */

#include "admin/enrolling.h"

#include "admin/ask.h"
#include "admin/files.h"
#include "admin/host.h"
#include "host/chain.h"
#include "host/clock.h"
#include "host/enrolled.h"
#include "host/facts.h"
#include "lib/moment.h"
#include "lib/paths.h"
#include "lib/text.h"

#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SSH_HOST_KEYS "/etc/ssh/ssh_host_*_key.pub"

bool enrolling_is_done(void)
{
	_cleanup_(store_freep) struct store *store = NULL;
	_cleanup_(freep) char *id = NULL;

	return access(PATH_COURIER_TOKEN, F_OK) == 0 &&
	       store_open(PATH_STORE, false, &store, NULL) == 0 &&
	       store_get(store, FACT_HOST_ID, &id) == 0;
}

int enrolling_is_copy(char ret_name[static DOCUMENT_NAME_MAX + 1], struct problem *problem)
{
	_cleanup_(store_freep) struct store *store = NULL;
	_cleanup_(freep) char *id = NULL, *name = NULL;
	struct machine machine;
	int r = store_open(PATH_STORE, false, &store, problem);

	if (r == 0)
		r = store_get(store, FACT_MACHINE_ID, &id);
	if (r == 0)
		r = store_get(store, FACT_HOST_NAME, &name);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = machine_read(&machine);
	if (r != 0)
		return r;
	if (!id[0] || strcmp(id, machine.id) == 0)
		return 0;
	r = text_copy(ret_name, DOCUMENT_NAME_MAX + 1, name);
	return r < 0 ? r : 1;
}

/* SQLite's own files go along, or what is only in the log would be lost. */
static int move_store(const char *to, struct problem *problem)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-generation" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		char old[PATH_MAX], new[PATH_MAX];

		snprintf(old, sizeof(old), "%s%s", PATH_STORE, suffixes[i]);
		snprintf(new, sizeof(new), "%s%s", to, suffixes[i]);
		if (rename(old, new) < 0 && errno != ENOENT)
			return problem_say(problem, -errno, "cannot move %s to %s: %s", old, new,
				strerror(errno));
	}
	return 0;
}

int enrolling_put_aside(char *ret_path, size_t ret_size, struct problem *problem)
{
	static const char *const secrets[] = { PATH_COURIER_TOKEN, PATH_HOST_KEY,
		PATH_HOST_KEY ".pub", ENROLLING_DOCUMENT };

	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		if (unlink(secrets[i]) < 0 && errno != ENOENT)
			return problem_say(problem, -errno, "cannot remove %s: %s", secrets[i],
				strerror(errno));
	snprintf(ret_path, ret_size, "%s.copied-%" PRId64, PATH_STORE, moment_now());
	return move_store(ret_path, problem);
}

/* The first line of a .pub file without its comment. */
static int read_plain_key(const char *path, char ret[static DOCUMENT_KEY_MAX + 1])
{
	_cleanup_(freep) char *line = NULL;
	char *blank;
	int r = files_first_line(path, &line);

	if (r < 0)
		return r;
	blank = strchr(line, ' ');
	blank = blank ? strchr(blank + 1, ' ') : NULL;
	if (blank)
		*blank = '\0';
	if (!key_is_plain(line))
		return -EINVAL;
	return text_copy(ret, DOCUMENT_KEY_MAX + 1, line);
}

int enrolling_key(char ret[static DOCUMENT_KEY_MAX + 1], struct problem *problem)
{
	const char *const argv[] = { PATH_SSH_KEYGEN, "-q", "-t", "ed25519", "-N", "", "-C",
		"supportaccess", "-f", PATH_HOST_KEY, NULL };
	int r = 0;

	if (access(PATH_HOST_KEY, F_OK) < 0 || access(PATH_HOST_KEY ".pub", F_OK) < 0) {
		(void)unlink(PATH_HOST_KEY);
		r = files_run(argv, NULL, problem);
	}
	if (r == 0)
		r = read_plain_key(PATH_HOST_KEY ".pub", ret);
	if (r < 0)
		return problem_say(problem, r, "cannot make this host's key %s: %s", PATH_HOST_KEY,
			strerror(-r));
	return 0;
}

int enrolling_agents(const char *authority, struct problem *problem)
{
	_cleanup_(freep) char *line = NULL, *old = NULL;
	int r;

	if (asprintf(&line,
		    "# The vendor's agent authority: whoever it certifies may ask. Written by "
		    "`supportaccess enroll`.\n"
		    "* cert-authority,namespaces=\"request@supportaccess,closing@supportaccess\" "
		    "%s\n",
		    authority) < 0)
		return -ENOMEM;
	r = files_read(PATH_AGENTS, &old, problem);
	if (r == 0 && strcmp(old, line) != 0)
		return problem_say(problem, -EEXIST,
			"%s is there already and trusts something else; if that is over: mv %s "
			"%s.old",
			PATH_AGENTS, PATH_AGENTS, PATH_AGENTS);
	if (r != -ENOENT)
		return r;
	return files_replace(PATH_AGENTS, line, 0644, problem);
}

int enrolling_central(
	const char *url, const char *proxy, const char *ca_file, struct problem *problem)
{
	_cleanup_(freep) char *text = NULL;
	int r = files_folder(PATH_CONFIG "/conf.d", 0755, problem);

	if (r < 0)
		return r;
	if (asprintf(&text, "# Written by `supportaccess enroll`.\ncentral = %s\n%s%s%s%s%s%s", url,
		    proxy ? "proxy = " : "", proxy ? proxy : "", proxy ? "\n" : "",
		    ca_file ? "ca_file = " : "", ca_file ? ca_file : "", ca_file ? "\n" : "") < 0)
		return -ENOMEM;
	return files_replace(ENROLLING_CENTRAL, text, 0644, problem);
}

int enrolling_token(const char *token, struct problem *problem)
{
	_cleanup_(freep) char *line = NULL;
	struct passwd *user = getpwnam(USER_COURIER);
	int r;

	if (!user)
		return problem_say(problem, -ENOENT, "there is no user %s", USER_COURIER);
	if (asprintf(&line, "%s\n", token) < 0)
		return -ENOMEM;
	r = files_replace(PATH_COURIER_TOKEN, line, 0600, problem);
	if (r == 0 && lchown(PATH_COURIER_TOKEN, user->pw_uid, user->pw_gid) < 0)
		r = problem_say(problem, -errno, "cannot give %s to %s: %s", PATH_COURIER_TOKEN,
			USER_COURIER, strerror(errno));
	return r;
}

int enrolling_host_keys(struct enrolment *enrolment, struct problem *problem)
{
	glob_t found = { 0 };

	if (glob(SSH_HOST_KEYS, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc && enrolment->n_host_keys < DOCUMENT_KEYS_MAX;
			i++)
			if (read_plain_key(found.gl_pathv[i],
				    enrolment->host_keys[enrolment->n_host_keys]) == 0)
				enrolment->n_host_keys++;
	globfree(&found);
	if (enrolment->n_host_keys == 0)
		return problem_say(problem, -ENOENT,
			"sshd has no host key (%s): install openssh-server, or say ssh-keygen -A",
			SSH_HOST_KEYS);
	return 0;
}

static int write_facts(const struct enrolment *enrolment, struct problem *problem)
{
	_cleanup_(store_freep) struct store *store = NULL;
	struct machine machine;
	char by[DOCUMENT_PRINCIPAL_MAX + 1];
	int r = store_open(PATH_STORE, true, &store, problem);

	if (r == 0)
		r = store_use_tombstones(store, PATH_SESSIONS);
	if (r == 0)
		r = machine_read(&machine);
	ask_caller(by, sizeof(by));
	if (r == 0)
		r = host_enrolled(store, enrolment, machine.id, moment_now(), by, problem);
	if (r == 0)
		r = chain_sign(store, PATH_HOST_KEY, moment_now(), problem);
	return r;
}

int enrolling_finish(struct enrolment *ret, struct problem *problem)
{
	_cleanup_(document_freep) struct document *document = NULL;
	_cleanup_(freep) char *bytes = NULL;
	int r = files_read(ENROLLING_DOCUMENT, &bytes, problem);

	if (r == 0)
		r = document_parse(bytes, strlen(bytes), &document, problem);
	if (r == 0 && document->type != DOCUMENT_ENROLMENT)
		r = -EBADMSG;
	if (r == 0)
		r = write_facts(&document->enrolment, problem);
	if (r != 0)
		return problem_say(problem, r, "cannot finish the enrolment: %s", strerror(-r));
	*ret = document->enrolment;
	(void)unlink(ENROLLING_DOCUMENT);
	return 0;
}
