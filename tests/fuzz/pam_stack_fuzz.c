/* SPDX-License-Identifier: MIT */

/* Any text as a file of /etc/pam.d: judged, and never well where our module is not named. */

#include "admin/pam_stack.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = { "account", "session" };
	_cleanup_(freep) char *text = fuzz_text(data, size);
	_cleanup_(freep) char *barred = NULL;

	for (size_t i = 0; i < 2; i++) {
		enum pam_place place = pam_stack_judge(text, types[i]);

		REQUIRE(place >= PAM_PLACE_RIGHT && place <= PAM_PLACE_EARLY);
		if (!strstr(text, "pam_supportaccess.so"))
			REQUIRE(place == PAM_PLACE_MISSING);
		/* Whatever follows, a stack that is left before it is no good one. */
		free(TAKE_PTR(barred));
		REQUIRE(asprintf(&barred, "%s sufficient pam_permit.so\n%s", types[i], text) > 0);
		REQUIRE(pam_stack_judge(barred, types[i]) != PAM_PLACE_RIGHT);
	}
	return 0;
}
