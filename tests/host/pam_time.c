/* SPDX-License-Identifier: MIT */

/* Times pam_acct_mgmt, for tests/bench.
 *
 *	pam_time TIMES WHAT...
 *
 * WHAT is LABEL=CONFDIR:SERVICE:USER, or LABEL=echo for one question and answer over a bare
 * SOCK_SEQPACKET socket, of our messages' sizes, with a child that does nothing else. All are taken
 * in turn, TIMES rounds after some to warm up; each with a handle of its own, as each login has.
 * Prints for each "LABEL P50 P99 CPU CODE": microseconds by the clock, median of the processor
 * time of this process, and what pam_acct_mgmt said.
 *
 * The system calls access("begin") and access("end") stand around each, for strace. */

#include "lib/wire.h"

#include <security/pam_appl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define WHATS_MAX 8
#define WARM_UP   20

struct what {
	char *label, *confdir, *service, *user; /* no confdir: echo */
	double *wall, *cpu;
	int code;
};

static struct sockaddr_un echo_address = { .sun_family = AF_UNIX };

static double now_us(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int fail(const char *what)
{
	fprintf(stderr, "pam_time: %s: %m\n", what);
	return 1;
}

/* --- echo --- */

static int echo_serve(int listening)
{
	static char message[WIRE_MAX];

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int fd = accept(listening, NULL, NULL);

		if (fd < 0)
			return 1;
		if (recv(fd, message, sizeof(message), 0) > 0)
			(void)send(fd, message, sizeof(struct wire_verdict), MSG_NOSIGNAL);
		(void)close(fd);
	}
}

static int echo_start(void)
{
	int listening = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	pid_t child;

	(void)snprintf(
		echo_address.sun_path, sizeof(echo_address.sun_path), "/run/echo.%d", getpid());
	if (bind(listening, (struct sockaddr *)&echo_address, sizeof(echo_address)) < 0 ||
		listen(listening, 16) < 0)
		return fail(echo_address.sun_path);
	child = fork();
	if (child < 0)
		return fail("fork");
	if (child == 0)
		_exit(echo_serve(listening));
	return close(listening);
}

static int echo_ask(void)
{
	static const struct wire_login question;
	struct wire_verdict answer;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bool answered = fd >= 0 &&
			connect(fd, (struct sockaddr *)&echo_address, sizeof(echo_address)) == 0 &&
			send(fd, &question, sizeof(question), MSG_NOSIGNAL) > 0 &&
			recv(fd, &answer, sizeof(answer), 0) == (ssize_t)sizeof(answer);

	(void)close(fd);
	return answered ? PAM_SUCCESS : PAM_SYSTEM_ERR;
}

/* --- PAM --- */

static int say_nothing(
	int n, const struct pam_message **messages, struct pam_response **ret, void *context)
{
	(void)messages, (void)context;
	*ret = calloc((size_t)n, sizeof(**ret));
	return *ret ? PAM_SUCCESS : PAM_BUF_ERR;
}

static int pam_ask(pam_handle_t *pam)
{
	return pam ? pam_acct_mgmt(pam, 0) : echo_ask();
}

static int take(struct what *what, size_t at)
{
	static const struct pam_conv conversation = { say_nothing, NULL };
	pam_handle_t *pam = NULL;
	double wall, cpu;

	if (what->confdir && pam_start_confdir(what->service, what->user, &conversation,
				     what->confdir, &pam) != PAM_SUCCESS)
		return fail(what->confdir);
	if (pam && (pam_set_item(pam, PAM_RHOST, "127.0.0.1") != PAM_SUCCESS ||
			   pam_set_item(pam, PAM_TTY, "ssh") != PAM_SUCCESS))
		return fail("pam_set_item");
	(void)access("begin", F_OK);
	cpu = now_us(CLOCK_PROCESS_CPUTIME_ID);
	wall = now_us(CLOCK_MONOTONIC);
	what->code = pam_ask(pam);
	what->wall[at] = now_us(CLOCK_MONOTONIC) - wall;
	what->cpu[at] = now_us(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	(void)access("end", F_OK);
	if (pam)
		(void)pam_end(pam, what->code);
	return 0;
}

/* --- the command line --- */

static int parse(char *text, size_t times, struct what *ret)
{
	ret->label = strsep(&text, "=");
	ret->wall = calloc(times, sizeof(*ret->wall));
	ret->cpu = calloc(times, sizeof(*ret->cpu));
	if (!text || !ret->wall || !ret->cpu)
		return fail("LABEL=");
	if (strcmp(text, "echo") == 0)
		return echo_start();
	ret->confdir = strsep(&text, ":");
	ret->service = strsep(&text, ":");
	ret->user = text;
	return ret->user ? 0 : fail("CONFDIR:SERVICE:USER");
}

static int ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void tell(const struct what *what, size_t times)
{
	qsort(what->wall, times, sizeof(double), ascending);
	qsort(what->cpu, times, sizeof(double), ascending);
	printf("%s %.1f %.1f %.1f %d\n", what->label, what->wall[times / 2],
		what->wall[times * 99 / 100], what->cpu[times / 2], what->code);
}

int main(int argc, char **argv)
{
	size_t times = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
	struct what whats[WHATS_MAX] = { 0 };
	size_t n = (size_t)argc - 2;

	if (times == 0 || n > WHATS_MAX) {
		fprintf(stderr, "pam_time: see the head of tests/host/pam_time.c\n");
		return 2;
	}
	for (size_t i = 0; i < n; i++)
		if (parse(argv[i + 2], times, &whats[i]) != 0)
			return 1;
	for (size_t at = 0; at < times + WARM_UP; at++)
		for (size_t i = 0; i < n; i++)
			if (take(&whats[i], at < WARM_UP ? 0 : at - WARM_UP) != 0)
				return 1;
	for (size_t i = 0; i < n; i++)
		tell(&whats[i], times);
	(void)unlink(echo_address.sun_path);
	return 0;
}
