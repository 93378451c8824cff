/* SPDX-License-Identifier: MIT */

/* Any bytes as the body of a request to central: refused with a plain sentence, or exactly the
 * members that are expected, in UTF-8 without a NUL. */

#include "central/body.h"
#include "tests/fuzz/fuzz.h"

static void is_text(const char *text, size_t size)
{
	REQUIRE(text_is_utf8(text, size) && strlen(text) == size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *bytes = fuzz_bytes(data, size);
	_cleanup_(envelope_done) struct envelope envelope = { 0 };
	_cleanup_(report_done) struct report report = { 0 };
	struct problem problem = PROBLEM_NONE;
	int r = body_envelope(bytes, size, &envelope, &problem);

	if (r == 0) {
		is_text(envelope.document, envelope.document_size);
		is_text(envelope.signature, envelope.signature_size);
		(void)body_is_armour(envelope.signature, envelope.signature_size);
	} else {
		fuzz_refused(r, &problem);
	}
	(void)body_is_armour(bytes, size);
	problem = PROBLEM_NONE;
	r = body_report(bytes, size, &report, &problem);
	if (r != 0) {
		fuzz_refused(r, &problem);
		return 0;
	}
	REQUIRE(report.n_events <= BODY_EVENTS_MAX);
	for (size_t i = 0; i < report.n_events; i++)
		is_text(report.events[i], strlen(report.events[i]));
	is_text(report.head, strlen(report.head));
	is_text(report.signature, strlen(report.signature));
	return 0;
}
