/* SPDX-License-Identifier: MIT */
#pragma once

/* Accounts for the tests of view and NSS module: ana, ben, and a third without groups. */

#include "lib/view.h"

#define SAMPLES 3

static const struct view_account samples[SAMPLES] = {
	{ .name = "support-ben",
		.full_name = "Ben Example",
		.home = "/home/support-ben",
		.shell = "/usr/sbin/nologin",
		.uid = 70002,
		.gid = ACCOUNT_GID,
		.gids = { 4, 101 },
		.gids_count = 2 },
	{ .name = "support-ana",
		.full_name = "Ana Exämple",
		.home = "/home/support-ana",
		.shell = "/usr/libexec/supportaccess/supportaccess-shell",
		.uid = 70001,
		.gid = ACCOUNT_GID,
		.gids = { 4, 101, ACCOUNT_GID_READONLY },
		.gids_count = 3 },
	{ .name = "support-anabel",
		.full_name = "",
		.home = "/nonexistent",
		.shell = "/usr/sbin/nologin",
		.uid = 70003,
		.gid = ACCOUNT_GID },
};

/* True if the answer is, to the byte, what was written for that name. */
static inline bool is_sample(const struct view_account *got)
{
	size_t i;

	for (i = 0; i < SAMPLES; i++)
		if (strcmp(samples[i].name, got->name) == 0)
			return strcmp(samples[i].full_name, got->full_name) == 0 &&
			       strcmp(samples[i].home, got->home) == 0 &&
			       strcmp(samples[i].shell, got->shell) == 0 &&
			       samples[i].uid == got->uid && samples[i].gid == got->gid &&
			       samples[i].gids_count == got->gids_count &&
			       memcmp(samples[i].gids, got->gids,
				       got->gids_count * sizeof(gid_t)) == 0;
	return false;
}
