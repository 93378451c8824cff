/* SPDX-License-Identifier: MIT */
#pragma once

/* What PAM knows of a login, as the daemon wants to hear it. */

#include "lib/wire.h"

#include <security/pam_modules.h>

/* The name that is logging in, if it has our form; NULL for everyone else's, without any system
 * call. */
const char *login_name(pam_handle_t *pam);

/* Fills uid and gid from the name service.
 *
 * Returns PAM_SUCCESS; PAM_IGNORE when the name is another source's account (its uid is not in our
 * range); PAM_USER_UNKNOWN; PAM_AUTH_ERR when the name service failed. */
int login_look_up(const char *name, struct wire_login *login);

/* Fills the rest but the header: 0, or -EMSGSIZE when something is longer than the wire admits. */
int login_describe(pam_handle_t *pam, const char *name, struct wire_login *login);
