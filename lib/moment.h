/* SPDX-License-Identifier: MIT */
#pragma once

/* Moments and lengths of time, as people type and read them. Seconds since the epoch, UTC, in
 * int64_t; the clock is always an argument. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOMENT_TEXT_MAX 80

/* A length: "90s", "15m", "4h", "3d", "2w", "1mo" (30 days), "1y" (365 days), also "1h30m".
 * Whole numbers, every unit named, largest first. Returns 0 and seconds from 1 to 400 days;
 * -EINVAL for what is no length, -ERANGE beyond the limits. */
int length_parse(const char *text, int64_t *ret_seconds);

/* "4 h", "3 d 2 h", "45 s": at most two units, the second rounded down. */
void length_show(int64_t seconds, char *ret, size_t ret_size);

#define MOMENT_LAST INT64_C(253402300799) /* the end of the year 9999 in UTC */

/* A moment: "18:30" (the next one, local zone), "2026-11-26 14:02", RFC 3339 with zone. 0, or
 * -EINVAL, also for what lies before 1970 or after MOMENT_LAST. */
int moment_parse(const char *text, int64_t now, int64_t *ret);

/* A moment that lies behind us: as above, but "18:30" is the last one; or a length, "3d" ago.
 * -EINVAL, also for what lies ahead. */
int moment_parse_past(const char *text, int64_t now, int64_t *ret);

/* In the local zone (utc: in UTC) with the distance from now: "today 18:02 +01:00, in 3 h 58
 * min", "Thu 26 Nov 14:02 UTC, 2 d ago". */
void moment_show(int64_t moment, int64_t now, bool utc, bool distance, char *ret, size_t ret_size);

/* RFC 3339 in UTC: "2026-11-26T13:02:00Z". */
void moment_rfc3339(int64_t moment, char ret[static 32]);

/* The wall clock, and CLOCK_BOOTTIME, in seconds: for main functions, to be handed on. Cut to whole
 * ones: for the difference of the two, take the nanoseconds. */
#define MOMENT_NS INT64_C(1000000000)
int64_t moment_now(void);
int64_t moment_boot(void);
int64_t moment_now_ns(void);
int64_t moment_boot_ns(void);
