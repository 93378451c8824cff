/* SPDX-License-Identifier: MIT */
#pragma once

/* The file systems that a read-only session sees.
 *
 * Works on the calling process, which is a helper that was made for it and then ends: it gets a
 * mount and an IPC namespace of its own, in which everything is read-only, nosuid and private. */

#include "core/config.h"
#include "core/problem.h"

struct mounts {
	const char *home; /* name of the folder below PATH_HOMES */
	uint32_t uid;     /* whose it is */
	const struct config *config;
	int root; /* sshd's root folder, O_PATH; the caller is in its mount namespace */
	int proc; /* a /proc that shows the caller */
};

/* Returns 0 when every mount was looked at and is as it has to be; otherwise a negative errno
 * and a sentence, and the namespace must not be used. */
int mounts_confine(const struct mounts *mounts, struct problem *problem);
