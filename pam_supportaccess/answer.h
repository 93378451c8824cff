/* SPDX-License-Identifier: MIT */
#pragma once

/* From the daemon's verdict to what PAM is told and the person reads. */

#include "lib/verdict.h"
#include "lib/wire.h"

#include <security/pam_modules.h>

enum phase {
	PHASE_ACCOUNT,
	PHASE_SESSION,
};

/* The one place where a verdict becomes a PAM code. A number that is no verdict is refused. */
int answer_code(enum phase phase, uint32_t verdict);

/* Shows why a login is refused, line by line. */
void answer_show(pam_handle_t *pam, const char *text);

/* The module's own sentence when the daemon could not be asked: `r` is wire_ask's errno. */
void answer_broken(int r, char ret[static WIRE_TEXT_MAX]);
