/* SPDX-License-Identifier: MIT */

/* Any text as a short id, a digest, a login or a principal: what is taken has one form only, and is
 * safe where it ends up. */

#include "core/digest.h"
#include "core/document.h"
#include "lib/account.h"
#include "lib/base32.h"
#include "tests/fuzz/fuzz.h"

static void check_short_id(const char *text)
{
	char id[SHORT_ID_LEN + 1], again[SHORT_ID_LEN + 1];

	if (short_id_normalise(text, id) != 0)
		return;
	REQUIRE(strlen(id) == SHORT_ID_LEN && id[5] == '-');
	REQUIRE(short_id_normalise(id, again) == 0 && strcmp(id, again) == 0);
	for (size_t i = 0; i < SHORT_ID_LEN; i++)
		REQUIRE(i == 5 || base32_normalise(id[i]) == id[i]);
}

static void check_digest(const char *text)
{
	struct digest digest;
	char hex[DIGEST_HEX_LEN + 1], id[SHORT_ID_LEN + 1];

	if (digest_from_hex(text, &digest) != 0)
		return;
	digest_to_hex(&digest, hex);
	REQUIRE(strcmp(hex, text) == 0);
	digest_short_id(&digest, id);
	check_short_id(id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
	_cleanup_(freep) char *text = fuzz_text(data, size);
	char encoded[16];

	check_short_id(text);
	check_digest(text);
	if (account_login_is_valid(text))
		REQUIRE(text[strspn(text, safe)] == '\0' && strlen(text) <= ACCOUNT_LOGIN_MAX);
	if (account_name_is_ours(text))
		REQUIRE(account_login_is_valid(text + ACCOUNT_PREFIX_LEN));
	if (document_is_principal(text))
		REQUIRE(text[0] && text[0] != '-' && !strpbrk(text, " \t\r\n\"*?!,/\\#"));
	if (size >= 8) {
		base32_encode(data, 12, encoded);
		for (size_t i = 0; i < 12; i++)
			REQUIRE(base32_normalise(encoded[i]) == encoded[i]);
	}
	return 0;
}
