/* SPDX-License-Identifier: MIT */

/* A plain SHA-256 is enough for secrets that were drawn at random: there is nothing to guess. */

#include "central/secrets.h"

#include "lib/base32.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define CODE_CHARACTERS (CODE_GROUPS * 5)

static int hash_text(const char *text, char ret[static DIGEST_HEX_LEN + 1])
{
	struct digest digest;
	int r;

	r = digest_compute(text, strlen(text), &digest);
	if (r == 0)
		digest_to_hex(&digest, ret);
	return r;
}

int secret_make_token(struct secret *ret)
{
	struct digest random;

	if (getrandom(random.bytes, sizeof(random.bytes), 0) != sizeof(random.bytes))
		return -EIO;
	digest_to_hex(&random, ret->text);
	return hash_text(ret->text, ret->hash);
}

int secret_make_code(struct secret *ret)
{
	uint8_t random[(CODE_CHARACTERS * 5 + 7) / 8];
	char plain[CODE_CHARACTERS + 1];
	char *to = ret->text;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	base32_encode(random, CODE_CHARACTERS, plain);
	for (size_t i = 0; i < CODE_CHARACTERS; i++) {
		if (i && i % 5 == 0)
			*to++ = '-';
		*to++ = plain[i];
	}
	*to = '\0';
	return hash_text(plain, ret->hash);
}

int secret_hash_token(const char *token, char ret[static DIGEST_HEX_LEN + 1])
{
	struct digest shape;

	if (digest_from_hex(token, &shape) < 0)
		return -EINVAL;
	return hash_text(token, ret);
}

int secret_hash_code(const char *code, char ret[static DIGEST_HEX_LEN + 1])
{
	char plain[CODE_CHARACTERS + 1];
	size_t length = 0;

	for (; *code; code++) {
		char c = base32_normalise(*code);

		if (*code == '-')
			continue;
		if (!c || length == CODE_CHARACTERS)
			return -EINVAL;
		plain[length++] = c;
	}
	if (length != CODE_CHARACTERS)
		return -EINVAL;
	plain[length] = '\0';
	return hash_text(plain, ret);
}
