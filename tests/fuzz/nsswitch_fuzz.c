/* SPDX-License-Identifier: MIT */

/* Any text as nsswitch.conf: our word is added once and last, and taking it out again gives the
 * very bytes back. */

#include "admin/nsswitch.h"
#include "tests/fuzz/fuzz.h"

static bool is_there(const char *text, const char *database)
{
	return nsswitch_find(text, database) != NSSWITCH_MISSING;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = fuzz_text(data, size), *added = NULL, *again = NULL,
			      *back = NULL;
	bool before = is_there(text, "passwd") || is_there(text, "group");
	int r = nsswitch_add(text, &added);

	REQUIRE(r == 0 || r == 1 || r == -ENODATA);
	if (r == 1)
		REQUIRE(strcmp(added, text) == 0);
	if (r >= 0) {
		REQUIRE(is_there(added, "passwd") && is_there(added, "group"));
		REQUIRE(nsswitch_add(added, &again) == 1 && strcmp(again, added) == 0);
	}
	r = nsswitch_remove(r < 0 ? text : added, &back);
	REQUIRE(r == 0 || r == 1);
	REQUIRE(!is_there(back, "passwd") && !is_there(back, "group"));
	if (!before)
		REQUIRE(strcmp(back, text) == 0);
	return 0;
}
