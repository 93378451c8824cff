/* SPDX-License-Identifier: MIT */

/* Each test takes a document that is accepted and changes one thing. */

#include "core/document_fields.h"
#include "core/key.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define KEY_ANA "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIITlvDN/SuCK74EpIvNw5U7bTKOSLSbLU+wz7CsXngUl"
#define KEY_DB1 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE2NTjrej1Errptagu1SGxJTGi1UUHqAPhJEW1M6sPVF"
#define ID_DB1  "hw2dq509nq8j2p2vw229d675zy7"
#define ID_DB2  "hw2dq509nq8j2p2vw229d675zy8"
#define DIGEST  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define NONCE   "0123456789ABCDEFGHJKMNPQRS"

static const char *const samples[DOCUMENT_TYPES] = {
	[DOCUMENT_REQUEST] =
		"{\"type\":\"request\",\"version\":1,\"customer\":\"acme\",\"agent\":{\"login\":"
		"\"ana\",\"name\":\"Ana Sousa\",\"team\":\"product-support\",\"key\":\"" KEY_ANA
		"\"},\"hosts\":[{\"id\":\"" ID_DB1 "\",\"name\":\"db1\"},{\"id\":\"" ID_DB2
		"\",\"name\":\"db2\"}],\"scope\":\"read-only\",\"length\":259200,\"start\":0,"
		"\"reason\":\"Index rebuild fails after 9.4 upgrade\",\"ticket\":\"4711\","
		"\"tried\":\"\",\"created\":1795500000,\"pending_until\":1795759200,"
		"\"repeats\":\"\",\"nonce\":\"" NONCE "\"}",
	[DOCUMENT_DECISION] =
		"{\"type\":\"decision\",\"version\":1,\"request\":\"" DIGEST "\",\"verdict\":"
		"\"approve\",\"scope\":\"read-only\",\"hosts\":[\"" ID_DB1 "\",\"" ID_DB2
		"\"],\"start\":0,\"length\":14400,\"latest_end\":1795759200,\"approver\":\"carol\","
		"\"decided\":1795503600,\"comment\":\"\"}",
	[DOCUMENT_REVOCATION] =
		"{\"type\":\"revocation\",\"version\":1,\"request\":\"" DIGEST "\",\"hosts\":[],"
		"\"by\":\"carol\",\"revoked\":1795507200,\"reason\":\"done, thank you\"}",
	[DOCUMENT_CLOSING] =
		"{\"type\":\"closing\",\"version\":1,\"request\":\"" DIGEST "\",\"agent\":\"ana\","
		"\"closed\":1795507200,\"summary\":\"Rebuilt the index.\"}",
	[DOCUMENT_ENROLMENT] =
		"{\"type\":\"enrolment\",\"version\":1,\"customer\":\"acme\",\"host\":{\"id\":"
		"\"" ID_DB1 "\",\"name\":\"db1\"},\"key\":\"" KEY_DB1
		"\",\"address\":\"db1.acme.example\","
		"\"port\":22,\"host_keys\":[\"" KEY_DB1 "\"],\"authority\":"
		"\"SHA256:4JtygTW6JCsLfBCS0xy/8fY0S5fVS5uHbn3bLA79Oew\",\"documents\":[1],"
		"\"software\":\"0.1.0\",\"created\":1795500000}",
	[DOCUMENT_EVENT] =
		"{\"type\":\"event\",\"version\":1,\"host\":\"" ID_DB1 "\",\"seq\":1,\"previous\":"
		"\"0000000000000000000000000000000000000000000000000000000000000000\",\"time\":"
		"1795500000,\"kind\":\"ended\",\"agent\":\"ana\",\"request\":\"" DIGEST
		"\",\"session\":\"1\",\"by\":\"carol\",\"scope\":\"read-only\",\"until\":0,"
		"\"count\":3,\"ms\":12,\"text\":\"revoked\"}",
	[DOCUMENT_HEAD] = "{\"type\":\"head\",\"version\":1,\"host\":\"" ID_DB1
			  "\",\"seq\":7,\"event\":\"" DIGEST "\",\"time\":1795500000}",
};

static int parse(const char *text, struct problem *problem)
{
	_cleanup_(document_freep) struct document *document = NULL;

	*problem = PROBLEM_NONE;
	return document_parse(text, strlen(text), &document, problem);
}

/* The sample of `type` with the first `from` replaced by `to`; the caller frees. */
static char *changed(enum document_type type, const char *from, const char *to)
{
	const char *sample = samples[type], *at = strstr(sample, from);
	char *text;

	ck_assert_msg(at, "no %s in %s", from, sample);
	ck_assert_int_ge(
		asprintf(&text, "%.*s%s%s", (int)(at - sample), sample, to, at + strlen(from)), 0);
	return text;
}

static void expect(const char *text, int error, const char *words)
{
	struct problem problem;
	int r = parse(text, &problem);

	ck_assert_msg(r == error, "%d (%s) instead of %d for %s", r, problem.text, error, text);
	ck_assert_msg(strstr(problem.text, words), "\"%s\" lacks \"%s\"", problem.text, words);
}

START_TEST(every_type_is_read_and_written_to_the_same_bytes)
{
	_cleanup_(document_freep) struct document *document = NULL;
	_cleanup_(freep) char *bytes = NULL;
	struct problem problem = PROBLEM_NONE;
	struct digest digest;
	size_t size;
	int r = document_parse(samples[_i], strlen(samples[_i]), &document, &problem);

	ck_assert_msg(r == 0, "%s", problem.text);
	ck_assert_int_eq(document->type, _i);
	ck_assert_int_eq(document->version, 1);
	ck_assert_int_eq(document_write(document, &bytes, &size, &digest, &problem), 0);
	ck_assert_str_eq(bytes, samples[_i]);
	ck_assert_uint_eq(size, strlen(bytes));
	ck_assert(digest_equal(&digest, &document->digest));
}
END_TEST

START_TEST(a_request_says_what_its_bytes_say)
{
	_cleanup_(document_freep) struct document *document = NULL;
	const struct request *request;
	const char *sample = samples[DOCUMENT_REQUEST];

	ck_assert_int_eq(document_parse(sample, strlen(sample), &document, NULL), 0);
	request = &document->request;
	ck_assert_str_eq(request->customer, "acme");
	ck_assert_str_eq(request->agent.login, "ana");
	ck_assert_str_eq(request->agent.key, KEY_ANA);
	ck_assert_uint_eq(request->n_hosts, 2);
	ck_assert_str_eq(request->hosts[1].id, ID_DB2);
	ck_assert_str_eq(request->hosts[1].name, "db2");
	ck_assert_int_eq(request->scope, SCOPE_READ_ONLY);
	ck_assert_int_eq(request->length, 259200);
	ck_assert_int_eq(request->pending_until, 1795759200);
	ck_assert_str_eq(request->nonce, NONCE);
}
END_TEST

START_TEST(a_denial_is_no_approval)
{
	_cleanup_(freep) char *text = changed(DOCUMENT_DECISION, "approve", "deny");
	_cleanup_(document_freep) struct document *approval = NULL, *denial = NULL;
	const char *sample = samples[DOCUMENT_DECISION];

	ck_assert_int_eq(document_parse(text, strlen(text), &denial, NULL), 0);
	ck_assert_int_eq(document_parse(sample, strlen(sample), &approval, NULL), 0);
	ck_assert(!denial->decision.approve);
	ck_assert(approval->decision.approve);
}
END_TEST

static const struct {
	const char *promise; /* for the reader of a failure */
	enum document_type type;
	const char *from, *to;
	int error;
	const char *words;
} breaches[] = {
	{ "an unknown type", DOCUMENT_HEAD, "head", "heat", -EPROTONOSUPPORT, "\"heat\"" },
	{ "no type", DOCUMENT_HEAD, "\"type\":\"head\",", "", -EBADMSG, "\"type\"" },
	{ "a type that is no text", DOCUMENT_HEAD, "\"head\"", "1", -EBADMSG, "\"type\"" },
	{ "a newer version", DOCUMENT_HEAD, "\"version\":1", "\"version\":2", -EPROTONOSUPPORT,
		"version 2" },
	{ "version 0", DOCUMENT_HEAD, "\"version\":1", "\"version\":0", -EPROTONOSUPPORT,
		"version 0" },
	{ "no version", DOCUMENT_HEAD, "\"version\":1,", "", -EBADMSG, "\"version\"" },
	{ "type behind version", DOCUMENT_HEAD, "\"type\":\"head\",\"version\":1",
		"\"version\":1,\"type\":\"head\"", -EBADMSG, "order" },
	{ "another field before version", DOCUMENT_HEAD, "\"version\":1,\"host\":\"" ID_DB1 "\"",
		"\"host\":\"" ID_DB1 "\",\"version\":1", -EBADMSG, "order" },
	{ "an unknown field", DOCUMENT_HEAD, "}", ",\"more\":1}", -EBADMSG,
		"\"more\" is not a field" },
	{ "an unknown field inside", DOCUMENT_REQUEST, "\"db1\"}", "\"db1\",\"tag\":\"x\"}",
		-EBADMSG, "\"hosts[0].tag\" is not a field" },
	{ "a missing field", DOCUMENT_HEAD, ",\"time\":1795500000", "", -EBADMSG,
		"\"time\" is missing" },
	{ "a missing field inside", DOCUMENT_REQUEST, "\"team\":\"product-support\",", "", -EBADMSG,
		"\"agent.team\" is missing" },
	{ "another order", DOCUMENT_CLOSING,
		"\"closed\":1795507200,\"summary\":\"Rebuilt the index.\"",
		"\"summary\":\"Rebuilt the index.\",\"closed\":1795507200", -EBADMSG,
		"\"closed\" is not in its place" },
	{ "a field twice", DOCUMENT_HEAD, "\"seq\":7", "\"seq\":7,\"seq\":7", -EBADMSG,
		"canonical" },
	{ "a field twice, to say two things", DOCUMENT_DECISION, "\"verdict\":\"approve\"",
		"\"verdict\":\"deny\",\"verdict\":\"approve\"", -EBADMSG, "canonical" },
	{ "a field in two spellings", DOCUMENT_HEAD, "\"seq\":7", "\"seq\":7,\"s\\u0065q\":8",
		-EBADMSG, "canonical" },
	{ "a blank", DOCUMENT_HEAD, ",\"seq\"", ", \"seq\"", -EBADMSG, "canonical" },
	{ "a line end", DOCUMENT_HEAD, ",\"seq\"", ",\n\"seq\"", -EBADMSG, "control" },
	{ "a blank behind", DOCUMENT_HEAD, "}", "} ", -EBADMSG, "" },
	{ "a line end behind", DOCUMENT_HEAD, "}", "}\n", -EBADMSG, "control" },
	{ "a second document behind", DOCUMENT_HEAD, "}", "}{}", -EBADMSG, "" },
	{ "a cut document", DOCUMENT_HEAD, "}", "", -EBADMSG, "cut" },
	{ "a comment", DOCUMENT_HEAD, "{", "/**/{", -EBADMSG, "" },
	{ "an escaped letter", DOCUMENT_CLOSING, "Rebuilt", "\\u0052ebuilt", -EBADMSG,
		"canonical" },
	{ "an escaped slash", DOCUMENT_CLOSING, "Rebuilt", "a\\/b", -EBADMSG, "canonical" },
	{ "single quotes", DOCUMENT_CLOSING, "\"Rebuilt the index.\"", "'x'", -EBADMSG, "" },
	{ "a fraction", DOCUMENT_HEAD, "\"seq\":7", "\"seq\":7.5", -EBADMSG,
		"\"seq\" must be a whole number" },
	{ "a fraction of nothing", DOCUMENT_HEAD, "\"seq\":7", "\"seq\":7.0", -EBADMSG,
		"\"seq\" must be a whole number" },
	{ "an exponent", DOCUMENT_HEAD, "\"seq\":7", "\"seq\":7e0", -EBADMSG,
		"\"seq\" must be a whole number" },
	{ "a negative number", DOCUMENT_HEAD, "\"seq\":7", "\"seq\":-7", -EBADMSG,
		"\"seq\" must be a whole number" },
	{ "minus nothing", DOCUMENT_EVENT, "\"count\":3", "\"count\":-0", -EBADMSG, "" },
	{ "a leading zero", DOCUMENT_HEAD, "\"seq\":7", "\"seq\":07", -EBADMSG, "" },
	{ "2^53", DOCUMENT_HEAD, "\"seq\":7", "\"seq\":9007199254740992", -EBADMSG,
		"\"seq\" must be a whole number" },
	{ "2^64 and 7", DOCUMENT_HEAD, "\"seq\":7", "\"seq\":18446744073709551623", -EBADMSG, "" },
	{ "a number as text", DOCUMENT_HEAD, "\"seq\":7", "\"seq\":\"7\"", -EBADMSG,
		"\"seq\" must be a whole number" },
	{ "null", DOCUMENT_HEAD, "\"seq\":7", "\"seq\":null", -EBADMSG, "\"seq\"" },
	{ "null as text", DOCUMENT_CLOSING, "\"ana\"", "null", -EBADMSG,
		"\"agent\" must be a text" },
	{ "null as scope", DOCUMENT_EVENT, "\"read-only\"", "null", -EBADMSG, "\"scope\"" },
	{ "a text as object", DOCUMENT_REQUEST,
		"{\"login\":\"ana\",\"name\":\"Ana "
		"Sousa\",\"team\":\"product-support\",\"key\":\"" KEY_ANA "\"}",
		"\"ana\"", -EBADMSG, "\"agent\" must be an object" },
	{ "an object as list", DOCUMENT_REVOCATION, "[]", "{}", -EBADMSG,
		"\"hosts\" must be a list" },
	{ "true", DOCUMENT_HEAD, "\"seq\":7", "\"seq\":true", -EBADMSG, "\"seq\"" },
	{ "NaN", DOCUMENT_HEAD, "\"seq\":7", "\"seq\":NaN", -EBADMSG, "JSON does not have" },
	{ "no UTF-8", DOCUMENT_CLOSING, "Rebuilt", "\xff", -EBADMSG, "UTF-8" },
	{ "overlong UTF-8", DOCUMENT_CLOSING, "Rebuilt", "\xc0\xaf", -EBADMSG, "UTF-8" },
	{ "a lone surrogate", DOCUMENT_CLOSING, "Rebuilt", "\\ud800", -EBADMSG, "" },
	{ "a raw control character", DOCUMENT_CLOSING, "Rebuilt", "\x1b[2J", -EBADMSG, "control" },
	{ "an escaped control character", DOCUMENT_CLOSING, "Rebuilt", "\\u001b[2J", -EBADMSG,
		"\"summary\" has control" },
	{ "an escaped line end", DOCUMENT_CLOSING, "Rebuilt", "a\\nb", -EBADMSG,
		"\"summary\" has control" },
	{ "an escaped NUL", DOCUMENT_CLOSING, "Rebuilt", "\\u0000", -EBADMSG,
		"\"summary\" has control" },
	{ "a right-to-left override", DOCUMENT_CLOSING, "Rebuilt", "\xe2\x80\xae", -EBADMSG,
		"control" },
	{ "a field's name with a control character", DOCUMENT_HEAD, "}", ",\"\\u001b\":1}",
		-EBADMSG, "\\x1b" },
	{ "an empty summary", DOCUMENT_CLOSING, "Rebuilt the index.", "", -EBADMSG,
		"\"summary\" may not be empty" },
	{ "an agent with a slash", DOCUMENT_CLOSING, "\"ana\"", "\"a/na\"", -EBADMSG,
		"\"agent\" must be a login" },
	{ "an agent with a colon", DOCUMENT_REQUEST, "\"ana\"", "\"a:na\"", -EBADMSG,
		"\"agent.login\" must be a login" },
	{ "an agent with a line end", DOCUMENT_REQUEST, "\"ana\"", "\"a\\nna\"", -EBADMSG,
		"\"agent.login\" has control" },
	{ "an agent in upper case", DOCUMENT_REQUEST, "\"ana\"", "\"Ana\"", -EBADMSG,
		"\"agent.login\" must be a login" },
	{ "an agent without a name", DOCUMENT_REQUEST, "\"ana\"", "\"\"", -EBADMSG,
		"\"agent.login\" may not be empty" },
	{ "a full name with a colon", DOCUMENT_REQUEST, "Ana Sousa", "Ana:0:0", -EBADMSG,
		"\"agent.name\"" },
	{ "a key with a comment", DOCUMENT_REQUEST, "XngUl\"", "XngUl ana\"", -EBADMSG,
		"\"agent.key\" must be a public key" },
	{ "a key with options", DOCUMENT_REQUEST, "\"ssh-ed25519 ", "\"command=x ssh-ed25519 ",
		-EBADMSG, "\"agent.key\"" },
	{ "a key of another type", DOCUMENT_REQUEST, "\"ssh-ed25519 ", "\"ssh-rsa ", -EBADMSG,
		"\"agent.key\"" },
	{ "a certificate as key", DOCUMENT_REQUEST, "\"ssh-ed25519 ",
		"\"ssh-ed25519-cert-v01@openssh.com ", -EBADMSG, "\"agent.key\"" },
	{ "a key that is cut", DOCUMENT_REQUEST, "XngUl\"", "XngU\"", -EBADMSG, "\"agent.key\"" },
	{ "a key with stray bits", DOCUMENT_REQUEST, "XngUl\"", "XngU=\"", -EBADMSG,
		"\"agent.key\"" },
	{ "no hosts", DOCUMENT_DECISION, "[\"" ID_DB1 "\",\"" ID_DB2 "\"]", "[]", -EBADMSG,
		"\"hosts\" has 0 elements" },
	{ "hosts that do not ascend", DOCUMENT_DECISION, ID_DB1, "hw2dq509nq8j2p2vw229d675zy9",
		-EBADMSG, "\"hosts[1]\" is not in ascending order" },
	{ "a host twice", DOCUMENT_DECISION, ID_DB1, ID_DB2, -EBADMSG,
		"\"hosts[1]\" is not in ascending order" },
	{ "a request's host twice", DOCUMENT_REQUEST, ID_DB1, ID_DB2, -EBADMSG,
		"\"hosts[1]\" is not in ascending order" },
	{ "a host id in upper case", DOCUMENT_HEAD, ID_DB1, "hw2dq509nq8j2p2vw229d675zyZ", -EBADMSG,
		"\"host\" must be a host id" },
	{ "a short host id", DOCUMENT_HEAD, ID_DB1, "hw2dq509nq8j2p2vw229d675zy", -EBADMSG,
		"\"host\" must be a host id" },
	{ "a long host id", DOCUMENT_HEAD, ID_DB1, ID_DB1 "0", -EBADMSG, "\"host\" has 28 bytes" },
	{ "a digest in upper case", DOCUMENT_HEAD, "e3b0", "E3B0", -EBADMSG,
		"\"event\" must be 64" },
	{ "a short digest", DOCUMENT_HEAD, "e3b0", "e3b", -EBADMSG, "\"event\" must be 64" },
	{ "an empty digest", DOCUMENT_HEAD, DIGEST, "", -EBADMSG, "\"event\" may not be empty" },
	{ "an unknown scope", DOCUMENT_DECISION, "read-only", "root", -EBADMSG,
		"\"scope\" must be" },
	{ "scope none", DOCUMENT_DECISION, "read-only", "none", -EBADMSG, "\"scope\" must be" },
	{ "an empty scope", DOCUMENT_DECISION, "read-only", "", -EBADMSG, "\"scope\" must be" },
	{ "an unknown verdict", DOCUMENT_DECISION, "approve", "maybe", -EBADMSG,
		"\"verdict\" must be" },
	{ "a verdict that is no text", DOCUMENT_DECISION, "\"approve\"", "1", -EBADMSG,
		"\"verdict\" must be" },
	{ "less than a minute", DOCUMENT_DECISION, "14400", "59", -EBADMSG, "\"length\" must be" },
	{ "more than 400 days", DOCUMENT_DECISION, "14400", "34560001", -EBADMSG,
		"\"length\" must be" },
	{ "a principal that is a pattern", DOCUMENT_DECISION, "carol", "*", -EBADMSG,
		"\"approver\" must be a principal" },
	{ "two principals", DOCUMENT_DECISION, "carol", "carol,dan", -EBADMSG,
		"\"approver\" must be a principal" },
	{ "a principal with a blank", DOCUMENT_DECISION, "carol", "ca rol", -EBADMSG,
		"\"approver\" must be a principal" },
	{ "a principal that is an option", DOCUMENT_REVOCATION, "carol", "-carol", -EBADMSG,
		"\"by\" must be a principal" },
	{ "pending before it is made", DOCUMENT_REQUEST, "1795759200", "1795500000", -EBADMSG,
		"pending_until" },
	{ "pending for more than 31 days", DOCUMENT_REQUEST, "1795759200", "1798178401", -EBADMSG,
		"pending_until" },
	{ "never made", DOCUMENT_REQUEST, "\"created\":1795500000", "\"created\":0", -EBADMSG,
		"\"created\"" },
	{ "a short nonce", DOCUMENT_REQUEST, NONCE, "012", -EBADMSG, "\"nonce\" must be" },
	{ "a nonce in lower case", DOCUMENT_REQUEST, NONCE, "0123456789abcdefghjkmnpqrs", -EBADMSG,
		"\"nonce\" must be" },
	{ "another key's host id", DOCUMENT_ENROLMENT, ID_DB1, ID_DB2, -EBADMSG,
		"is not the id of its \"key\"" },
	{ "an address that is an option", DOCUMENT_ENROLMENT, "\"db1.acme", "\"-oProxyCommand",
		-EBADMSG, "\"address\" must be" },
	{ "an address with a blank", DOCUMENT_ENROLMENT, "db1.acme", "db1 acme", -EBADMSG,
		"\"address\" must be" },
	{ "port 0", DOCUMENT_ENROLMENT, ":22,", ":0,", -EBADMSG, "\"port\" must be" },
	{ "port 65536", DOCUMENT_ENROLMENT, ":22,", ":65536,", -EBADMSG, "\"port\" must be" },
	{ "a cut fingerprint", DOCUMENT_ENROLMENT, "9Oew\"", "9Oe\"", -EBADMSG,
		"\"authority\" must be" },
	{ "document version 0", DOCUMENT_ENROLMENT, "[1]", "[0]", -EBADMSG, "\"documents[0]\"" },
};

START_TEST(one_breach_is_refused)
{
	_cleanup_(freep) char *text =
		changed(breaches[_i].type, breaches[_i].from, breaches[_i].to);

	ck_assert_msg(text != NULL, "%s", breaches[_i].promise);
	expect(text, breaches[_i].error, breaches[_i].words);
}
END_TEST

static const struct {
	enum document_type type;
	const char *from, *to;
} variants[] = {
	{ DOCUMENT_HEAD, "\"seq\":7", "\"seq\":9007199254740991" }, /* 2^53 - 1 */
	{ DOCUMENT_DECISION, "14400", "60" },
	{ DOCUMENT_DECISION, "14400", "34560000" },
	{ DOCUMENT_DECISION, "read-only", "admin" },
	{ DOCUMENT_DECISION, "carol", "root@db1" },
	{ DOCUMENT_REQUEST, "1795759200", "1798178400" }, /* 31 days */
	{ DOCUMENT_REQUEST, "product-support", "" },
	{ DOCUMENT_REQUEST, "\"repeats\":\"\"", "\"repeats\":\"" DIGEST "\"" },
	{ DOCUMENT_REQUEST, "Ana Sousa", "Jos\xc3\xa9 \xe6\x9d\x8e" },
	{ DOCUMENT_CLOSING, "Rebuilt", "\\\"C:\\\\x\\\" a/b" },
	{ DOCUMENT_EVENT, "\"scope\":\"read-only\"", "\"scope\":\"\"" },
	{ DOCUMENT_EVENT, "\"" DIGEST "\"", "\"\"" },
	{ DOCUMENT_ENROLMENT, "db1.acme.example", "2001:db8::1" },
	{ DOCUMENT_ENROLMENT, "SHA256:4JtygTW6JCsLfBCS0xy/8fY0S5fVS5uHbn3bLA79Oew", "" },
};

START_TEST(what_the_rules_allow_is_accepted)
{
	_cleanup_(freep) char *text =
		changed(variants[_i].type, variants[_i].from, variants[_i].to);

	expect(text, 0, "");
}
END_TEST

START_TEST(what_is_no_object_is_refused)
{
	static const char *const texts[] = { "", "{}", "[]", "1", "\"request\"", "null", "{",
		"nul" };

	for (size_t i = 0; i < COUNT(texts); i++)
		expect(texts[i], -EBADMSG, "document");
}
END_TEST

START_TEST(a_hundred_levels_are_refused)
{
	char nested[201];
	_cleanup_(freep) char *text = NULL;

	memset(nested, '[', 100);
	memset(nested + 100, ']', 100);
	nested[200] = '\0';
	text = changed(DOCUMENT_REVOCATION, "[]", nested);
	expect(text, -EBADMSG, "not JSON as it should be");
}
END_TEST

START_TEST(a_document_of_17_kib_is_refused)
{
	char *text = malloc(17 * 1024 + 1);

	memset(text, 'x', 17 * 1024);
	text[17 * 1024] = '\0';
	memcpy(text, "{\"type\":\"head\",\"x\":\"", 20);
	memcpy(text + 17 * 1024 - 2, "\"}", 2);
	expect(text, -EMSGSIZE, "at most 16384");
	text[DOCUMENT_MAX + 1] = '\0';
	expect(text, -EMSGSIZE, "has 16385 bytes, at most 16384");
	text[DOCUMENT_MAX] = '\0';
	expect(text, -EBADMSG, "");
	free(text);
}
END_TEST

/* The sample with the member `name` of `object_name` (or of the document) set to a text of `length`
 * times x. */
static int parse_filled(enum document_type type, const char *object_name, const char *name,
	size_t length, struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *document = json_tokener_parse(samples[type]);
	struct json_object *object = document;
	_cleanup_(freep) char *filling = malloc(length + 1);

	memset(filling, 'x', length);
	if (object_name)
		ck_assert(json_object_object_get_ex(document, object_name, &object));
	ck_assert(json_object_object_get_ex(object, name, NULL));
	json_object_object_add(object, name, json_object_new_string_len(filling, (int)length));
	return parse(json_object_to_json_string_ext(document, CANONICAL_FLAGS), problem);
}

/* Texts whose form fixes their length have rows of their own above. */
static size_t check_limits(enum document_type type, const char *object_name,
	const struct field *fields, size_t n_fields)
{
	struct problem problem;
	size_t checked = 0;

	for (size_t i = 0; i < n_fields; i++) {
		const struct field *f = &fields[i];
		size_t max = (size_t)f->max;

		if (f->kind == FIELD_OBJECT && f->name)
			checked += check_limits(type, f->name, f->fields, f->n_fields);
		if (f->kind != FIELD_TEXT)
			continue;
		ck_assert_int_eq(
			parse_filled(type, object_name, f->name, max + 1, &problem), -EBADMSG);
		ck_assert_msg(strstr(problem.text, "bytes, at most"), "%s", problem.text);
		if (parse_filled(type, object_name, f->name, max, &problem) == 0)
			checked++;
		else
			ck_assert_msg(
				f->form && strstr(problem.text, f->phrase), "%s", problem.text);
	}
	return checked;
}

START_TEST(every_text_is_accepted_at_its_limit_and_refused_beyond)
{
	static const size_t texts[DOCUMENT_TYPES] = {
		[DOCUMENT_REQUEST] = 7,    /* customer, login, name, team, reason, ticket, tried */
		[DOCUMENT_DECISION] = 2,   /* approver, comment */
		[DOCUMENT_REVOCATION] = 2, /* by, reason */
		[DOCUMENT_CLOSING] = 2,    /* agent, summary */
		[DOCUMENT_ENROLMENT] = 4,  /* customer, host.name, address, software */
		[DOCUMENT_EVENT] = 5,      /* kind, agent, session, by, text */
		[DOCUMENT_HEAD] = 0,
	};
	const struct document_form *form = &document_forms[_i];

	ck_assert_uint_eq(check_limits((enum document_type)_i, NULL, form->fields, form->n_fields),
		texts[_i]);
}
END_TEST

static void fill_hosts(struct decision *decision, size_t count)
{
	decision->n_hosts = count;
	for (size_t i = 0; i < count && i < DOCUMENT_HOSTS_MAX; i++)
		snprintf(decision->hosts[i], sizeof(decision->hosts[i]), "h%026zu", i);
}

START_TEST(sixty_four_hosts_are_accepted_and_one_more_refused)
{
	const char *sample = samples[DOCUMENT_DECISION];
	_cleanup_(document_freep) struct document *document = NULL;
	_cleanup_(freep) char *bytes = NULL;
	struct problem problem = PROBLEM_NONE;
	size_t size;

	ck_assert_int_eq(document_parse(sample, strlen(sample), &document, NULL), 0);
	fill_hosts(&document->decision, DOCUMENT_HOSTS_MAX);
	ck_assert_int_eq(document_write(document, &bytes, &size, NULL, &problem), 0);
	document->decision.n_hosts++;
	ck_assert_int_eq(document_write(document, &bytes, &size, NULL, &problem), -EBADMSG);
	ck_assert_msg(strstr(problem.text, "\"hosts\" has 65 elements"), "%s", problem.text);
}
END_TEST

START_TEST(a_largest_request_fits)
{
	const char *sample = samples[DOCUMENT_REQUEST];
	_cleanup_(document_freep) struct document *document = NULL;
	_cleanup_(freep) char *bytes = NULL;
	struct problem problem = PROBLEM_NONE;
	struct request *request;
	size_t size;

	ck_assert_int_eq(document_parse(sample, strlen(sample), &document, NULL), 0);
	request = &document->request;
	request->n_hosts = DOCUMENT_HOSTS_MAX;
	for (size_t i = 0; i < DOCUMENT_HOSTS_MAX; i++) {
		snprintf(request->hosts[i].id, sizeof(request->hosts[i].id), "h%026zu", i);
		memset(request->hosts[i].name, 'x', DOCUMENT_NAME_MAX);
	}
	memset(request->reason, '"', DOCUMENT_TEXT_MAX);
	memset(request->tried, '\\', DOCUMENT_TEXT_MAX);
	ck_assert_int_eq(document_write(document, &bytes, &size, NULL, &problem), 0);
	ck_assert_uint_le(size, DOCUMENT_MAX);
}
END_TEST

START_TEST(nothing_is_written_that_would_be_refused)
{
	const char *sample = samples[DOCUMENT_DECISION];
	_cleanup_(document_freep) struct document *document = NULL;
	struct problem problem = PROBLEM_NONE;
	char *bytes = NULL;
	size_t size;

	ck_assert_int_eq(document_parse(sample, strlen(sample), &document, NULL), 0);
	strcpy(document->decision.comment, "\x1b[2J");
	ck_assert_int_eq(document_write(document, &bytes, &size, NULL, &problem), -EBADMSG);
	ck_assert_ptr_null(bytes);
}
END_TEST

START_TEST(types_have_names_and_namespaces)
{
	enum document_type type;

	ck_assert_str_eq(document_type_name((enum document_type)_i), document_forms[_i].name);
	ck_assert_int_eq(document_type_from_name(document_forms[_i].name, &type), 0);
	ck_assert_int_eq(type, _i);
	ck_assert_str_eq(document_namespace(DOCUMENT_DECISION), "decision@supportaccess");
	ck_assert_int_eq(document_type_from_name("decisio", &type), -ENOENT);
}
END_TEST

START_TEST(a_nonce_is_new_each_time)
{
	char one[DOCUMENT_NONCE_LEN + 1], other[DOCUMENT_NONCE_LEN + 1];

	ck_assert_int_eq(document_nonce(one), 0);
	ck_assert_int_eq(document_nonce(other), 0);
	ck_assert_uint_eq(strlen(one), DOCUMENT_NONCE_LEN);
	ck_assert_str_ne(one, other);
}
END_TEST

START_TEST(a_key_has_the_fingerprint_that_ssh_shows)
{
	char fingerprint[FINGERPRINT_MAX + 1], id[HOST_ID_LEN + 1];

	ck_assert_int_eq(key_fingerprint(KEY_DB1, fingerprint), 0);
	ck_assert_str_eq(fingerprint, "SHA256:4JtygTW6JCsLfBCS0xy/8fY0S5fVS5uHbn3bLA79Oew");
	ck_assert_int_eq(key_fingerprint(KEY_DB1 " root@db1", fingerprint), 0);
	ck_assert_int_eq(key_host_id(KEY_DB1, id), 0);
	ck_assert_str_eq(id, ID_DB1);
	ck_assert_int_eq(key_fingerprint("ssh-ed25519", fingerprint), -EINVAL);
	ck_assert_int_eq(key_host_id("", id), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("document");
	TCase *tests = tcase_create("document");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_loop_test(
		tests, every_type_is_read_and_written_to_the_same_bytes, 0, DOCUMENT_TYPES);
	tcase_add_test(tests, a_request_says_what_its_bytes_say);
	tcase_add_test(tests, a_denial_is_no_approval);
	tcase_add_loop_test(tests, one_breach_is_refused, 0, COUNT(breaches));
	tcase_add_loop_test(tests, what_the_rules_allow_is_accepted, 0, COUNT(variants));
	tcase_add_test(tests, what_is_no_object_is_refused);
	tcase_add_test(tests, a_hundred_levels_are_refused);
	tcase_add_test(tests, a_document_of_17_kib_is_refused);
	tcase_add_loop_test(
		tests, every_text_is_accepted_at_its_limit_and_refused_beyond, 0, DOCUMENT_TYPES);
	tcase_add_test(tests, sixty_four_hosts_are_accepted_and_one_more_refused);
	tcase_add_test(tests, a_largest_request_fits);
	tcase_add_test(tests, nothing_is_written_that_would_be_refused);
	tcase_add_loop_test(tests, types_have_names_and_namespaces, 0, DOCUMENT_TYPES);
	tcase_add_test(tests, a_nonce_is_new_each_time);
	tcase_add_test(tests, a_key_has_the_fingerprint_that_ssh_shows);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
