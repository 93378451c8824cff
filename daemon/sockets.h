/* SPDX-License-Identifier: MIT */
#pragma once

/* The daemon's three listening sockets: passed by systemd, or made by ourselves. */

#include "core/problem.h"

#include <stdbool.h>
#include <sys/types.h>

#define SOCKETS 3 /* control, session, courier: in the order of enum server_socket */

struct sockets {
	int fds[SOCKETS];
	bool opened;
	char paths[SOCKETS][108]; /* of those that we made; empty: systemd's */
	int lock;                 /* held while we serve sockets of our own */
	uid_t courier_uid;        /* (uid_t)-1 if there is no such user */
};

/* Fills `ret` also when it fails: sockets_close releases what there is. */
int sockets_open(const char *run_dir, const char *courier_user, struct sockets *ret,
	struct problem *problem);
void sockets_close(struct sockets *sockets);

/* pidfd_open(2), which glibc 2.36 has no header for that fits ours. */
int sockets_pidfd_open(pid_t pid);
