/* SPDX-License-Identifier: MIT */

/* Sets of bytes, first and further, spelled out: no locale, no pattern matcher. */

#include "core/document_text.h"

#include "core/document.h"

#include <string.h>

#define DIGITS       "0123456789"
#define LOWER        "abcdefghijklmnopqrstuvwxyz"
#define UPPER        "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define BASE32_LOWER DIGITS "abcdefghjkmnpqrstvwxyz"
#define BASE32_UPPER DIGITS "ABCDEFGHJKMNPQRSTVWXYZ"
#define BASE64       DIGITS LOWER UPPER "+/"

static bool consists(const char *text, const char *first, const char *further)
{
	if (text[0] == '\0' || !strchr(first, text[0]))
		return false;
	return text[1 + strspn(text + 1, further)] == '\0';
}

bool document_is_name(const char *text)
{
	return consists(text, LOWER DIGITS, LOWER DIGITS "-");
}

bool document_is_principal(const char *text)
{
	return consists(text, LOWER UPPER DIGITS "_", LOWER UPPER DIGITS "_.@+-");
}

bool document_is_full_name(const char *text)
{
	return !strchr(text, ':');
}

bool document_is_address(const char *text)
{
	return consists(text, LOWER UPPER DIGITS ":", LOWER UPPER DIGITS ".:_-");
}

bool document_is_host_id(const char *text)
{
	return strlen(text) == HOST_ID_LEN && consists(text, "h", BASE32_LOWER);
}

bool document_is_digest(const char *text)
{
	struct digest digest;

	return digest_from_hex(text, &digest) == 0;
}

bool document_is_nonce(const char *text)
{
	return strlen(text) == DOCUMENT_NONCE_LEN && consists(text, BASE32_UPPER, BASE32_UPPER);
}

bool document_is_fingerprint(const char *text)
{
	static const char prefix[] = "SHA256:";
	const size_t length = sizeof(prefix) - 1;

	if (strncmp(text, prefix, length) != 0)
		return false;
	return strlen(text + length) == 43 && consists(text + length, BASE64, BASE64);
}
