/* SPDX-License-Identifier: MIT */
#pragma once

/* Which accounts are ours.
 *
 * An account is ours only if its name has our form and its uid is in our range. Both are
 * decided from the text and the number alone, without a system call, because every look-up
 * of every user of the machine passes here first.
 *
 * The range lies below the subordinate ids, above the 16-bit ones, is unused by Debian and
 * systemd, and is small enough to keep lastlog small. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define ACCOUNT_PREFIX        "support-"
#define ACCOUNT_PREFIX_LEN    (sizeof(ACCOUNT_PREFIX) - 1)
#define ACCOUNT_NAME_MAX      31 /* utmp keeps 32 bytes, useradd admits 32: one is left for NUL */
#define ACCOUNT_LOGIN_MAX     (ACCOUNT_NAME_MAX - ACCOUNT_PREFIX_LEN)
#define ACCOUNT_FULL_NAME_MAX 64

#define ACCOUNT_UID_FIRST 70000U
#define ACCOUNT_UID_LAST  99999U

/* The primary group of every account of ours, and one more for each scope. They lie in the
 * uid range's numbers on purpose: one range to keep free. */
#define ACCOUNT_GID             70000U
#define ACCOUNT_GID_READONLY    70001U
#define ACCOUNT_GID_READWRITE   70002U
#define ACCOUNT_GID_ADMIN       70003U
#define ACCOUNT_GROUPS          4
#define ACCOUNT_GROUP           "supportaccess"
#define ACCOUNT_GROUP_READONLY  "supportaccess-readonly"
#define ACCOUNT_GROUP_READWRITE "supportaccess-readwrite"
#define ACCOUNT_GROUP_ADMIN     "supportaccess-admin"

/* True for an agent's login: a lower-case letter, then lower-case letters, digits, `-` or `_`,
 * at most ACCOUNT_LOGIN_MAX bytes. What is true here is safe in a file name, in a line of
 * passwd and in a line of authorized_keys. */
bool account_login_is_valid(const char *login);

/* True for a name of our form: ACCOUNT_PREFIX and a valid login. */
bool account_name_is_ours(const char *name);

static inline bool account_uid_is_ours(uid_t uid)
{
	return uid >= ACCOUNT_UID_FIRST && uid <= ACCOUNT_UID_LAST;
}

static inline bool account_gid_is_ours(gid_t gid)
{
	return gid >= ACCOUNT_GID && gid <= ACCOUNT_GID_ADMIN;
}
