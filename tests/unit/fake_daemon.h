/* SPDX-License-Identifier: MIT */
#pragma once

/* A daemon that answers every question in one chosen way, well or badly. It is a process of its
 * own, so that the test has one thread and no descriptor of it. */

#include "lib/wire.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum fake_way {
	FAKE_ANSWERS,
	FAKE_HANGS,        /* accepts and says nothing */
	FAKE_IS_DEAF,      /* does not even accept */
	FAKE_HANGS_UP,     /* accepts and closes */
	FAKE_SAYS_GARBAGE, /* as long as an answer */
	FAKE_SAYS_LITTLE,  /* half an answer */
	FAKE_SAYS_MUCH,    /* a byte too many */
	FAKE_SPEAKS_LATER_VERSION,
	FAKE_ANSWERS_ANOTHER_QUESTION,
	FAKE_TEXT_HAS_NO_END,
	FAKE_TEXT_HIDES_BYTES, /* behind its NUL */
	FAKE_MISCOUNTS,        /* says one descriptor and sends none */
};

struct fake_daemon {
	enum fake_way way;
	uint32_t verdict;
	const char *text;
	int fds[WIRE_FDS_MAX + 1];
	size_t n_fds;
	uid_t uid; /* whose socket it is */

	/* filled by fake_start */
	char folder[64], path[96];
	pid_t pid;
};

static inline void fake_send(const struct fake_daemon *fake, int fd, const void *data, size_t size)
{
	char control[CMSG_SPACE(sizeof(fake->fds))] = { 0 };
	struct iovec iov = { .iov_base = (void *)data, .iov_len = size };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *header = (struct cmsghdr *)(void *)control;

	if (fake->n_fds > 0) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * fake->n_fds);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int) * fake->n_fds);
		memcpy(CMSG_DATA(header), fake->fds, sizeof(int) * fake->n_fds);
	}
	(void)sendmsg(fd, &message, MSG_NOSIGNAL);
}

static inline void fake_answer(const struct fake_daemon *fake, int fd, const void *question)
{
	struct {
		struct wire_verdict verdict;
		char more;
	} answer = { 0 };
	size_t size = sizeof(answer.verdict);

	memcpy(&answer.verdict.header, question, sizeof(answer.verdict.header));
	answer.verdict.verdict = fake->verdict;
	answer.verdict.descriptors = (uint32_t)fake->n_fds;
	if (fake->text)
		snprintf(answer.verdict.text, sizeof(answer.verdict.text), "%s", fake->text);
	switch (fake->way) {
	case FAKE_SAYS_GARBAGE:
		memset(&answer, 0xa5, sizeof(answer));
		break;
	case FAKE_SAYS_LITTLE:
		size /= 2;
		break;
	case FAKE_SAYS_MUCH:
		size++;
		break;
	case FAKE_SPEAKS_LATER_VERSION:
		answer.verdict.header.version++;
		break;
	case FAKE_ANSWERS_ANOTHER_QUESTION:
		answer.verdict.header.op++;
		break;
	case FAKE_TEXT_HAS_NO_END:
		memset(answer.verdict.text, 'x', sizeof(answer.verdict.text));
		break;
	case FAKE_TEXT_HIDES_BYTES:
		answer.verdict.text[sizeof(answer.verdict.text) - 1] = 'x';
		break;
	case FAKE_MISCOUNTS:
		answer.verdict.descriptors++;
		break;
	default:
		break;
	}
	fake_send(fake, fd, &answer, size);
}

static inline void fake_serve(const struct fake_daemon *fake, int listening)
{
	char question[WIRE_MAX];

	for (;;) {
		int fd = fake->way == FAKE_IS_DEAF ? -1 : accept(listening, NULL, NULL);

		if (fd < 0 || fake->way == FAKE_HANGS) {
			pause(); /* the question stays unanswered */
			continue;
		}
		if (fake->way != FAKE_HANGS_UP && recv(fd, question, sizeof(question), 0) > 0)
			fake_answer(fake, fd, question);
		close(fd);
	}
}

static inline void fake_must(bool holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	abort();
}

/* Returns a listening descriptor of `uid`'s at `path`, where nothing may be. */
static inline int fake_listen(const char *path, uid_t uid)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	fake_must(geteuid() == 0, "needs root: the module believes a socket of root's alone");
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	fake_must(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0, path);
	fake_must(seteuid(uid) == 0, "seteuid"); /* a listener is who it is when it listens */
	fake_must(listen(fd, 8) == 0, "listen");
	fake_must(seteuid(0) == 0, "seteuid");
	return fd;
}

static inline void fake_start(struct fake_daemon *fake)
{
	int fd;

	snprintf(fake->folder, sizeof(fake->folder), "/tmp/supportaccess-test-XXXXXX");
	fake_must(mkdtemp(fake->folder) != NULL, fake->folder);
	snprintf(fake->path, sizeof(fake->path), "%s/control.sock", fake->folder);
	fd = fake_listen(fake->path, fake->uid);
	fake->pid = fork();
	fake_must(fake->pid >= 0, "fork");
	if (fake->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fake_serve(fake, fd);
		_exit(0);
	}
	close(fd);
}

static inline void fake_stop(struct fake_daemon *fake)
{
	kill(fake->pid, SIGKILL);
	waitpid(fake->pid, NULL, 0);
	unlink(fake->path);
	rmdir(fake->folder);
}
