/* SPDX-License-Identifier: MIT */

/* `1m` is a minute and `1mo` a month: every number needs its unit, units go from the largest to
 * the smallest, and none is given twice, so that no text has two meanings. A day or an hour that
 * the calendar does not have (31 February, the hour that summer time skips) is refused rather
 * than moved. */

#include "lib/moment.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MINUTE     60
#define HOUR       (60 * MINUTE)
#define DAY        (24 * HOUR)
#define LENGTH_MAX ((int64_t)400 * DAY)

static const struct {
	const char *unit;
	int64_t seconds;
} units[] = {
	/* "mo" before "m": the longer name is tried first */
	{ "y", (int64_t)365 * DAY },
	{ "mo", (int64_t)30 * DAY },
	{ "w", (int64_t)7 * DAY },
	{ "d", DAY },
	{ "h", HOUR },
	{ "m", MINUTE },
	{ "s", 1 },
};
#define N_UNITS (sizeof(units) / sizeof(units[0]))

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads a number of any size; what is beyond LENGTH_MAX stays just beyond it. */
static const char *read_number(const char *text, int64_t *ret)
{
	int64_t n = 0;

	for (; is_digit(*text); text++)
		n = n > LENGTH_MAX ? n : n * 10 + (*text - '0');
	*ret = n;
	return text;
}

/* Finds the unit that all letters at the start of `text` name, not before `first`. */
static size_t find_unit(const char *text, size_t first)
{
	size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyz");

	for (size_t i = first; i < N_UNITS; i++)
		if (strlen(units[i].unit) == letters && strncmp(text, units[i].unit, letters) == 0)
			return i;
	return N_UNITS;
}

int length_parse(const char *text, int64_t *ret_seconds)
{
	int64_t total = 0;
	bool beyond = false;
	size_t next = 0;

	if (*text == '\0')
		return -EINVAL;
	while (*text) {
		int64_t n;
		size_t unit;

		if (!is_digit(*text))
			return -EINVAL;
		text = read_number(text, &n);
		unit = find_unit(text, next);
		if (unit == N_UNITS)
			return -EINVAL;
		text += strlen(units[unit].unit);
		next = unit + 1;
		if (n > LENGTH_MAX / units[unit].seconds)
			beyond = true;
		else
			total += n * units[unit].seconds;
	}
	if (beyond || total < 1 || total > LENGTH_MAX)
		return -ERANGE;
	*ret_seconds = total;
	return 0;
}

void length_show(int64_t seconds, char *ret, size_t ret_size)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} shown[] = { { "d", DAY }, { "h", HOUR }, { "min", MINUTE }, { "s", 1 } };
	size_t i = 0;
	int64_t rest;

	if (seconds < 0)
		seconds = 0;
	while (i < 3 && seconds < shown[i].seconds)
		i++;
	rest = i < 3 ? seconds % shown[i].seconds / shown[i + 1].seconds : 0;
	if (rest)
		snprintf(ret, ret_size, "%lld %s %lld %s", (long long)(seconds / shown[i].seconds),
			shown[i].unit, (long long)rest, shown[i + 1].unit);
	else
		snprintf(ret, ret_size, "%lld %s", (long long)(seconds / shown[i].seconds),
			shown[i].unit);
}

/* Reads exactly the shape of `pattern`, in which each of "YMDhms" stands for a digit of that
 * field and everything else for itself. Returns what follows, or NULL. */
static const char *read_pattern(const char *text, const char *pattern, struct tm *tm)
{
	for (; *pattern; pattern++, text++) {
		int *field = *pattern == 'Y'   ? &tm->tm_year
			     : *pattern == 'M' ? &tm->tm_mon
			     : *pattern == 'D' ? &tm->tm_mday
			     : *pattern == 'h' ? &tm->tm_hour
			     : *pattern == 'm' ? &tm->tm_min
			     : *pattern == 's' ? &tm->tm_sec
					       : NULL;

		if (field ? !is_digit(*text) : *text != *pattern)
			return NULL;
		if (field)
			*field = *field * 10 + (*text - '0');
	}
	return text;
}

/* As mktime or timegm, but -EINVAL for what the calendar or the zone does not have. */
static int to_moment(struct tm *tm, bool utc, int64_t *ret)
{
	struct tm asked = *tm;
	time_t t;

	tm->tm_isdst = -1;
	t = utc ? timegm(tm) : mktime(tm);
	if (tm->tm_year != asked.tm_year || tm->tm_mon != asked.tm_mon ||
		tm->tm_mday != asked.tm_mday || tm->tm_hour != asked.tm_hour ||
		tm->tm_min != asked.tm_min || tm->tm_sec != asked.tm_sec)
		return -EINVAL;
	*ret = t;
	return 0;
}

/* `step` 1: the next one, from today on; -1: the last one. */
static int parse_time_of_day(const char *text, int64_t now, int step, int64_t *ret)
{
	struct tm tm = { 0 }, today;
	const char *end = read_pattern(text, "hh:mm", &tm);
	time_t t = (time_t)now;
	int r = -EINVAL;

	if (!end || *end || !localtime_r(&t, &today))
		return -EINVAL;
	/* Today, else the day beside it, else one more: not every day has every hour. */
	for (int day = 0; day < 3; day++) {
		struct tm noon = today, tried = tm;

		noon.tm_hour = 12;
		noon.tm_mday += step * day;
		noon.tm_isdst = -1;
		(void)mktime(&noon);
		tried.tm_year = noon.tm_year;
		tried.tm_mon = noon.tm_mon;
		tried.tm_mday = noon.tm_mday;
		r = to_moment(&tried, false, ret);
		if (r == 0 && (step > 0 ? *ret > now : *ret <= now))
			return 0;
	}
	return -EINVAL;
}

/* "Z", "+01:00" or nothing (the local zone). */
static int read_zone(const char *text, bool *ret_utc, int64_t *ret_offset)
{
	struct tm tm = { 0 };
	const char *end;

	*ret_utc = *text != '\0';
	*ret_offset = 0;
	if (*text == '\0' || strcmp(text, "Z") == 0)
		return 0;
	if (*text != '+' && *text != '-')
		return -EINVAL;
	end = read_pattern(text + 1, "hh:mm", &tm);
	if (!end || *end || tm.tm_hour > 14 || tm.tm_min > 59)
		return -EINVAL;
	*ret_offset = (*text == '-' ? -1 : 1) * (tm.tm_hour * HOUR + tm.tm_min * MINUTE);
	return 0;
}

static int parse(const char *text, int64_t now, int step, int64_t *ret)
{
	static const char *const patterns[] = { "YYYY-MM-DDThh:mm:ss", "YYYY-MM-DD hh:mm:ss",
		"YYYY-MM-DDThh:mm", "YYYY-MM-DD hh:mm" };

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct tm tm = { 0 };
		const char *end = read_pattern(text, patterns[i], &tm);
		int64_t offset, moment;
		bool utc;

		if (!end || read_zone(end, &utc, &offset) < 0)
			continue;
		tm.tm_year -= 1900;
		tm.tm_mon -= 1;
		if (to_moment(&tm, utc, &moment) < 0)
			return -EINVAL;
		moment -= offset;
		if (moment < 0 || moment > MOMENT_LAST)
			return -EINVAL;
		*ret = moment;
		return 0;
	}
	return parse_time_of_day(text, now, step, ret);
}

int moment_parse(const char *text, int64_t now, int64_t *ret)
{
	return parse(text, now, 1, ret);
}

int moment_parse_past(const char *text, int64_t now, int64_t *ret)
{
	int64_t length, moment;

	if (length_parse(text, &length) == 0)
		moment = now - length;
	else if (parse(text, now, -1, &moment) < 0 || moment > now)
		return -EINVAL;
	*ret = moment;
	return 0;
}

/* The day as people say it: "today", "Thu 26 Nov", "Thu 26 Nov 2027". */
static void show_day(const struct tm *tm, const struct tm *today, char *ret, size_t ret_size)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	static const char *const near[] = { "yesterday", "today", "tomorrow" };
	struct tm a = *tm, b = *today;
	int64_t distance;

	a.tm_hour = a.tm_min = a.tm_sec = b.tm_hour = b.tm_min = b.tm_sec = 0;
	distance = (timegm(&a) - timegm(&b)) / DAY;
	if (distance >= -1 && distance <= 1)
		snprintf(ret, ret_size, "%s", near[distance + 1]);
	else if (tm->tm_year == today->tm_year)
		snprintf(ret, ret_size, "%.3s %d %.3s", days + 3 * tm->tm_wday, tm->tm_mday,
			months + 3 * tm->tm_mon);
	else
		snprintf(ret, ret_size, "%.3s %d %.3s %d", days + 3 * tm->tm_wday, tm->tm_mday,
			months + 3 * tm->tm_mon, tm->tm_year + 1900);
}

static void show_zone(const struct tm *tm, bool utc, char *ret, size_t ret_size)
{
	long minutes = tm->tm_gmtoff / 60, size = minutes < 0 ? -minutes : minutes;

	if (utc)
		snprintf(ret, ret_size, "UTC");
	else
		snprintf(ret, ret_size, "%c%02ld:%02ld", minutes < 0 ? '-' : '+', size / 60 % 100,
			size % 60);
}

void moment_show(int64_t moment, int64_t now, bool utc, bool distance, char *ret, size_t ret_size)
{
	time_t t = (time_t)moment, n = (time_t)now;
	struct tm tm, today;
	char day[32], zone[16], length[32];
	bool past = moment < now;

	if (!(utc ? gmtime_r(&t, &tm) : localtime_r(&t, &tm)) ||
		!(utc ? gmtime_r(&n, &today) : localtime_r(&n, &today))) {
		snprintf(ret, ret_size, "%lld s after 1970", (long long)moment);
		return;
	}
	show_day(&tm, &today, day, sizeof(day));
	show_zone(&tm, utc, zone, sizeof(zone));
	length_show(past ? now - moment : moment - now, length, sizeof(length));
	snprintf(ret, ret_size, "%s %02d:%02d %s%s%s%s", day, tm.tm_hour, tm.tm_min, zone,
		!distance       ? ""
		: past          ? ", "
		: moment == now ? ", now"
				: ", in ",
		distance && moment != now ? length : "", distance && past ? " ago" : "");
}

void moment_rfc3339(int64_t moment, char ret[static 32])
{
	time_t t = (time_t)moment;
	struct tm tm = { 0 };

	ret[0] = '\0';
	if (gmtime_r(&t, &tm))
		strftime(ret, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static int64_t read_clock(clockid_t clock)
{
	struct timespec now = { 0 };

	(void)clock_gettime(clock, &now);
	return now.tv_sec * MOMENT_NS + now.tv_nsec;
}

int64_t moment_now(void)
{
	return moment_now_ns() / MOMENT_NS;
}

int64_t moment_boot(void)
{
	return moment_boot_ns() / MOMENT_NS;
}

int64_t moment_now_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t moment_boot_ns(void)
{
	return read_clock(CLOCK_BOOTTIME);
}
