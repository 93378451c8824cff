/* SPDX-License-Identifier: MIT */

/* A document on its way in. Central checks what concerns central: the strict rule, the shape of
 * the signature, and that the document speaks in the name of whose token brought it. Whether the
 * signature holds and what it opens is for each host to say. */

#include "central/handlers.h"

#include "lib/moment.h"

#include <string.h>

void received_done(struct received *received)
{
	envelope_done(&received->envelope);
	if (received->document)
		document_free(received->document);
}

static int refuse_document(struct exchange *x, int error, const struct problem *problem)
{
	if (error == -EMSGSIZE)
		return answer_fault(
			x, FAULT_TOO_LARGE, "a document may have %d bytes at most", DOCUMENT_MAX);
	if (error == -ENOMEM)
		return error;
	return answer_fault(x, FAULT_DOCUMENT, "%s",
		*problem->text ? problem->text : "the document breaks the strict rule");
}

static int check_signature(
	struct exchange *x, const struct envelope *envelope, bool may_be_unsigned)
{
	if (envelope->signature_size == 0 && may_be_unsigned)
		return 0;
	if (envelope->signature_size > SIGNATURE_MAX)
		return answer_fault(
			x, FAULT_TOO_LARGE, "a signature may have %d bytes at most", SIGNATURE_MAX);
	if (!body_is_armour(envelope->signature, envelope->signature_size))
		return answer_fault(x, FAULT_DOCUMENT,
			"the signature is no armoured SSH signature (ssh-keygen -Y sign)");
	return 0;
}

int received_read(
	struct exchange *x, enum document_type type, bool may_be_unsigned, struct received *ret)
{
	struct problem problem = PROBLEM_NONE;
	int r;

	r = body_envelope(x->body, x->body_size, &ret->envelope, &problem);
	if (r == -EBADMSG)
		r = answer_fault(x, FAULT_MALFORMED, "%s", problem.text);
	if (r < 0 || x->status)
		return r < 0 ? r : RECEIVED_ANSWERED;
	r = document_parse(
		ret->envelope.document, ret->envelope.document_size, &ret->document, &problem);
	if (r < 0)
		r = refuse_document(x, r, &problem);
	else if (ret->document->type != type)
		r = answer_fault(x, FAULT_DOCUMENT, "the document is a %s, this path takes a %s",
			document_type_name(ret->document->type), document_type_name(type));
	else
		r = check_signature(x, &ret->envelope, may_be_unsigned);
	if (r < 0)
		return r;
	return x->status ? RECEIVED_ANSWERED : RECEIVED;
}

static void wake_host(void *context, const char *host)
{
	exchange_wake(context, host);
}

static int answer_kept(struct exchange *x, unsigned status, const struct digest *digest)
{
	struct json_object *json = json_object_new_object();
	char hex[DIGEST_HEX_LEN + 1], id[SHORT_ID_LEN + 1];

	digest_to_hex(digest, hex);
	digest_short_id(digest, id);
	if (json &&
		(answer_add_text(json, "digest", hex) < 0 || answer_add_text(json, "id", id) < 0)) {
		(void)json_object_put(json);
		return -ENOMEM;
	}
	return answer_json(x, status, json);
}

static int refuse_unknown(struct exchange *x, const struct document *document)
{
	if (document->type != DOCUMENT_REQUEST)
		return answer_fault(x, FAULT_NOT_FOUND, "there is no such request");
	return answer_fault(x, FAULT_DOCUMENT,
		"a host of the request is not enrolled for %s under that id and name; see GET "
		"/v1/hosts?customer=%s",
		document->request.customer, document->request.customer);
}

int received_keep(struct exchange *x, const struct received *received)
{
	const struct document *document = received->document;
	int r;

	r = central_document_add(x->server->central, document, received->envelope.document,
		received->envelope.signature, &x->who, moment_now(), wake_host, x->server);
	switch (r) {
	case CENTRAL_DONE:
		x->server->counters.documents++;
		return answer_kept(x, MHD_HTTP_CREATED, &document->digest);
	case CENTRAL_UNCHANGED:
		return answer_kept(x, MHD_HTTP_OK, &document->digest);
	case CENTRAL_TAKEN:
		return answer_fault(x, FAULT_SHORT_ID,
			"another %s has this short id; make it again with another nonce",
			document_type_name(document->type));
	case CENTRAL_NOT_FOUND:
		return refuse_unknown(x, document);
	default:
		return r < 0 ? r : -EPROTO;
	}
}

int received_refuse_other(struct exchange *x, const char *what, const char *name)
{
	if (strcmp(name, x->who.name) == 0)
		return 0;
	return answer_fault(
		x, FAULT_NOT_YOURS, "\"%s\" is %s, the token is of %s", what, name, x->who.name);
}
