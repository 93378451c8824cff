/* SPDX-License-Identifier: MIT */

/* The form of a name. Plain comparisons of bytes: no locale, no table, no system call. */

#include "lib/account.h"

#include <string.h>

bool account_login_is_valid(const char *login)
{
	size_t i;

	if (login[0] < 'a' || login[0] > 'z')
		return false;
	for (i = 1; login[i]; i++) {
		char c = login[i];

		if (i >= ACCOUNT_LOGIN_MAX)
			return false;
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
	}
	return true;
}

bool account_name_is_ours(const char *name)
{
	if (strncmp(name, ACCOUNT_PREFIX, ACCOUNT_PREFIX_LEN) != 0)
		return false;
	return account_login_is_valid(name + ACCOUNT_PREFIX_LEN);
}
