/* SPDX-License-Identifier: MIT */

/* Names and ids. What does not fit its field is refused, not cut: half a host name in a record
 * is worse than none. */

#include "pam_supportaccess/login.h"

#include "lib/cleanup.h"

#include <pwd.h>
#include <string.h>

#define PASSWD_BUFFER_MIN 1024
#define PASSWD_BUFFER_MAX (64 * 1024)

const char *login_name(pam_handle_t *pam)
{
	const void *name = NULL;

	if (pam_get_item(pam, PAM_USER, &name) != PAM_SUCCESS || !name)
		return NULL;
	return account_name_is_ours(name) ? name : NULL;
}

/* 0, -ERANGE for more space, -ENOENT for nobody, or another negative errno. */
static int look_up(const char *name, size_t size, struct wire_login *login)
{
	_cleanup_(freep) char *buffer = malloc(size);
	struct passwd passwd, *found = NULL;
	int r;

	if (!buffer)
		return -ENOMEM;
	r = getpwnam_r(name, &passwd, buffer, size, &found);
	if (r != 0)
		return -r;
	if (!found)
		return -ENOENT;
	login->uid = found->pw_uid;
	login->gid = found->pw_gid;
	return 0;
}

int login_look_up(const char *name, struct wire_login *login)
{
	int r = -ERANGE;

	for (size_t size = PASSWD_BUFFER_MIN; r == -ERANGE && size <= PASSWD_BUFFER_MAX; size *= 4)
		r = look_up(name, size, login);
	if (r == -ENOENT)
		return PAM_USER_UNKNOWN;
	if (r < 0)
		return PAM_AUTH_ERR;
	return account_uid_is_ours(login->uid) ? PAM_SUCCESS : PAM_IGNORE;
}

/* Copies text into an array that is NUL to its end. */
static int put(const char *text, char *ret, size_t size)
{
	size_t length = strlen(text);

	if (length >= size)
		return -EMSGSIZE;
	memset(ret, 0, size);
	memcpy(ret, text, length + 1);
	return 0;
}

static int put_item(pam_handle_t *pam, int item, char *ret, size_t size)
{
	const void *text = NULL;

	if (pam_get_item(pam, item, &text) != PAM_SUCCESS || !text)
		text = "";
	return put(text, ret, size);
}

int login_describe(pam_handle_t *pam, const char *name, struct wire_login *login)
{
	int r;

	r = put(name, login->user, sizeof(login->user));
	if (r == 0)
		r = put_item(pam, PAM_SERVICE, login->service, sizeof(login->service));
	if (r == 0)
		r = put_item(pam, PAM_TTY, login->terminal, sizeof(login->terminal));
	if (r == 0)
		r = put_item(pam, PAM_RHOST, login->remote_host, sizeof(login->remote_host));
	return r;
}
