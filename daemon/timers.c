/* SPDX-License-Identifier: MIT */

/* sd-event's wall-clock timers do not tell that the clock was set, so that one is a timerfd with
 * TFD_TIMER_CANCEL_ON_SET: a step, forward or back, makes it readable at once. The boot clock's
 * timer ends what a clock set back would prolong. */

#include "daemon/timers.h"

#include "daemon/log.h"
#include "daemon/refusals.h"
#include "daemon/round.h"
#include "host/grants.h"
#include "lib/moment.h"

#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define MINUTE_US (60 * UINT64_C(1000000))
#define FAR_S     (365 * 24 * 60 * 60) /* nothing is due: the timer only sees the clock set */

static int on_wall_clock(sd_event_source *source, int fd, uint32_t events, void *context)
{
	uint64_t expirations;

	(void)source, (void)events;
	if (read(fd, &expirations, sizeof(expirations)) < 0 && errno == ECANCELED)
		log_say(LOG_NOTICE, "the clock was set");
	round_begin(context, false);
	return 0;
}

static int on_next_change(sd_event_source *source, uint64_t when, void *context)
{
	(void)source, (void)when;
	round_begin(context, false);
	return 0;
}

static int on_minute(sd_event_source *source, uint64_t when, void *context)
{
	struct daemon *daemon = context;
	struct problem problem = PROBLEM_NONE;

	if (daemon_store(daemon) == 0 &&
		refusals_write(&daemon->refusals, daemon->store, moment_now(), &problem) < 0)
		log_say(LOG_ERR, "cannot record refused logins: %s", problem.text);
	round_probe(daemon);
	(void)sd_event_source_set_time(source, when + MINUTE_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void set_wall_clock(struct daemon *daemon, int64_t when)
{
	struct itimerspec spec = { .it_value.tv_sec = when };

	if (timerfd_settime(
		    daemon->timer_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec, NULL) < 0)
		log_say(LOG_ERR, "cannot set a timer: %m");
}

void timers_arm(struct daemon *daemon, int64_t now)
{
	_cleanup_(grants_host_done) struct grant_host host = { 0 };
	int64_t next = 0;

	if (grants_host(daemon->store, &daemon->config, now, &host, NULL) < 0 ||
		grants_next_change(daemon->store, &host, now, &next) < 0)
		next = 0; /* the minute's round tries again */
	set_wall_clock(daemon, next > now ? next : now + FAR_S);
	if (next <= now) {
		(void)sd_event_source_set_enabled(daemon->next_change, SD_EVENT_OFF);
		return;
	}
	(void)sd_event_source_set_time_relative(
		daemon->next_change, (uint64_t)(next - now) * 1000000);
	(void)sd_event_source_set_enabled(daemon->next_change, SD_EVENT_ONESHOT);
}

int timers_start(struct daemon *daemon)
{
	int r;

	daemon->timer_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (daemon->timer_fd < 0)
		return -errno;
	r = sd_event_add_io(daemon->event, NULL, daemon->timer_fd, EPOLLIN, on_wall_clock, daemon);
	if (r >= 0)
		r = sd_event_add_time_relative(daemon->event, &daemon->next_change, CLOCK_BOOTTIME,
			MINUTE_US, 1, on_next_change, daemon);
	if (r >= 0)
		r = sd_event_add_time_relative(
			daemon->event, NULL, CLOCK_BOOTTIME, MINUTE_US, 0, on_minute, daemon);
	return r < 0 ? r : 0;
}
