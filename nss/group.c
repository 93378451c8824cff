/* SPDX-License-Identifier: MIT */

/* group: by name, by gid, all; and the groups of an account of ours. */

#include "nss/nss.h"

#include "nss/kept.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

static const char password[] = "*";

static enum nss_status answer(
	int r, const struct view_group *group, char *buffer, struct group *ret, int *errnop)
{
	if (r == -ERANGE) {
		*errnop = ERANGE;
		return NSS_STATUS_TRYAGAIN;
	}
	if (r < 0)
		return NSS_STATUS_NOTFOUND;
	memcpy(buffer, password, sizeof(password));
	ret->gr_name = (char *)group->name;
	ret->gr_passwd = buffer;
	ret->gr_gid = group->gid;
	ret->gr_mem = group->members;
	return NSS_STATUS_SUCCESS;
}

static size_t room(size_t size)
{
	return size < sizeof(password) ? 0 : size - sizeof(password);
}

/* All our groups begin alike; which there are, the view says. */
static bool name_is_ours(const char *name)
{
	return strncmp(name, ACCOUNT_GROUP, sizeof(ACCOUNT_GROUP) - 1) == 0;
}

enum nss_status _nss_supportaccess_getgrnam_r(
	const char *name, struct group *ret, char *buffer, size_t size, int *errnop)
{
	struct view_group group;
	struct kept kept;
	int r;

	if (!name_is_ours(name) || kept_take(&kept) < 0)
		return NSS_STATUS_NOTFOUND;
	r = view_group_by_name(kept.view, name, buffer + sizeof(password), room(size), &group);
	kept_give(&kept);
	return answer(r, &group, buffer, ret, errnop);
}

enum nss_status _nss_supportaccess_getgrgid_r(
	gid_t gid, struct group *ret, char *buffer, size_t size, int *errnop)
{
	struct view_group group;
	struct kept kept;
	int r;

	if (!account_gid_is_ours(gid) || kept_take(&kept) < 0)
		return NSS_STATUS_NOTFOUND;
	r = view_group_by_gid(kept.view, gid, buffer + sizeof(password), room(size), &group);
	kept_give(&kept);
	return answer(r, &group, buffer, ret, errnop);
}

/* --- all: as in nss/passwd.c ---------------------------------------------------------------- */

static atomic_size_t cursor;

enum nss_status _nss_supportaccess_setgrent(int stay_open)
{
	(void)stay_open;
	atomic_store(&cursor, 0);
	return NSS_STATUS_SUCCESS;
}

enum nss_status _nss_supportaccess_endgrent(void)
{
	return _nss_supportaccess_setgrent(0);
}

enum nss_status _nss_supportaccess_getgrent_r(
	struct group *ret, char *buffer, size_t size, int *errnop)
{
	struct view_group group;
	struct kept kept;
	size_t number = atomic_load(&cursor);
	int r;

	if (kept_take(&kept) < 0)
		return NSS_STATUS_NOTFOUND;
	while ((r = view_group_at(kept.view, number, buffer + sizeof(password), room(size),
			&group)) == -ENOENT)
		number++;
	kept_give(&kept);
	if (r != -ERANGE)
		atomic_store(&cursor, number + (r == 0));
	return answer(r, &group, buffer, ret, errnop);
}

/* --- initgroups ----------------------------------------------------------------------------- */

/* glibc's growing array of gids: `*start` of `*size` are used, at most `limit` if that is > 0. */
struct gids {
	long int *start, *size, limit;
	gid_t **array;
};

static bool gids_have(const struct gids *gids, gid_t gid)
{
	long int i;

	for (i = 0; i < *gids->start; i++)
		if ((*gids->array)[i] == gid)
			return true;
	return false;
}

/* Makes room for one more. 0, -ENOMEM, or -ENOSPC: the caller's limit is reached. */
static int gids_grow(struct gids *gids)
{
	long int size = *gids->size;
	gid_t *grown;

	if (*gids->start < size)
		return 0;
	if (gids->limit > 0 && size >= gids->limit)
		return -ENOSPC;
	if (size > LONG_MAX / 2 / (long int)sizeof(gid_t))
		return -ENOMEM;
	size = size > 0 ? 2 * size : VIEW_GIDS_MAX;
	if (gids->limit > 0 && size > gids->limit)
		size = gids->limit;
	grown = realloc(*gids->array, (size_t)size * sizeof(gid_t));
	if (!grown)
		return -ENOMEM;
	*gids->array = grown;
	*gids->size = size;
	return 0;
}

static int gids_add(struct gids *gids, const struct view_account *account, gid_t primary)
{
	size_t i;
	int r;

	for (i = 0; i < account->gids_count; i++) {
		if (account->gids[i] == primary || gids_have(gids, account->gids[i]))
			continue;
		r = gids_grow(gids);
		if (r < 0)
			return r;
		(*gids->array)[(*gids->start)++] = account->gids[i];
	}
	return 0;
}

enum nss_status _nss_supportaccess_initgroups_dyn(const char *user, gid_t group, long int *start,
	long int *size, gid_t **groupsp, long int limit, int *errnop)
{
	struct gids gids = { .start = start, .size = size, .limit = limit, .array = groupsp };
	struct view_account account;
	char texts[VIEW_TEXT_MAX];
	struct kept kept;
	int r;

	if (!account_name_is_ours(user) || kept_take(&kept) < 0)
		return NSS_STATUS_NOTFOUND;
	r = view_account_by_name(kept.view, user, texts, sizeof(texts), &account);
	kept_give(&kept);
	if (r < 0)
		return NSS_STATUS_NOTFOUND;
	if (gids_add(&gids, &account, group) == -ENOMEM) {
		*errnop = ENOMEM;
		return NSS_STATUS_TRYAGAIN;
	}
	return NSS_STATUS_SUCCESS;
}
