/* SPDX-License-Identifier: MIT */

/* Times look-ups, for tests/bench/nss: processor time of this process, which other programs on a
 * busy machine disturb least.
 *
 *	nss_time direct MODULE COUNT TIMES	the module's own functions
 *	nss_time glibc PREFIX UID COUNT TIMES	getpwnam_r and getpwuid_r; accounts PREFIX0 …
 *	nss_time nothing TIMES			names that nobody has, through glibc
 *	nss_time first NAME			the first look-up of this process
 *	nss_time first-miss NAME		the same of a name that nobody has
 *
 * Prints "name_hit", "name_miss", "uid_hit", "uid_miss", "foreign", "first" and microseconds. */

#include "nss/nss.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEYS 4096

typedef enum nss_status by_name(const char *, struct passwd *, char *, size_t, int *);
typedef enum nss_status by_uid(uid_t, struct passwd *, char *, size_t, int *);

static by_name *module_by_name;
static by_uid *module_by_uid;
static char names[KEYS][40];
static uid_t uids[KEYS];
static struct passwd pw;
static char buffer[4096];

/* Each returns true if there is such an account. */

static bool glibc_name(size_t key)
{
	struct passwd *found = NULL;

	return getpwnam_r(names[key], &pw, buffer, sizeof(buffer), &found) == 0 && found;
}

static bool glibc_uid(size_t key)
{
	struct passwd *found = NULL;

	return getpwuid_r(uids[key], &pw, buffer, sizeof(buffer), &found) == 0 && found;
}

static bool direct_name(size_t key)
{
	int error;

	return module_by_name(names[key], &pw, buffer, sizeof(buffer), &error) ==
	       NSS_STATUS_SUCCESS;
}

static bool direct_uid(size_t key)
{
	int error;

	return module_by_uid(uids[key], &pw, buffer, sizeof(buffer), &error) == NSS_STATUS_SUCCESS;
}

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int measure(const char *what, bool (*ask)(size_t key), bool wanted, size_t times)
{
	double start;
	size_t i;

	for (i = 0; i < KEYS && i < times; i++) /* warm, and right */
		if (ask(i) != wanted) {
			fprintf(stderr, "nss_time: wrong answer for %s, %s %u\n", what, names[i],
				uids[i]);
			return 1;
		}
	start = now_us();
	for (i = 0; i < times; i++)
		ask(i % KEYS);
	printf("%s %.4f\n", what, (now_us() - start) / (double)times);
	return 0;
}

static void keys(const char *prefix, uid_t first, size_t count)
{
	size_t i;

	srandom(1);
	for (i = 0; i < KEYS; i++) {
		size_t number = (size_t)random() % count;

		snprintf(names[i], sizeof(names[i]), "%s%zu", prefix, number);
		uids[i] = first + (uid_t)number;
	}
}

static int measure_all(bool (*name)(size_t), bool (*uid)(size_t), const char *prefix, uid_t first,
	size_t count, size_t times)
{
	char missing[40];

	keys(prefix, first, count);
	if (count == 0 || measure("name_hit", name, true, times) != 0 ||
		measure("uid_hit", uid, true, times) != 0)
		return 1;
	snprintf(missing, sizeof(missing), "%sx", prefix);
	keys(missing, 99999, 1);
	return measure("name_miss", name, false, times) || measure("uid_miss", uid, false, times);
}

static int direct(const char *module, size_t count, size_t times)
{
	void *handle = dlopen(module, RTLD_NOW);

	if (!handle) {
		fprintf(stderr, "nss_time: %s\n", dlerror());
		return 1;
	}
	module_by_name = (by_name *)dlsym(handle, "_nss_supportaccess_getpwnam_r");
	module_by_uid = (by_uid *)dlsym(handle, "_nss_supportaccess_getpwuid_r");
	if (!module_by_name || !module_by_uid ||
		measure_all(direct_name, direct_uid, "support-agent", 70000, count, times) != 0)
		return 1;
	keys("carol", 1000, 1000);
	return measure("foreign", direct_name, false, times);
}

static int first(const char *name, bool wanted)
{
	struct passwd *found = NULL;
	double start = now_us();

	if (getpwnam_r(name, &pw, buffer, sizeof(buffer), &found) != 0 || (found != NULL) != wanted)
		return 1;
	printf("first %.4f\n", now_us() - start);
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (strcmp(verb, "direct") == 0 && argc == 5)
		return direct(argv[2], strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10));
	if (strcmp(verb, "nothing") == 0 && argc == 3) {
		keys("support-agent", 70000, 30);
		return measure("name_miss", glibc_name, false, strtoul(argv[2], NULL, 10));
	}
	if (strcmp(verb, "glibc") == 0 && argc == 6)
		return measure_all(glibc_name, glibc_uid, argv[2],
			(uid_t)strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10),
			strtoul(argv[5], NULL, 10));
	if ((strcmp(verb, "first") == 0 || strcmp(verb, "first-miss") == 0) && argc == 3)
		return first(argv[2], strcmp(verb, "first") == 0);
	fprintf(stderr, "nss_time: see the head of tests/host/nss_time.c\n");
	return 2;
}
