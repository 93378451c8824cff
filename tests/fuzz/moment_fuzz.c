/* SPDX-License-Identifier: MIT */

/* Any text as a length or a moment: refused, or within its bounds, shown in plain text, and read
 * again as the same. */

#include "lib/moment.h"
#include "tests/fuzz/fuzz.h"

#define NOW INT64_C(1795687200)
#define DAY INT64_C(86400)

static void check_moment(int64_t moment)
{
	char text[MOMENT_TEXT_MAX], rfc3339[32];
	int64_t again = 0;

	moment_rfc3339(moment, rfc3339);
	REQUIRE(moment_parse(rfc3339, NOW, &again) == 0 && again == moment);
	moment_show(moment, NOW, true, true, text, sizeof(text));
	REQUIRE(text[0] && text_is_plain(text, strlen(text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = fuzz_text(data, size);
	char shown[MOMENT_TEXT_MAX], typed[MOMENT_TEXT_MAX];
	int64_t length = 0, moment = 0, again = 0;
	int r = length_parse(text, &length);

	REQUIRE(r == 0 || r == -EINVAL || r == -ERANGE);
	if (r == 0) {
		REQUIRE(length >= 1 && length <= 400 * DAY);
		length_show(length, shown, sizeof(shown));
		REQUIRE(shown[0] && text_is_plain(shown, strlen(shown)));
		(void)snprintf(typed, sizeof(typed), "%llds", (long long)length);
		REQUIRE(length_parse(typed, &again) == 0 && again == length);
	}
	if (moment_parse(text, NOW, &moment) == 0)
		check_moment(moment);
	if (moment_parse_past(text, NOW, &moment) == 0) {
		REQUIRE(moment <= NOW);
		check_moment(moment);
	}
	return 0;
}
