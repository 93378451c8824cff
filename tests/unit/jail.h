/* SPDX-License-Identifier: MIT */
#pragma once

/* Tests that kill by uid or mount things run in mount, IPC and pid namespaces of their own: what
 * they do wrong ends there. They need root, and say so instead of skipping. */

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
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

/* --- bodies for jail_start: what a process does to itself before it waits to be ended ------- */

static inline void jail_as_agent(void *context)
{
	(void)context;
	ck_assert_int_eq(setresuid(JAIL_UID, JAIL_UID, JAIL_UID), 0);
}

static inline void jail_as_other(void *context)
{
	(void)context;
	ck_assert_int_eq(setresuid(JAIL_OTHER, JAIL_OTHER, JAIL_OTHER), 0);
}

static inline void jail_as_root(void *context)
{
	(void)context;
}

/* A login of its own, with an audit session of its own. */
static inline void jail_log_in(unsigned uid)
{
	int fd = open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", uid);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

/* Logged in as the agent, but root's: as through sudo. */
static inline void jail_through_sudo(void *context)
{
	(void)context;
	jail_log_in(JAIL_UID);
}

static inline uint32_t jail_audit_session(pid_t pid)
{
	char name[64];
	unsigned id = 0;
	FILE *file;

	(void)snprintf(name, sizeof(name), "/proc/%d/sessionid", (int)pid);
	file = fopen(name, "re");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%u", &id), 1);
	(void)fclose(file);
	return id;
}

/* Makes a mount of its own the only one of cgroups: its root is the cgroup that we are in. Needs a
 * mount namespace that nobody else uses, and a /run to write to. */
#define JAIL_CGROUPS "/run/cgroups"

static inline void jail_cgroups(void)
{
	char line[2048], place[256];
	FILE *file;

	ck_assert_int_eq(unshare(CLONE_NEWCGROUP), 0);
	ck_assert_int_eq(mkdir(JAIL_CGROUPS, 0755), 0);
	ck_assert_int_eq(mount("test", JAIL_CGROUPS, "cgroup2", 0, NULL), 0);
	file = fopen("/proc/self/mountinfo", "re");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file))
		if (strstr(line, " - cgroup2 ") &&
			sscanf(line, "%*s %*s %*s %*s %255s", place) == 1 &&
			strcmp(place, JAIL_CGROUPS) != 0)
			ck_assert_int_eq(umount2(place, MNT_DETACH), 0);
	(void)fclose(file);
}
