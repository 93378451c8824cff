/* SPDX-License-Identifier: MIT */

/* Directories are watched, not files: editors and configuration management replace files. A
 * directory that is not there yet is found when it is made, because its parent is watched. */

#include "daemon/watch.h"

#include "daemon/daemon.h"
#include "daemon/intake.h"
#include "daemon/log.h"
#include "daemon/round.h"

#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

#define US_PER_MS 1000
#define EVENTS                                                                                     \
	(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB |        \
		IN_DELETE_SELF | IN_MOVE_SELF)

static const char *const folders[] = { "", "/approvers.d", "/conf.d" };

/* Adding one that is watched already changes nothing, so all are added after each change. */
static int add_folders(int fd, const char *directory)
{
	char path[256];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", directory, folders[i]);
		if (inotify_add_watch(fd, path, EVENTS | IN_ONLYDIR) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

static int on_change(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct daemon *daemon = context;
	char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

	(void)source, (void)events;
	while (read(fd, buffer, sizeof(buffer)) > 0)
		; /* what changed does not matter: everything is judged again */
	(void)sd_event_source_set_time_relative(daemon->reload, WATCH_SETTLE_MS * US_PER_MS);
	return sd_event_source_set_enabled(daemon->reload, SD_EVENT_ONESHOT);
}

static int on_settled(sd_event_source *source, uint64_t when, void *context)
{
	(void)source, (void)when;
	watch_reload(context);
	return 0;
}

void watch_reload(struct daemon *daemon)
{
	struct problem problem = PROBLEM_NONE;
	int r;

	r = daemon_configure(daemon, &problem);
	if (r < 0)
		log_say(LOG_ERR, "the old settings stay in force: %s", problem.text);
	else {
		intake_renew(daemon);
		round_renew(daemon);
	}
	r = add_folders(sd_event_source_get_io_fd(daemon->inotify), daemon->etc_dir);
	if (r < 0)
		log_say(LOG_ERR, "cannot watch %s: %s", daemon->etc_dir, strerror(-r));
	round_begin(daemon, true);
}

int watch_start(struct daemon *daemon, const char *directory)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	int r;

	if (fd < 0)
		return -errno;
	daemon->etc_dir = directory;
	r = sd_event_add_io(daemon->event, &daemon->inotify, fd, EPOLLIN, on_change, daemon);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	(void)sd_event_source_set_io_fd_own(daemon->inotify, 1);
	r = sd_event_add_time_relative(
		daemon->event, &daemon->reload, CLOCK_MONOTONIC, UINT32_MAX, 0, on_settled, daemon);
	if (r < 0)
		return r;
	(void)sd_event_source_set_enabled(daemon->reload, SD_EVENT_OFF);
	return add_folders(fd, directory);
}
