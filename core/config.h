/* SPDX-License-Identifier: MIT */
#pragma once

/* Configuration of a host: /usr/lib/supportaccess/supportaccess.conf (shipped, every key with its
 * default and a comment), then /etc/supportaccess/supportaccess.conf, then conf.d/ *.conf in the
 * order of their names; the last wins. libeconf reads, one table here judges: an unknown or
 * repeated key and a bad value are errors with file and line. */

#include "core/problem.h"
#include "lib/cleanup.h"
#include "lib/scope.h"

#include <stdbool.h>
#include <stdint.h>

#define CONFIG_TEXT_MAX 512
#define CONFIG_LIST_MAX 64

struct config_list {
	char *items[CONFIG_LIST_MAX];
	size_t n_items;
};

/* One member for each key, of the key's own name. */
struct config {
	/* ceilings, which no signature lifts */
	enum scope max_scope; /* read-write */
	int64_t max_length;   /* 0: the scope's own default (3d, 8h, 4h) */
	int64_t max_sessions; /* open at once, of all agents: 20 */

	/* central */
	char central[CONFIG_TEXT_MAX]; /* https://… , written by enroll into conf.d/central.conf */
	char proxy[CONFIG_TEXT_MAX];
	char ca_file[CONFIG_TEXT_MAX];
	int64_t poll_wait; /* seconds that the feed may be held: 50 */

	/* caps against floods */
	int64_t max_pending;  /* requests waiting at once: 200 */
	int64_t max_accounts; /* uids ever given: 10000 */

	/* what sessions get */
	struct config_list groups_read_only; /* adm, systemd-journal */
	struct config_list groups_read_write;
	struct config_list groups_admin;
	struct config_list hide;     /* paths that read-only sessions do not see */
	struct config_list sockets;  /* below /run that they do see */
	char shell[CONFIG_TEXT_MAX]; /* /bin/bash */
	int64_t scratch_size;        /* bytes of each private tmpfs: 64M */
	int64_t max_processes;       /* of one session: 150 */
	bool show_approvers;         /* name them to agents: no */

	/* private: where each value came from, for config_show */
	struct config_origin *origins;
};

/* Loads from `vendor_dir` and `etc_dir`. All errors are collected into `problem`, first ones
 * first. Returns 0, or -EINVAL with nothing written. The caller releases with config_done. */
int config_load(
	const char *vendor_dir, const char *etc_dir, struct config *ret, struct problem *problem);
void config_done(struct config *config);

/* What is in force, handed to another process of this program, whatever the files say by now: an
 * anonymous file in their form. Returns a descriptor, close-on-exec, or a negative errno. */
int config_write(const struct config *config);

/* Reads what config_write wrote; as config_load, or -ENOENT when `fd` is not open. */
int config_read(int fd, struct config *ret, struct problem *problem);

/* Calls `each` for every key in the table's order with its value as text and its origin
 * ("/etc/supportaccess/conf.d/10-site.conf:3", "default"). */
void config_each(const struct config *config,
	void (*each)(void *context, const char *key, const char *value, const char *origin),
	void *context);
