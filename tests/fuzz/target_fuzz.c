/* SPDX-License-Identifier: MIT */

/* Any text as the target of a request to central: refused, or names of printable ASCII without a
 * slash, and no parameter twice. */

#include "central/target.h"
#include "tests/fuzz/fuzz.h"

static void is_printable(const char *text)
{
	for (; *text; text++)
		REQUIRE(*text >= ' ' && *text <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *uri = fuzz_text(data, size);
	struct target target;
	int r = target_parse(uri, &target);

	if (r != 0) {
		REQUIRE(r == -E2BIG || r == -EBADMSG);
		return 0;
	}
	REQUIRE(strlen(uri) <= TARGET_MAX);
	REQUIRE(target.n_segments <= TARGET_SEGMENTS_MAX);
	REQUIRE(target.n_parameters <= TARGET_PARAMETERS_MAX);
	for (size_t i = 0; i < target.n_segments; i++) {
		is_printable(target.segments[i]);
		REQUIRE(!strchr(target.segments[i], '/'));
	}
	for (size_t i = 0; i < target.n_parameters; i++) {
		is_printable(target.parameters[i].name);
		is_printable(target.parameters[i].value);
		REQUIRE(target.parameters[i].name[0]);
		REQUIRE(target_parameter(&target, target.parameters[i].name) ==
			target.parameters[i].value);
	}
	return 0;
}
