/* SPDX-License-Identifier: MIT */

/* The least that a module can do: what glibc itself takes to ask one. For tests/bench/nss. */

#include "nss/nss.h"

NSS_API enum nss_status _nss_nothing_getpwnam_r(
	const char *name, struct passwd *ret, char *buffer, size_t size, int *errnop);
NSS_API enum nss_status _nss_nothing_getpwuid_r(
	uid_t uid, struct passwd *ret, char *buffer, size_t size, int *errnop);

enum nss_status _nss_nothing_getpwnam_r(
	const char *name, struct passwd *ret, char *buffer, size_t size, int *errnop)
{
	(void)name, (void)ret, (void)buffer, (void)size, (void)errnop;
	return NSS_STATUS_NOTFOUND;
}

enum nss_status _nss_nothing_getpwuid_r(
	uid_t uid, struct passwd *ret, char *buffer, size_t size, int *errnop)
{
	(void)uid, (void)ret, (void)buffer, (void)size, (void)errnop;
	return NSS_STATUS_NOTFOUND;
}
