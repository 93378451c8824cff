/* SPDX-License-Identifier: MIT */
#pragma once

/* Where a module stands in a stack of PAM, from the text of one file. */

enum pam_place {
	PAM_PLACE_RIGHT,
	PAM_PLACE_MISSING,
	PAM_PLACE_TOOTHLESS, /* its answer is ignored: optional, sufficient, default=ignore */
	PAM_PLACE_JUMPED,    /* a module before it ends the stack or jumps over it */
	PAM_PLACE_EARLY,     /* session: pam_systemd or pam_mkhomedir comes after it */
};

/* Judges pam_supportaccess.so in the lines of `type` ("account", "session"). */
enum pam_place pam_stack_judge(const char *text, const char *type);
