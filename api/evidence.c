/* SPDX-License-Identifier: MIT */

/* Heads are tried from the newest: it proves most, and each verification runs ssh-keygen. */

#include "api/evidence.h"

#include "api/list.h"
#include "core/json.h"
#include "core/signature.h"

#include <string.h>

struct link {
	struct document *document;
	bool proven;
};

struct links {
	struct link *items;
	size_t n;
};

static void links_done(struct links *links)
{
	for (size_t i = 0; i < links->n; i++)
		document_free(links->items[i].document);
	free(links->items);
}

int evidence_enrolment(struct json_object *object, const char *customer, const char *host_id,
	struct document **ret, struct problem *problem)
{
	_cleanup_(document_freep) struct document *document = NULL;
	const char *bytes, *signature;
	size_t size, signature_size;
	char id[HOST_ID_LEN + 1];
	int r;

	r = api_envelope_open(object, &bytes, &size, &signature, &signature_size, problem);
	if (r == 0)
		r = document_parse(bytes, size, &document, problem);
	if (r != 0)
		return r;
	if (document->type != DOCUMENT_ENROLMENT || key_host_id(document->enrolment.key, id) < 0 ||
		strcmp(id, document->enrolment.host.id) != 0)
		return problem_say(problem, -EKEYREJECTED,
			"central shows a host whose id is not that of its key: do not use it");
	if ((customer && strcmp(document->enrolment.customer, customer) != 0) ||
		(host_id && strcmp(id, host_id) != 0))
		return problem_say(problem, -EKEYREJECTED,
			"central shows host %s of %s in another's place: do not use it",
			document->enrolment.host.name, document->enrolment.customer);
	r = signature_verify_key(document->enrolment.key, DOCUMENT_ENROLMENT, bytes, size,
		signature, signature_size, problem);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(document);
	return 0;
}

static int compare_links(const void *a, const void *b)
{
	const struct link *x = a, *y = b;
	int64_t p = x->document->event.seq, q = y->document->event.seq;

	return (p > q) - (p < q);
}

/* All events of that host; what is none is passed over. */
static int collect(const char *host_id, struct json_object *events, struct links *ret)
{
	size_t n = json_object_array_length(events);

	if (n > EVIDENCE_EVENTS_MAX)
		return -E2BIG;
	ret->items = calloc(n ? n : 1, sizeof(*ret->items));
	if (!ret->items)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct json_object *text = json_object_array_get_idx(events, i);
		_cleanup_(document_freep) struct document *document = NULL;

		if (!json_object_is_type(text, json_type_string) ||
			document_parse(json_object_get_string(text),
				(size_t)json_object_get_string_len(text), &document, NULL) < 0)
			continue;
		if (document->type == DOCUMENT_EVENT && strcmp(document->event.host, host_id) == 0)
			ret->items[ret->n++].document = TAKE_PTR(document);
	}
	qsort(ret->items, ret->n, sizeof(*ret->items), compare_links);
	return 0;
}

/* Finds the event that a head names: NULL if it is not among ours. */
static struct link *find_link(struct links *links, const struct head *head)
{
	char hex[DIGEST_HEX_LEN + 1];

	for (size_t i = 0; i < links->n; i++) {
		if (links->items[i].document->event.seq != head->seq)
			continue;
		digest_to_hex(&links->items[i].document->digest, hex);
		if (strcmp(hex, head->event) == 0)
			return &links->items[i];
	}
	return NULL;
}

/* Marks what the chain leads back to. */
static void prove_back(struct links *links, struct link *from)
{
	char hex[DIGEST_HEX_LEN + 1];

	from->proven = true;
	for (struct link *link = from; link > links->items; link--) {
		digest_to_hex(&link[-1].document->digest, hex);
		if (strcmp(hex, link->document->event.previous) != 0)
			return;
		link[-1].proven = true;
	}
}

static void try_head(const struct enrolment *host, struct json_object *object, struct links *links)
{
	_cleanup_(document_freep) struct document *head = NULL;
	const char *bytes = json_text(object, "head"), *signature = json_text(object, "signature");
	struct link *link;

	if (document_parse(bytes, strlen(bytes), &head, NULL) < 0 || head->type != DOCUMENT_HEAD ||
		strcmp(head->head.host, host->host.id) != 0)
		return;
	link = find_link(links, &head->head);
	if (!link || link->proven)
		return;
	if (signature_verify_key(host->key, DOCUMENT_HEAD, bytes, strlen(bytes), signature,
		    strlen(signature), NULL) == 0)
		prove_back(links, link);
}

int evidence_events(const struct enrolment *host, struct json_object *events,
	struct json_object *heads, void (*each)(void *context, const struct event *event),
	void *context, struct problem *problem)
{
	_cleanup_(links_done) struct links links = { 0 };
	int unproven = 0;
	int r = collect(host->host.id, events, &links);

	if (r < 0)
		return problem_say(problem, r, "cannot check more than %d events together",
			EVIDENCE_EVENTS_MAX);
	for (size_t i = heads ? json_object_array_length(heads) : 0; i > 0; i--)
		try_head(host, json_object_array_get_idx(heads, i - 1), &links);
	for (size_t i = 0; i < links.n; i++) {
		if (links.items[i].proven)
			each(context, &links.items[i].document->event);
		else
			unproven++;
	}
	return unproven;
}
