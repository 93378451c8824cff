/* SPDX-License-Identifier: MIT */

/* When something has happened, for tests/bench.
 *
 *	when gone CGROUP COMMAND...	runs COMMAND and prints after how many milliseconds from its
 *					start the cgroup held no process any more
 *	when killed CGROUP		the same of cgroup.kill
 *	when open NAME			asks the account check, again and again, until it says yes,
 *					and prints the clock then, in microseconds since the epoch
 *
 * CGROUP is a path below /sys/fs/cgroup. Each gives up after 10 s. */

#include "lib/paths.h"
#include "lib/verdict.h"
#include "lib/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pwd.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GIVE_UP_US 10000000
#define PAUSE_US   200

static int64_t now_us(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int fail(const char *what)
{
	fprintf(stderr, "when: %s: %m\n", what);
	return 1;
}

/* --- gone --- */

static int open_file(const char *cgroup, const char *name, int flags)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "/sys/fs/cgroup%s/%s", cgroup, name);
	return open(path, flags | O_CLOEXEC);
}

/* A cgroup that was removed held nothing: then reading fails. */
static bool is_populated(int events)
{
	char text[256];
	ssize_t n = pread(events, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return false;
	text[n] = '\0';
	return strstr(text, "populated 1") != NULL;
}

static int wait_gone(int events, int64_t start)
{
	struct pollfd pollfd = { .fd = events, .events = POLLPRI };

	while (is_populated(events)) {
		if (now_us(CLOCK_MONOTONIC) - start > GIVE_UP_US) {
			errno = ETIMEDOUT;
			return fail("there are still processes");
		}
		(void)poll(&pollfd, 1, 100);
	}
	printf("%.2f\n", (double)(now_us(CLOCK_MONOTONIC) - start) / 1000);
	return 0;
}

static int gone(const char *cgroup, char **command)
{
	int events = open_file(cgroup, "cgroup.events", O_RDONLY), status = 0, r;
	int64_t start = now_us(CLOCK_MONOTONIC);
	pid_t pid;

	if (events < 0 || !is_populated(events))
		return fail("nobody is in the cgroup");
	if (posix_spawn(&pid, command[0], NULL, NULL, command, environ) != 0)
		return fail(command[0]);
	r = wait_gone(events, start);
	if (waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "when: %s ended with %d\n", command[0], status);
		return 1;
	}
	return r;
}

static int killed(const char *cgroup)
{
	int events = open_file(cgroup, "cgroup.events", O_RDONLY);
	int kill = open_file(cgroup, "cgroup.kill", O_WRONLY);
	int64_t start = now_us(CLOCK_MONOTONIC);

	if (events < 0 || kill < 0 || !is_populated(events))
		return fail("nobody is in the cgroup");
	if (write(kill, "1", 1) != 1)
		return fail("cgroup.kill");
	return wait_gone(events, start);
}

/* --- open --- */

static int ask(const struct wire_login *login, uint32_t *ret_verdict)
{
	struct wire_verdict answer = { 0 };
	size_t size = 0;
	int r = wire_ask(PATH_CONTROL_SOCKET, 2000, login, sizeof(*login), &answer, sizeof(answer),
		&size, NULL, NULL);

	*ret_verdict = answer.verdict;
	return r;
}

static int wait_open(const char *name)
{
	const struct timespec pause = { .tv_nsec = PAUSE_US * 1000 };
	const struct passwd *pw = getpwnam(name);
	struct wire_login login = { .header = wire_header(WIRE_ACCOUNT), .service = "sshd" };
	int64_t start = now_us(CLOCK_MONOTONIC);
	uint32_t verdict = VERDICT_NONE;

	if (!pw || strlen(name) >= sizeof(login.user))
		return fail("no such account");
	login.uid = pw->pw_uid;
	login.gid = pw->pw_gid;
	memcpy(login.user, name, strlen(name));
	if (ask(&login, &verdict) < 0 || verdict == VERDICT_OK)
		return fail("it is open before, or cannot be asked");
	(void)puts("waiting");
	(void)fflush(stdout);
	while (verdict != VERDICT_OK) {
		if (now_us(CLOCK_MONOTONIC) - start > GIVE_UP_US)
			return fail("it does not open");
		(void)nanosleep(&pause, NULL);
		if (ask(&login, &verdict) < 0)
			return fail("it cannot be asked");
	}
	printf("%" PRId64 "\n", now_us(CLOCK_REALTIME));
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[1] : "";

	if (strcmp(verb, "gone") == 0 && argc > 3)
		return gone(argv[2], argv + 3);
	if (strcmp(verb, "killed") == 0 && argc == 3)
		return killed(argv[2]);
	if (strcmp(verb, "open") == 0 && argc == 3)
		return wait_open(argv[2]);
	fprintf(stderr, "when: see the head of tests/host/when.c\n");
	return 2;
}
