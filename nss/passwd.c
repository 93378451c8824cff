/* SPDX-License-Identifier: MIT */

/* passwd: by name, by uid, all. The form of the name and the range of the uid are looked at before
 * anything else: for all users but ours that is the whole of it. */

#include "nss/nss.h"

#include "nss/kept.h"

#include <errno.h>
#include <stdatomic.h>

static const char password[] = "*"; /* nobody logs in with one */

/* The view's result as glibc wants it. The password is copied too: all of an answer lies in the
 * caller's buffer, whose first bytes were kept free for it. */
static enum nss_status answer(
	int r, const struct view_account *account, char *buffer, struct passwd *ret, int *errnop)
{
	if (r == -ERANGE) {
		*errnop = ERANGE;
		return NSS_STATUS_TRYAGAIN;
	}
	if (r < 0)
		return NSS_STATUS_NOTFOUND;
	memcpy(buffer, password, sizeof(password));
	ret->pw_name = (char *)account->name;
	ret->pw_passwd = buffer;
	ret->pw_uid = account->uid;
	ret->pw_gid = account->gid;
	ret->pw_gecos = (char *)account->full_name;
	ret->pw_dir = (char *)account->home;
	ret->pw_shell = (char *)account->shell;
	return NSS_STATUS_SUCCESS;
}

/* The part of the caller's buffer that is for the view; none, if there is no room for a password.
 */
static size_t room(size_t size)
{
	return size < sizeof(password) ? 0 : size - sizeof(password);
}

enum nss_status _nss_supportaccess_getpwnam_r(
	const char *name, struct passwd *ret, char *buffer, size_t size, int *errnop)
{
	struct view_account account;
	struct kept kept;
	int r;

	if (!account_name_is_ours(name) || kept_take(&kept) < 0)
		return NSS_STATUS_NOTFOUND;
	r = view_account_by_name(kept.view, name, buffer + sizeof(password), room(size), &account);
	kept_give(&kept);
	return answer(r, &account, buffer, ret, errnop);
}

enum nss_status _nss_supportaccess_getpwuid_r(
	uid_t uid, struct passwd *ret, char *buffer, size_t size, int *errnop)
{
	struct view_account account;
	struct kept kept;
	int r;

	if (!account_uid_is_ours(uid) || kept_take(&kept) < 0)
		return NSS_STATUS_NOTFOUND;
	r = view_account_by_uid(kept.view, uid, buffer + sizeof(password), room(size), &account);
	kept_give(&kept);
	return answer(r, &account, buffer, ret, errnop);
}

/* --- all ---------------------------------------------------------------------------------- */

/* One cursor for the process: glibc holds a lock of its own around these. It is only a number, so
 * it holds no map and survives a fork; a view that is replaced in between keeps its order, since
 * accounts stay and uids are not used twice. */
static atomic_size_t cursor;

enum nss_status _nss_supportaccess_setpwent(int stay_open)
{
	(void)stay_open;
	atomic_store(&cursor, 0);
	return NSS_STATUS_SUCCESS;
}

enum nss_status _nss_supportaccess_endpwent(void)
{
	return _nss_supportaccess_setpwent(0);
}

enum nss_status _nss_supportaccess_getpwent_r(
	struct passwd *ret, char *buffer, size_t size, int *errnop)
{
	struct view_account account;
	struct kept kept;
	size_t number = atomic_load(&cursor);
	int r;

	if (kept_take(&kept) < 0)
		return NSS_STATUS_NOTFOUND;
	while ((r = view_account_at(kept.view, number, buffer + sizeof(password), room(size),
			&account)) == -ENOENT)
		number++; /* a damaged one hides itself, not those behind it */
	kept_give(&kept);
	if (r != -ERANGE)
		atomic_store(&cursor, number + (r == 0));
	return answer(r, &account, buffer, ret, errnop);
}
