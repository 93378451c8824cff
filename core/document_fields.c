/* SPDX-License-Identifier: MIT */

/* The tables of docs/documents.md. A row that is changed here is changed there. */

#include "core/document_fields.h"

#include "core/document_text.h"
#include "core/key.h"

#include <errno.h>
#include <string.h>

#define COUNT(array)          (sizeof(array) / sizeof((array)[0]))
#define AT(type, member)      .offset = offsetof(struct type, member)
#define FORM(function, words) .form = (function), .phrase = (words)

#define PHRASE_NAME      "lower-case letters, digits and dashes"
#define PHRASE_PRINCIPAL "a principal (letters, digits and _ . @ + -)"
#define PHRASE_DIGEST    "64 lower-case hexadecimal digits"
#define PHRASE_HOST      "a host id (h and 26 of base32)"
#define PHRASE_LOGIN     "a login (a lower-case letter, then lower-case letters, digits, - and _)"
#define PHRASE_KEY       "a public key (type, one blank, base64)"

#define TEXT(key, type, member, least, most)                                                       \
	{                                                                                          \
		.name = (key), .kind = FIELD_TEXT, AT(type, member), .min = (least), .max = (most) \
	}
#define FORMED(key, type, member, least, most, ...)                                                \
	{                                                                                          \
		.name = (key), .kind = FIELD_TEXT, AT(type, member), .min = (least),               \
		.max = (most), FORM(__VA_ARGS__)                                                   \
	}
#define NUMBER(key, type, member, least, most)                                                     \
	{                                                                                          \
		.name = (key), .kind = FIELD_NUMBER, AT(type, member), .min = (least),             \
		.max = (most)                                                                      \
	}
#define TIME(key, type, member)      NUMBER(key, type, member, 1, DOCUMENT_NUMBER_MAX)
#define TIME_OR_0(key, type, member) NUMBER(key, type, member, 0, DOCUMENT_NUMBER_MAX)
#define LENGTH(key, type, member)                                                                  \
	NUMBER(key, type, member, DOCUMENT_LENGTH_MIN, DOCUMENT_LENGTH_MAX)
#define SCOPE(key, type, member, least)                                                            \
	{                                                                                          \
		.name = (key), .kind = FIELD_SCOPE, AT(type, member), .min = (least)               \
	}
#define OBJECT(key, type, member, table)                                                           \
	{                                                                                          \
		.name = (key), .kind = FIELD_OBJECT, AT(type, member), .fields = (table),          \
		.n_fields = COUNT(table)                                                           \
	}
#define LIST(key, type, member, least, most, element, order)                                       \
	{                                                                                          \
		.name = (key), .kind = FIELD_LIST, AT(type, member), .min = (least),               \
		.max = (most), .fields = (element), .n_fields = 1,                                 \
		.stride = sizeof(((struct type *)0)->member[0]),                                   \
		.count_offset = offsetof(struct type, n_##member), .ascending = (order)            \
	}

#define LOGIN(key, type, member, least)                                                            \
	FORMED(key, type, member, least, ACCOUNT_LOGIN_MAX, account_login_is_valid, PHRASE_LOGIN)
#define DIGEST(key, type, member, least)                                                           \
	FORMED(key, type, member, least, DIGEST_HEX_LEN, document_is_digest, PHRASE_DIGEST)
#define HOST(key, type, member)                                                                    \
	FORMED(key, type, member, HOST_ID_LEN, HOST_ID_LEN, document_is_host_id, PHRASE_HOST)
#define NAME(key, type, member, most)                                                              \
	FORMED(key, type, member, 1, most, document_is_name, PHRASE_NAME)
#define PRINCIPAL(key, type, member, least, most)                                                  \
	FORMED(key, type, member, least, most, document_is_principal, PHRASE_PRINCIPAL)
#define KEY(key, type, member)                                                                     \
	FORMED(key, type, member, 1, DOCUMENT_KEY_MAX, key_is_plain, PHRASE_KEY)

static const struct field host_fields[] = {
	HOST("id", document_host, id),
	NAME("name", document_host, name, DOCUMENT_NAME_MAX),
};

static const struct field agent_fields[] = {
	LOGIN("login", document_agent, login, 1),
	FORMED("name", document_agent, name, 1, ACCOUNT_FULL_NAME_MAX, document_is_full_name,
		"a name without a colon"),
	PRINCIPAL("team", document_agent, team, 0, DOCUMENT_TEAM_MAX),
	KEY("key", document_agent, key),
};

/* Elements of lists: the offset is within the element. */
static const struct field host_element = {
	.kind = FIELD_OBJECT,
	.fields = host_fields,
	.n_fields = COUNT(host_fields),
};
static const struct field host_id_element = {
	.kind = FIELD_TEXT,
	.min = HOST_ID_LEN,
	.max = HOST_ID_LEN,
	FORM(document_is_host_id, PHRASE_HOST),
};
static const struct field key_element = {
	.kind = FIELD_TEXT,
	.min = 1,
	.max = DOCUMENT_KEY_MAX,
	FORM(key_is_plain, PHRASE_KEY),
};
static const struct field version_element = {
	.kind = FIELD_NUMBER,
	.min = 1,
	.max = DOCUMENT_NUMBER_MAX,
};

static const struct field request_fields[] = {
	NAME("customer", request, customer, DOCUMENT_CUSTOMER_MAX),
	OBJECT("agent", request, agent, agent_fields),
	LIST("hosts", request, hosts, 1, DOCUMENT_HOSTS_MAX, &host_element, true),
	SCOPE("scope", request, scope, 1),
	LENGTH("length", request, length),
	TIME_OR_0("start", request, start),
	TEXT("reason", request, reason, 1, DOCUMENT_TEXT_MAX),
	TEXT("ticket", request, ticket, 0, DOCUMENT_TICKET_MAX),
	TEXT("tried", request, tried, 0, DOCUMENT_TEXT_MAX),
	TIME("created", request, created),
	TIME("pending_until", request, pending_until),
	DIGEST("repeats", request, repeats, 0),
	FORMED("nonce", request, nonce, DOCUMENT_NONCE_LEN, DOCUMENT_NONCE_LEN, document_is_nonce,
		"26 of upper-case base32"),
};

static const struct field decision_fields[] = {
	DIGEST("request", decision, request, 1),
	{ .name = "verdict", .kind = FIELD_VERDICT, AT(decision, approve) },
	SCOPE("scope", decision, scope, 1),
	LIST("hosts", decision, hosts, 1, DOCUMENT_HOSTS_MAX, &host_id_element, true),
	TIME_OR_0("start", decision, start),
	LENGTH("length", decision, length),
	TIME("latest_end", decision, latest_end),
	PRINCIPAL("approver", decision, approver, 1, DOCUMENT_PRINCIPAL_MAX),
	TIME("decided", decision, decided),
	TEXT("comment", decision, comment, 0, DOCUMENT_TEXT_MAX),
};

static const struct field revocation_fields[] = {
	DIGEST("request", revocation, request, 1),
	LIST("hosts", revocation, hosts, 0, DOCUMENT_HOSTS_MAX, &host_id_element, true),
	PRINCIPAL("by", revocation, by, 1, DOCUMENT_PRINCIPAL_MAX),
	TIME("revoked", revocation, revoked),
	TEXT("reason", revocation, reason, 0, DOCUMENT_TEXT_MAX),
};

static const struct field closing_fields[] = {
	DIGEST("request", closing, request, 1),
	LOGIN("agent", closing, agent, 1),
	TIME("closed", closing, closed),
	TEXT("summary", closing, summary, 1, DOCUMENT_SUMMARY_MAX),
};

static const struct field enrolment_fields[] = {
	NAME("customer", enrolment, customer, DOCUMENT_CUSTOMER_MAX),
	OBJECT("host", enrolment, host, host_fields),
	KEY("key", enrolment, key),
	FORMED("address", enrolment, address, 1, sizeof(((struct enrolment *)0)->address) - 1,
		document_is_address, "a host name or an IP address"),
	NUMBER("port", enrolment, port, 1, 65535),
	LIST("host_keys", enrolment, host_keys, 1, DOCUMENT_KEYS_MAX, &key_element, false),
	FORMED("authority", enrolment, authority, 0, FINGERPRINT_MAX, document_is_fingerprint,
		"a fingerprint (SHA256:...)"),
	LIST("documents", enrolment, documents, 1, DOCUMENT_KEYS_MAX, &version_element, false),
	TEXT("software", enrolment, software, 1, sizeof(((struct enrolment *)0)->software) - 1),
	TIME("created", enrolment, created),
};

static const struct field event_fields[] = {
	HOST("host", event, host),
	NUMBER("seq", event, seq, 1, DOCUMENT_NUMBER_MAX),
	DIGEST("previous", event, previous, 1),
	TIME("time", event, time),
	NAME("kind", event, kind, DOCUMENT_KIND_MAX),
	LOGIN("agent", event, agent, 0),
	DIGEST("request", event, request, 0),
	TEXT("session", event, session, 0, DOCUMENT_SESSION_MAX),
	TEXT("by", event, by, 0, DOCUMENT_PRINCIPAL_MAX),
	SCOPE("scope", event, scope, 0),
	TIME_OR_0("until", event, until),
	NUMBER("count", event, count, 0, DOCUMENT_NUMBER_MAX),
	NUMBER("ms", event, ms, 0, DOCUMENT_NUMBER_MAX),
	TEXT("text", event, text, 0, DOCUMENT_SUMMARY_MAX),
};

static const struct field head_fields[] = {
	HOST("host", head, host),
	NUMBER("seq", head, seq, 1, DOCUMENT_NUMBER_MAX),
	DIGEST("event", head, event, 1),
	TIME("time", head, time),
};

static int check_request(const struct document *document, struct problem *problem)
{
	const struct request *request = &document->request;

	if (request->pending_until <= request->created ||
		request->pending_until - request->created > DOCUMENT_PENDING_MAX)
		return problem_say(problem, -EBADMSG,
			"request: \"pending_until\" must lie behind \"created\", by 31 days at "
			"most");
	return 0;
}

/* The id is the key's, so that whoever holds the id can check the host with no one's help. */
static int check_enrolment(const struct document *document, struct problem *problem)
{
	const struct enrolment *enrolment = &document->enrolment;
	char id[HOST_ID_LEN + 1];

	if (key_host_id(enrolment->key, id) < 0 || strcmp(id, enrolment->host.id) != 0)
		return problem_say(problem, -EBADMSG,
			"enrolment: \"host.id\" %s is not the id of its \"key\"",
			enrolment->host.id);
	return 0;
}

#define DOCUMENT(word, checks)                                                                     \
	{                                                                                          \
		.name = #word, .namespace = #word "@supportaccess", .fields = word##_fields,       \
		.n_fields = COUNT(word##_fields), .offset = offsetof(struct document, word),       \
		.check = (checks)                                                                  \
	}

const struct document_form document_forms[DOCUMENT_TYPES] = {
	[DOCUMENT_REQUEST] = DOCUMENT(request, check_request),
	[DOCUMENT_DECISION] = DOCUMENT(decision, NULL),
	[DOCUMENT_REVOCATION] = DOCUMENT(revocation, NULL),
	[DOCUMENT_CLOSING] = DOCUMENT(closing, NULL),
	[DOCUMENT_ENROLMENT] = DOCUMENT(enrolment, check_enrolment),
	[DOCUMENT_EVENT] = DOCUMENT(event, NULL),
	[DOCUMENT_HEAD] = DOCUMENT(head, NULL),
};
