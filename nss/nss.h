/* SPDX-License-Identifier: MIT */
#pragma once

/* The interface to glibc, as it looks it up by name: see "NSS Modules Interface" in its manual.
 *
 * All answer NOTFOUND, never UNAVAIL, when there is no view or a damaged one: a program must not
 * take that for a fault of its own look-up. TRYAGAIN with ERANGE asks for a larger buffer. errno
 * is left as it was but for that. */

#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stddef.h>
#include <sys/types.h>

#define NSS_API __attribute__((visibility("default")))

NSS_API enum nss_status _nss_supportaccess_getpwnam_r(
	const char *name, struct passwd *ret, char *buffer, size_t size, int *errnop);
NSS_API enum nss_status _nss_supportaccess_getpwuid_r(
	uid_t uid, struct passwd *ret, char *buffer, size_t size, int *errnop);
NSS_API enum nss_status _nss_supportaccess_setpwent(int stay_open);
NSS_API enum nss_status _nss_supportaccess_getpwent_r(
	struct passwd *ret, char *buffer, size_t size, int *errnop);
NSS_API enum nss_status _nss_supportaccess_endpwent(void);

NSS_API enum nss_status _nss_supportaccess_getgrnam_r(
	const char *name, struct group *ret, char *buffer, size_t size, int *errnop);
NSS_API enum nss_status _nss_supportaccess_getgrgid_r(
	gid_t gid, struct group *ret, char *buffer, size_t size, int *errnop);
NSS_API enum nss_status _nss_supportaccess_setgrent(int stay_open);
NSS_API enum nss_status _nss_supportaccess_getgrent_r(
	struct group *ret, char *buffer, size_t size, int *errnop);
NSS_API enum nss_status _nss_supportaccess_endgrent(void);

NSS_API enum nss_status _nss_supportaccess_initgroups_dyn(const char *user, gid_t group,
	long int *start, long int *size, gid_t **groupsp, long int limit, int *errnop);
