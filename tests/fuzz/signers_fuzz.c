/* SPDX-License-Identifier: MIT */

/* Any bytes as a file of signers: what is listed is a plain key with names, and taking a name's
 * lines out of the text leaves none of it. */

#include "admin/signers_edit.h"
#include "tests/fuzz/fuzz.h"

struct seen {
	char principals[SIGNERS_LINE_MAX + 1];
	size_t n;
};

static int check(void *context, const struct signer *signer)
{
	struct seen *seen = context;

	REQUIRE(signer->principals[0] && !strpbrk(signer->principals, "\r\n"));
	REQUIRE(key_is_plain(signer->key) && signer->fingerprint[0]);
	REQUIRE(signer->namespaces && signer->valid_after && signer->valid_before);
	REQUIRE(strlen(signer->principals) < sizeof(seen->principals));
	strcpy(seen->principals, signer->principals);
	seen->n++;
	return 0;
}

static int is_other(void *context, const struct signer *signer)
{
	REQUIRE(strcmp(signer->principals, context) != 0);
	return 0;
}

static void ignore(void *context, unsigned int line, const char *fault)
{
	(void)context;
	REQUIRE(line > 0 && fault[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const namespaces[2] = { "decision@supportaccess",
		"revocation@supportaccess" };
	_cleanup_(freep) char *text = fuzz_text(data, size), *without = NULL, *read = NULL;
	const struct signers signers = { .file = fuzz_file("signers", data, size) };
	struct seen listed = { .n = 0 }, edited = { .n = 0 };
	struct problem problem = PROBLEM_NONE;
	size_t read_size = 0;
	int r = signers_list(&signers, check, &listed, &problem);

	if (r != 0)
		fuzz_refused(r, &problem);
	else
		REQUIRE(signers_read(&signers, &read, &read_size, &problem) == 0 &&
			read_size >= size);
	REQUIRE(signers_each(text, check, &edited) == 0);
	REQUIRE(r != 0 || listed.n == edited.n);
	signers_lint(text, false, namespaces, ignore, NULL);
	if (edited.n == 0)
		return 0;
	r = signers_without(text, edited.principals, &without);
	REQUIRE(r > 0 && (size_t)r <= edited.n);
	REQUIRE(signers_each(without, is_other, edited.principals) == 0);
	return 0;
}
