/* SPDX-License-Identifier: MIT */

/* Any text as a public key: what is plain is one word, one blank, one word, and stands for a host
 * and a fingerprint. */

#include "core/key.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = fuzz_text(data, size);
	char fingerprint[FINGERPRINT_MAX + 1] = "", id[HOST_ID_LEN + 1] = "";
	size_t length = strlen(text);
	bool named = key_fingerprint(text, fingerprint) == 0;

	if (named)
		REQUIRE(strncmp(fingerprint, "SHA256:", 7) == 0 && strlen(fingerprint) == 50);
	if (key_host_id(text, id) == 0)
		REQUIRE(strlen(id) == HOST_ID_LEN);
	if (!key_is_plain(text))
		return 0;
	REQUIRE(named && id[0]);
	REQUIRE(text_is_plain(text, length) && !strpbrk(text, "\"\\,*?!#"));
	REQUIRE(strcspn(text, " ") < length && !strchr(strchr(text, ' ') + 1, ' '));
	return 0;
}
