/* SPDX-License-Identifier: MIT */

/* Logging in: the distribution's own ssh, with sshd's keys as the host itself signed them, so that
 * nobody is asked whether a fingerprint looks right. ssh takes this program's place: its terminal
 * and its exit status are its own.
 *
 * Central is asked first only because a host that never heard of the agent has no account for her,
 * and sshd then says no more than "Permission denied". */

#include "core/json.h"
#include "lib/moment.h"
#include "lib/text.h"
#include "staff/asked.h"
#include "staff/hosts.h"
#include "staff/key.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define PATH_SSH      "/usr/bin/ssh"
#define SSH_FIXED_MAX 20
#define TEXT_MAX      (PATH_MAX * 2 + 64)

/* True if some request of hers names that host, whatever became of it: then the host has an
 * account for her and says why not, better than we could. */
static int was_asked(
	struct staff *staff, const struct enrolment *host, bool *ret, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *list = NULL;
	int r = asked_list(staff, host->customer, &list, problem);

	if (r < 0)
		return r;
	*ret = false;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		_cleanup_(document_freep) struct document *request = NULL;

		if (asked_request(json_object_array_get_idx(list, i), &request, NULL) < 0)
			continue;
		for (size_t h = 0; h < request->request.n_hosts; h++)
			if (strcmp(request->request.hosts[h].id, host->host.id) == 0)
				*ret = true;
	}
	return 0;
}

static void say_none(const struct staff *staff, const struct enrolment *host)
{
	fprintf(stderr,
		"supportaccess: nobody has approved support access to %s for %s: nobody asked.  "
		"[SA-NONE]\n"
		"  Do     " STAFF_PROGRAM " request --customer %s --host %s --scope read-only "
		"--for 3d --reason \"...\"\n",
		host->host.name, staff->settings.name, host->customer, host->host.name);
}

/* An address stands in ssh's command line. */
static int check_address(const struct enrolment *host, struct problem *problem)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-_:";

	if (!host->address[0] || host->address[0] == '-' ||
		host->address[strspn(host->address, allowed)])
		return problem_say(problem, -EINVAL, "%s gives an address that is none: \"%s\"",
			host->host.name, host->address);
	return 0;
}

static void host_alias(const struct enrolment *host, char *ret, size_t ret_size)
{
	snprintf(ret, ret_size, "%s.%s.supportaccess", host->host.name, host->customer);
}

/* A known_hosts of this one host, from its own signed words. */
static int write_known_hosts(
	const struct enrolment *host, char ret[static PATH_MAX], struct problem *problem)
{
	_cleanup_(freep) char *text = NULL;
	char alias[256], file[300], folder[PATH_MAX - 320];
	size_t size = 0;
	FILE *f;
	int r = settings_folder(folder, sizeof(folder), problem);

	if (r < 0)
		return r;
	if (folder[strcspn(folder, "\"%\\")])
		return problem_say(problem, -EINVAL, "ssh cannot use a file in %s", folder);
	host_alias(host, alias, sizeof(alias));
	f = open_memstream(&text, &size);
	if (!f)
		return -ENOMEM;
	for (size_t i = 0; i < host->n_host_keys; i++)
		fprintf(f, "%s %s\n", alias, host->host_keys[i]);
	if (fclose(f) != 0)
		return -ENOMEM;
	snprintf(file, sizeof(file), "known_hosts.%s", alias);
	snprintf(ret, PATH_MAX, "%s/%s", folder, file);
	return settings_write(file, text, size, problem);
}

/* Replaces this process. Returns only on failure. */
static int run_ssh(const struct staff *staff, const struct enrolment *host,
	const char *const *arguments, size_t n_arguments, struct problem *problem)
{
	char known_hosts[PATH_MAX], known[TEXT_MAX], alias[TEXT_MAX], port[32], identity[TEXT_MAX],
		user[512];
	const char *fixed[] = { PATH_SSH, "-o", known, "-o", "GlobalKnownHostsFile=/dev/null", "-o",
		"StrictHostKeyChecking=yes", "-o", alias, "-o", "CheckHostIP=no", "-o",
		"UpdateHostKeys=no", "-p", port };
	const char *argv[SSH_FIXED_MAX + COMMAND_WORDS_MAX + 1];
	struct agent_key key;
	size_t n = 0;
	int r = write_known_hosts(host, known_hosts, problem);

	if (r < 0)
		return r;
	snprintf(known, sizeof(known), "UserKnownHostsFile=\"%s\"", known_hosts);
	memcpy(alias, "HostKeyAlias=", sizeof("HostKeyAlias="));
	host_alias(host, alias + strlen(alias), sizeof(alias) - strlen(alias));
	snprintf(port, sizeof(port), "%lld", (long long)host->port);
	snprintf(user, sizeof(user), ACCOUNT_PREFIX "%s@%s", staff->settings.name, host->address);
	for (; n < sizeof(fixed) / sizeof(fixed[0]); n++)
		argv[n] = fixed[n];
	if (staff->settings.key[0] &&
		key_find(&(struct arguments){ 0 }, &staff->settings, &key, NULL) == 0) {
		snprintf(identity, sizeof(identity), "%s", key.private);
		argv[n++] = "-i";
		argv[n++] = identity;
	}
	argv[n++] = "--";
	argv[n++] = user;
	for (size_t i = 0; i < n_arguments; i++)
		argv[n++] = arguments[i];
	argv[n] = NULL;
	(void)signal(SIGPIPE, SIG_DFL);
	(void)execv(PATH_SSH, (char *const *)(uintptr_t)argv);
	return problem_say(problem, -errno, PATH_SSH ": %s", strerror(errno));
}

int staff_ssh(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(staff_done) struct staff staff = { 0 };
	_cleanup_(document_freep) struct document *host = NULL;
	char customer[DOCUMENT_CUSTOMER_MAX + 1];
	const char *slash = strchr(arguments->words[0], '/');
	size_t len = slash ? (size_t)(slash - arguments->words[0]) : 0;
	bool asked = false;
	int r;

	if (len == 0 || len >= sizeof(customer))
		return problem_say(problem, -EINVAL, "\"%s\" is no CUSTOMER/HOST, as in acme/db1",
			arguments->words[0]);
	memcpy(customer, arguments->words[0], len);
	customer[len] = '\0';
	r = staff_open(&staff, problem);
	if (r == 0)
		r = hosts_find(&staff, customer, slash + 1, &host, problem);
	if (r == 0)
		r = check_address(&host->enrolment, problem);
	if (r == 0)
		r = was_asked(&staff, &host->enrolment, &asked, problem);
	if (r < 0)
		return r;
	if (!asked) {
		say_none(&staff, &host->enrolment);
		return EXIT_REFUSED;
	}
	return run_ssh(
		&staff, &host->enrolment, arguments->words + 1, arguments->n_words - 1, problem);
}
