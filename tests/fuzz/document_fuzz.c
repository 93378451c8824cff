/* SPDX-License-Identifier: MIT */

/* Any bytes as a document: refused with a plain sentence, or understood so well that writing it
 * again gives the very bytes. */

#include "core/document.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *bytes = fuzz_bytes(data, size), *again = NULL;
	_cleanup_(document_freep) struct document *document = NULL;
	struct problem problem = PROBLEM_NONE;
	struct digest digest;
	size_t again_size = 0;
	int r = document_parse(bytes, size, &document, &problem);

	if (r != 0) {
		fuzz_refused(r, &problem);
		return 0;
	}
	REQUIRE(document_write(document, &again, &again_size, &digest, &problem) == 0);
	REQUIRE(again_size == size && memcmp(again, bytes, size) == 0);
	REQUIRE(digest_equal(&digest, &document->digest));
	return 0;
}
