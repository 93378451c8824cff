/* SPDX-License-Identifier: MIT */
#pragma once

/* The view: one file that publishes the accounts and groups, for the NSS module to read.
 *
 * docs/view-format.md has the format byte for byte. Whatever is wrong with a file or with a part
 * of it, what stands there is "not found": a reader never fails, never crashes and never gives an
 * answer that was not written.
 *
 * A published file is never changed but for one word, `superseded`, and never unlinked: a reader
 * may keep its map until that word tells it that there may be a newer file at the path. */

#include "lib/account.h"
#include "lib/view_format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define VIEW_ACCOUNTS_MAX (ACCOUNT_UID_LAST - ACCOUNT_UID_FIRST + 1)
#define VIEW_GROUPS_MAX   16 /* they are walked */
#define VIEW_GIDS_MAX     16 /* supplementary groups of one account */
#define VIEW_HOME_MAX     63 /* bytes, as in struct wire_shell */
#define VIEW_SHELL_MAX    127
#define VIEW_LENGTH_MAX   (64 * 1024 * 1024)

/* What the texts of one account take in a buffer at most. */
#define VIEW_TEXT_MAX                                                                              \
	(ACCOUNT_NAME_MAX + ACCOUNT_FULL_NAME_MAX + VIEW_HOME_MAX + VIEW_SHELL_MAX + 4)

struct view_account {
	const char *name; /* of our form */
	const char *full_name;
	const char *home, *shell; /* absolute paths */
	uid_t uid;
	gid_t gid;
	gid_t gids[VIEW_GIDS_MAX]; /* supplementary; those of ours make the groups' members */
	size_t gids_count;
};

struct view_group {
	const char *name;
	gid_t gid;
	char **members; /* names, NULL behind the last */
};

/* --- reading ------------------------------------------------------------------------------ */

/* An open view: `bytes` are the file, `header` is a copy that was checked once and is trusted. */
struct view {
	const uint8_t *bytes;
	size_t length;
	struct view_header header;
};

#define VIEW_NONE                                                                                  \
	{                                                                                          \
		.bytes = NULL                                                                      \
	}

/* Maps the view at `path`; leaves no descriptor open. It must be a regular file of `owner`'s that
 * nobody else can write. Returns 0, or a negative errno (-EBADMSG: not a view of this version, or
 * damaged; -EPERM: another's). */
int view_open(const char *path, uid_t owner, struct view *ret);

/* Unmaps; nothing with VIEW_NONE. */
void view_close(struct view *view);

/* A view of bytes in memory, which must stay; not to be closed. 0 or -EBADMSG. */
int view_init(const void *bytes, size_t length, struct view *ret);

/* True if there may be a newer one at the path. What stands in this one held when it was opened. */
bool view_is_superseded(const struct view *view);

/* Each finds one account, whose texts are copied to `buffer`: VIEW_TEXT_MAX bytes always suffice.
 * Returns 0; -ENOENT if there is none or it is damaged; -ERANGE if the buffer is too small. */
int view_account_by_name(const struct view *view, const char *name, char *buffer, size_t size,
	struct view_account *ret);
int view_account_by_uid(
	const struct view *view, uid_t uid, char *buffer, size_t size, struct view_account *ret);

/* The same for the account of that number in the order of uids, from 0. -ENOENT: damaged, go on
 * with the next; -ENODATA: there are no more. */
int view_account_at(const struct view *view, size_t number, char *buffer, size_t size,
	struct view_account *ret);

/* The same for groups; the array of members is in the buffer too, so -ERANGE is to be expected. */
int view_group_by_name(const struct view *view, const char *name, char *buffer, size_t size,
	struct view_group *ret);
int view_group_by_gid(
	const struct view *view, gid_t gid, char *buffer, size_t size, struct view_group *ret);
int view_group_at(
	const struct view *view, size_t number, char *buffer, size_t size, struct view_group *ret);

/* --- writing ------------------------------------------------------------------------------ */

/* Lays out a view of these accounts, in any order, and of the four groups of lib/account.h, whose
 * members are the accounts that have the group's number among their `gids`: initgroups and the
 * group's own list cannot differ. The caller frees `*ret`.
 *
 * Returns 0, or -EINVAL: a text that has no place in a line of passwd, a name or uid that is not
 * ours; -EEXIST: a name or uid twice; -E2BIG: too many accounts or gids, or a text too long. */
int view_build(
	const struct view_account *accounts, size_t count, uint8_t **ret, size_t *ret_length);

/* Publishes such a view: readers see all of it or the one before. Writes PATH.new, marks the file
 * at `path` superseded, renames over it. One at a time: the caller holds a lock. Returns 0; or a
 * negative errno, as view_build or from the file system, and nothing was published. */
int view_publish(const char *path, const struct view_account *accounts, size_t count);

/* Makes every reader look again at its next look-up: when the daemon starts. 0, also if there is
 * no view; or a negative errno. */
int view_mark_superseded(const char *path);
