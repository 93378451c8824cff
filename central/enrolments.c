/* SPDX-License-Identifier: MIT */

/* A host joins with a code and a document that it signs with its own key, and leaves again. The
 * host id is derived from that key, so who holds the key is the host, whoever relays. */

#include "central/handlers.h"

#include "central/secrets.h"
#include "core/key.h"
#include "core/signature.h"
#include "lib/moment.h"

#include <string.h>

static int refuse_code(struct exchange *x, int outcome)
{
	if (outcome == CENTRAL_USED)
		return answer_fault(x, FAULT_CODE_USED,
			"a code enrols one host; ask the vendor for a new one "
			"(supportaccess-central "
			"host code)");
	return answer_fault(x, FAULT_CODE,
		outcome == CENTRAL_ENDED ? "the code has ended; ask the vendor for a new one"
					 : "the code is not known here");
}

/* 0 and the code, or a negative errno, or answered. */
static int find_code(
	struct exchange *x, char ret_hash[static DIGEST_HEX_LEN + 1], struct code_row *ret)
{
	int r = CENTRAL_NOT_FOUND;

	if (secret_hash_code(x->bearer, ret_hash) == 0)
		r = central_code_find(x->server->central, ret_hash, moment_now(), ret);
	if (r == CENTRAL_DONE && ret->role != ROLE_HOST)
		r = CENTRAL_NOT_FOUND;
	return r <= 0 ? r : refuse_code(x, r);
}

int enrolment_get(struct exchange *x)
{
	char hash[DIGEST_HEX_LEN + 1];
	struct json_object *json;
	struct code_row code;
	int r;

	r = find_code(x, hash, &code);
	if (r < 0 || x->status)
		return r;
	json = json_object_new_object();
	if (json && (answer_add_text(json, "customer", code.customer) < 0 ||
			    answer_add_text(json, "vendor", code.vendor) < 0 ||
			    answer_add_text(json, "authority", code.authority) < 0)) {
		(void)json_object_put(json);
		return -ENOMEM;
	}
	return answer_json(x, MHD_HTTP_OK, json);
}

static int check_enrolment(
	struct exchange *x, const struct received *received, const struct code_row *code)
{
	const struct enrolment *enrolment = &received->document->enrolment;
	struct problem problem = PROBLEM_NONE;
	char id[HOST_ID_LEN + 1];
	int r;

	if (strcmp(enrolment->customer, code->customer) != 0)
		return answer_fault(x, FAULT_NOT_YOURS, "the code is for %s, the document for %s",
			code->customer, enrolment->customer);
	if (key_host_id(enrolment->key, id) < 0 || strcmp(id, enrolment->host.id) != 0)
		return answer_fault(x, FAULT_DOCUMENT, "the host's id is not that of its key");
	r = signature_verify_key(enrolment->key, DOCUMENT_ENROLMENT, received->envelope.document,
		received->envelope.document_size, received->envelope.signature,
		received->envelope.signature_size, &problem);
	if (r == -EKEYREJECTED)
		return answer_fault(
			x, FAULT_DOCUMENT, "the host's signature does not hold: %s", problem.text);
	return r;
}

static int answer_enrolled(struct exchange *x, const struct enrolment *enrolment, const char *token)
{
	struct json_object *json = json_object_new_object();

	if (json && (answer_add_text(json, "customer", enrolment->customer) < 0 ||
			    answer_add_text(json, "host", enrolment->host.id) < 0 ||
			    answer_add_text(json, "token", token) < 0)) {
		(void)json_object_put(json);
		return -ENOMEM;
	}
	return answer_json(x, MHD_HTTP_CREATED, json);
}

static int enrol(struct exchange *x, const char *hash, const struct received *received)
{
	const struct enrolment *enrolment = &received->document->enrolment;
	struct secret token;
	int r;

	r = secret_make_token(&token);
	if (r < 0)
		return r;
	r = central_host_enrol(x->server->central, hash, token.hash, received->document,
		received->envelope.document, received->envelope.signature, moment_now());
	if (r == CENTRAL_DONE)
		return answer_enrolled(x, enrolment, token.text);
	if (r == CENTRAL_TAKEN)
		return answer_fault(x, FAULT_HOST_NAME,
			"%s has a host %s already, with another key; if this one replaces it, the "
			"vendor removes that first: supportaccess-central host remove %s "
			"--customer %s",
			enrolment->customer, enrolment->host.name, enrolment->host.name,
			enrolment->customer);
	return r < 0 ? r : refuse_code(x, r);
}

int enrolment_post(struct exchange *x)
{
	_cleanup_(received_done) struct received received = { 0 };
	char hash[DIGEST_HEX_LEN + 1];
	struct code_row code;
	int r;

	r = find_code(x, hash, &code);
	if (r < 0 || x->status)
		return r;
	r = received_read(x, DOCUMENT_ENROLMENT, false, &received);
	if (r != RECEIVED)
		return r < 0 ? r : 0;
	r = check_enrolment(x, &received, &code);
	return r < 0 || x->status ? r : enrol(x, hash, &received);
}

int enrolment_delete(struct exchange *x)
{
	int r = central_host_end(x->server->central, x->who.name, moment_now());

	return r < 0 ? r : answer_nothing(x);
}
