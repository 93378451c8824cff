/* SPDX-License-Identifier: MIT */
#pragma once

/* Tests that kill by uid or mount things run in mount, IPC and pid namespaces of their own: what
 * they do wrong ends there. They need root, and say so instead of skipping. */

#include <check.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define JAIL_UID     70123 /* of the agent whose processes are ended */
#define JAIL_OTHER   70124 /* another agent */
#define JAIL_WAIT_MS 5000

/* Returns in a process of the new namespaces; never returns in the one that called it. */
static inline void jail(void)
{
	int status;
	pid_t first;

	if (geteuid() != 0) {
		puts("Bail out! this test needs root to make namespaces: sudo make test");
		exit(1);
	}
	if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC) < 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		perror("Bail out! cannot make namespaces");
		exit(1);
	}
	first = fork();
	if (first > 0) {
		if (waitpid(first, &status, 0) < 0 || !WIFEXITED(status))
			_exit(1);
		_exit(WEXITSTATUS(status));
	}
	if (first < 0 || mount("proc", "/proc", "proc", 0, NULL) < 0)
		exit(1);
	/* The tests run below this first process, which reaps: see jail_run. */
}

/* Runs the suite in a child, so that what it leaves behind is inherited and reaped here. Ends with
 * _exit: LeakSanitizer cannot trace the first process of a pid namespace. */
static inline _Noreturn void jail_run(SRunner *runner)
{
	int status = 0, ended;
	pid_t tests = fork();

	if (tests == 0) {
		srunner_run_all(runner, CK_ENV);
		(void)fflush(NULL);
		_exit(srunner_ntests_failed(runner) ? 1 : 0);
	}
	for (pid_t pid; (pid = waitpid(-1, &ended, 0)) > 0;) {
		status = pid == tests ? ended : status;
		if (pid == tests)
			break;
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static inline bool jail_gone(int pidfd, int timeout_ms)
{
	struct pollfd wait = { .fd = pidfd, .events = POLLIN };

	return poll(&wait, 1, timeout_ms) == 1;
}

/* Starts a process that runs `body` and then waits for its end; returns when `body` is done. */
static inline int jail_start(void (*body)(void *context), void *context, pid_t *ret_pid)
{
	int ready[2];
	pid_t pid;
	char byte;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		(void)close(ready[0]);
		body(context);
		if (write(ready[1], "r", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	(void)close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	if (ret_pid)
		*ret_pid = pid;
	return pidfd_open(pid, 0);
}
