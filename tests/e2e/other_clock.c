/* SPDX-License-Identifier: MIT */

/* Another wall clock for one program, by LD_PRELOAD: the true one and the seconds that stand in the
 * file OTHER_CLOCK, read each time. The boot clock stays true, as it does when a clock is set, and
 * so do timers, which libfaketime moves with the clock. Built by tests/e2e/clock.t. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long offset(void)
{
	const char *path = getenv("OTHER_CLOCK");
	FILE *file = path ? fopen(path, "re") : NULL;
	long seconds = 0;

	if (!file || fscanf(file, "%ld", &seconds) != 1)
		abort(); /* nobody goes on with a clock that the test did not mean */
	fclose(file);
	return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
	int r = (int)syscall(SYS_clock_gettime, clock, ret);

	if (r == 0 && clock == CLOCK_REALTIME)
		ret->tv_sec += offset();
	return r;
}

time_t time(time_t *ret)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (ret)
		*ret = now.tv_sec;
	return now.tv_sec;
}
