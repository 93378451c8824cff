/* SPDX-License-Identifier: MIT */

/* Any bytes, made safe to show: the result is plain, fits, and is the text itself if that was plain
 * and short enough. The first byte is the room that there is. */

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = size ? 4 + (size_t)data[0] * 4 : 4, length = size ? size - 1 : 0;
	_cleanup_(freep) char *text = fuzz_bytes(data + (size ? 1 : 0), length);
	_cleanup_(freep) char *shown = malloc(room), *copied = fuzz_text(data, size);
	bool plain = text_is_plain(text, length), fitted;

	REQUIRE(shown);
	fitted = text_escape(text, length, shown, room);
	REQUIRE(strnlen(shown, room) < room);
	REQUIRE(text_is_plain(shown, strlen(shown)) && text_is_utf8(shown, strlen(shown)));
	REQUIRE(text_width(shown) <= strlen(shown));
	if (plain)
		REQUIRE(text_is_utf8(text, length) && fitted == (length < room));
	if (plain && fitted)
		REQUIRE(strlen(shown) == length && memcmp(shown, text, length) == 0);
	if (!fitted)
		REQUIRE(strlen(shown) >= 3 && strcmp(shown + strlen(shown) - 3, "...") == 0);
	if (text_copy(shown, room, copied) == 0)
		REQUIRE(strcmp(shown, copied) == 0);
	else
		REQUIRE(strlen(copied) >= room);
	return 0;
}
