/* SPDX-License-Identifier: MIT */

/* Documents in the store: found as they came, by digest and by what people type. */

#include "host/documents.h"

#include "tests/unit/host_fixture.h"

#define UNKNOWN "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void short_id(const struct made *made, char ret[static SHORT_ID_LEN + 1])
{
	struct digest digest;

	ck_assert_int_eq(digest_from_hex(made->digest, &digest), 0);
	digest_short_id(&digest, ret);
}

START_TEST(a_document_is_found_as_it_came)
{
	struct made request = asked(), decision;
	struct document document = a_decision(&request);
	struct stored_document found;

	ACCEPTED(send(&document, "carol", &decision));
	ck_assert_int_eq(documents_find(store, decision.digest, &found), 0);
	ck_assert_str_eq(found.digest, decision.digest);
	ck_assert_uint_eq(found.size, decision.size);
	ck_assert_int_eq(memcmp(found.bytes, decision.bytes, found.size + 1), 0);
	ck_assert_uint_eq(found.signature_size, decision.signature_size);
	ck_assert_int_eq(memcmp(found.signature, decision.signature, found.signature_size), 0);
	ck_assert_int_eq(found.signature[found.signature_size], '\0');
	ck_assert_int_eq(found.received, NOW);
	ck_assert_str_eq(found.principal, "carol");
	ck_assert_int_eq(strncmp(found.fingerprint, "SHA256:", 7), 0);
	ck_assert(found.backed);
	ck_assert(!found.root);
	stored_document_done(&found);
	stored_document_done(&found);
	ck_assert_int_eq(documents_find(store, UNKNOWN, &found), -ENOENT);
	ck_assert_int_eq(documents_find(store, "", &found), -ENOENT);
	made_done(&decision);
	made_done(&request);
}
END_TEST

START_TEST(what_root_decided_here_has_no_signature_and_nobodys_name)
{
	struct made request = asked(), made;
	struct document decision = a_decision(&request);
	struct stored_document found;

	strcpy(decision.decision.approver, "root@db1");
	made = make(&decision, "");
	ck_assert_int_eq(ingest_document(&ingest, INGEST_ROOT, made.bytes, made.size, "", 0, -1,
				 NULL, &problem),
		INGEST_ACCEPTED);
	ck_assert_int_eq(documents_find(store, made.digest, &found), 0);
	ck_assert(found.root);
	ck_assert_str_eq(found.signature, "");
	ck_assert_uint_eq(found.signature_size, 0);
	ck_assert_str_eq(found.principal, "");
	stored_document_done(&found);
	made_done(&made);
	made_done(&request);
}
END_TEST

START_TEST(a_request_is_found_by_its_short_id_in_any_form)
{
	struct made request = asked();
	struct stored_document found;
	char id[SHORT_ID_LEN + 1];

	short_id(&request, id);
	ck_assert_int_eq(documents_find_request(store, id, &found), 0);
	ck_assert_str_eq(found.digest, request.digest);
	stored_document_done(&found);
	for (size_t i = 0; id[i]; i++)
		id[i] = (char)(id[i] == '0' ? 'o' : id[i] == '1' ? 'l' : id[i] | 0x20);
	id[5] = '-';
	ck_assert_int_eq(documents_find_request(store, id, &found), 0);
	stored_document_done(&found);
	ck_assert_int_eq(documents_find_request(store, "ZZZZZ-ZZZZZ", &found), -ENOENT);
	made_done(&request);
}
END_TEST

START_TEST(what_is_no_short_id_is_said)
{
	static const char *const texts[] = { "", "7K2F9", "7K2F9-QXM4", "7K2F9-QXM4TT",
		"7K2F9-QXM4U", "7K2F9-QXM4%", "nonsense" };
	struct stored_document found;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(documents_find_request(store, texts[i], &found) == -EINVAL, "\"%s\"",
			texts[i]);
}
END_TEST

/* People name requests; a decision's short id is nobody's. */
START_TEST(only_a_request_is_found_by_a_short_id)
{
	struct made request = asked(), decision;
	struct document document = a_decision(&request);
	struct stored_document found;
	char id[SHORT_ID_LEN + 1];

	ACCEPTED(send(&document, "carol", &decision));
	short_id(&decision, id);
	ck_assert_int_eq(documents_find_request(store, id, &found), -ENOENT);
	made_done(&decision);
	made_done(&request);
}
END_TEST

struct listing {
	char digests[4][DIGEST_HEX_LEN + 1];
	size_t n, max;
	int result;
};

static int list(void *context, const struct stored_document *document)
{
	struct listing *listing = context;

	ck_assert_uint_lt(listing->n, 4);
	strcpy(listing->digests[listing->n++], document->digest);
	return listing->n == listing->max ? listing->result : 0;
}

START_TEST(documents_come_in_the_order_of_their_arrival)
{
	struct made first = asked(), second, decision;
	struct document wanted = a_request("ben"), document;
	struct listing listing = { 0 };

	ACCEPTED(send(&wanted, "ben-cert.pub", &second));
	document = a_decision(&second);
	ACCEPTED(send(&document, "carol", &decision));
	ck_assert_int_eq(documents_each(store, DOCUMENT_REQUEST, NULL, list, &listing), 0);
	ck_assert_uint_eq(listing.n, 2);
	ck_assert_str_eq(listing.digests[0], first.digest);
	ck_assert_str_eq(listing.digests[1], second.digest);
	listing = (struct listing){ 0 };
	ck_assert_int_eq(documents_each(store, DOCUMENT_DECISION, first.digest, list, &listing), 0);
	ck_assert_uint_eq(listing.n, 0);
	ck_assert_int_eq(
		documents_each(store, DOCUMENT_DECISION, second.digest, list, &listing), 0);
	ck_assert_uint_eq(listing.n, 1);
	ck_assert_str_eq(listing.digests[0], decision.digest);
	listing = (struct listing){ 0 };
	ck_assert_int_eq(documents_each(store, DOCUMENT_REQUEST, first.digest, list, &listing), 0);
	ck_assert_uint_eq(listing.n, 1);
	made_done(&first);
	made_done(&second);
	made_done(&decision);
}
END_TEST

START_TEST(who_has_seen_enough_stops_and_an_error_is_passed_on)
{
	struct listing listing = { .max = 1, .result = 1 };
	struct document wanted = a_request("ben");
	struct made request = asked();

	ACCEPTED(send(&wanted, "ben-cert.pub", NULL));
	ck_assert_int_eq(documents_each(store, DOCUMENT_REQUEST, NULL, list, &listing), 0);
	ck_assert_uint_eq(listing.n, 1);
	listing = (struct listing){ .max = 1, .result = -ENOMEM };
	ck_assert_int_eq(documents_each(store, DOCUMENT_REQUEST, NULL, list, &listing), -ENOMEM);
	ck_assert_uint_eq(listing.n, 1);
	made_done(&request);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_document_is_found_as_it_came,
		what_root_decided_here_has_no_signature_and_nobodys_name,
		a_request_is_found_by_its_short_id_in_any_form,
		what_is_no_short_id_is_said,
		only_a_request_is_found_by_a_short_id,
		documents_come_in_the_order_of_their_arrival,
		who_has_seen_enough_stops_and_an_error_is_passed_on,
	};

	return RUN_TESTS("documents", tests);
}
