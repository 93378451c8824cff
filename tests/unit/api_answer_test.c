/* SPDX-License-Identifier: MIT */

/* Whatever answers need not be central: each row is somebody else, or central with bad news. */

#include "api/answer.h"
#include "api/client.h"

#include <check.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define JSON    "application/json"
#define PROBLEM "application/problem+json"
#define HTML    "text/html"

static struct answer answer_of(long status, const char *type, const char *body)
{
	return (struct answer){ .url = "https://central.vendor.example",
		.status = status,
		.content_type = type,
		.body = body,
		.size = strlen(body),
		.detail = "" };
}

START_TEST(only_what_central_would_say_is_read)
{
	static const struct {
		long status;
		const char *type, *body;
		int r;
		const char *words;
	} rows[] = {
		{ 200, JSON, "{\"schema\":1}", 0, "" },
		{ 201, JSON, "{\"schema\":1}\n", 0, "" },
		{ 200, JSON "; charset=utf-8", "{\"schema\":1}", 0, "" },
		{ 200, "Application/JSON", "{\"schema\":1}", 0, "" },
		{ 204, NULL, "", 0, "" },
		{ 200, JSON "x", "{\"schema\":1}", -EPROTO, "not as central would" },
		{ 200, HTML, "{\"schema\":1}", -EPROTO, "not as central would" },
		{ 200, NULL, "{\"schema\":1}", -EPROTO, "not as central would" },
		{ 200, JSON, "", -EPROTO, "not as central would" },
		{ 200, JSON, "{}", -EPROTO, "not as central would" },
		{ 200, JSON, "[]", -EPROTO, "not as central would" },
		{ 200, JSON, "{\"schema\":null}", -EPROTO, "not as central would" },
		{ 200, JSON, "{\"schema\":\"1\"}", -EPROTO, "not as central would" },
		{ 200, JSON, "{\"schema\":1}x", -EPROTO, "not as central would" },
		{ 200, JSON, "{\"schema\":1", -EPROTO, "not as central would" },
		{ 200, JSON, "{\"schema\":1,\"x\":\"\xff\"}", -EPROTO, "not as central would" },
		{ 200, JSON, "{\"schema\":1,\"x\":\"\xc0\xaf\"}", -EPROTO, "not as central would" },
		{ 200, JSON, "{\"schema\":2}", -EPROTO, "version 2 of the API" },
		{ 302, HTML, "", -EPROTO, "we do not follow" },
		{ 500, HTML, "oops", -EIO, "500, not in central's words" },
		{ 407, HTML, "proxy", -EPROTO, "407, not in central's words" },
		{ 404, PROBLEM, "{\"detail\":\"there is none\"}", -ENOENT, "there is none" },
		{ 404, PROBLEM, "{\"title\":\"Not found\"}", -ENOENT, "Not found" },
		{ 404, PROBLEM, "garbage", -EPROTO, "not in central's words" },
		{ 400, PROBLEM, "{\"detail\":\"x\"}", -EBADMSG, "x" },
		{ 401, PROBLEM, "{\"detail\":\"x\"}", -EACCES, "x" },
		{ 403, PROBLEM, "{\"detail\":\"x\"}", -EPERM, "x" },
		{ 409, PROBLEM, "{\"detail\":\"x\"}", -EEXIST, "x" },
		{ 413, PROBLEM, "{\"detail\":\"x\"}", -EMSGSIZE, "x" },
		{ 429, PROBLEM, "{\"detail\":\"x\"}", -EBUSY, "x" },
		{ 503, PROBLEM, "{\"detail\":\"x\"}", -EIO, "x" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer answer = answer_of(rows[i].status, rows[i].type, rows[i].body);
		struct problem problem = PROBLEM_NONE;
		struct json_object *json = NULL;
		int r = answer_read(&answer, &json, &problem);

		ck_assert_msg(r == rows[i].r, "row %zu: %d %s", i, r, problem.text);
		ck_assert_msg(strstr(problem.text, rows[i].words), "row %zu: %s", i, problem.text);
		ck_assert_msg((json != NULL) == (r == 0 && rows[i].status != 204), "row %zu", i);
		json_object_put(json);
	}
}
END_TEST

START_TEST(json_has_a_depth)
{
	char body[256] = "{\"schema\":1,\"x\":";
	struct json_object *json = NULL;
	struct problem problem = PROBLEM_NONE;
	struct answer answer;

	memset(body + strlen(body), '[', 100);
	answer = answer_of(200, JSON, body);
	ck_assert_int_eq(answer_read(&answer, &json, &problem), -EPROTO);
	ck_assert_ptr_null(json);
}
END_TEST

START_TEST(a_transfer_that_failed_says_how)
{
	static const struct {
		int code, r;
		const char *words;
	} rows[] = {
		{ CURLE_COULDNT_CONNECT, -ECONNREFUSED, "no connection" },
		{ CURLE_COULDNT_RESOLVE_HOST, -EHOSTUNREACH, "cannot be resolved" },
		{ CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT, "no answer in time" },
		{ CURLE_GOT_NOTHING, -ECONNRESET, "was cut" },
		{ CURLE_PEER_FAILED_VERIFICATION, -EKEYREJECTED, "does not hold" },
		{ CURLE_SSL_CONNECT_ERROR, -EKEYREJECTED, "TLS 1.2" },
		{ CURLE_UNSUPPORTED_PROTOCOL, -EPROTO, "https://central.vendor.example: " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer answer = answer_of(0, NULL, "");
		struct problem problem = PROBLEM_NONE;

		ck_assert_int_eq(answer_failed(&answer, rows[i].code, &problem), rows[i].r);
		ck_assert_msg(strstr(problem.text, rows[i].words), "%s", problem.text);
	}
}
END_TEST

START_TEST(an_answer_that_is_too_large_says_so_whatever_libcurl_says)
{
	struct answer answer = answer_of(200, JSON, "");
	struct problem problem = PROBLEM_NONE;

	answer.too_big = true;
	ck_assert_int_eq(answer_failed(&answer, CURLE_WRITE_ERROR, &problem), -EPROTO);
	ck_assert_ptr_nonnull(strstr(problem.text, "larger than 4 MiB"));
}
END_TEST

START_TEST(a_number_is_taken_from_the_problem_that_was_meant)
{
	static const struct {
		const char *type, *body;
		int r;
	} rows[] = {
		{ PROBLEM, "{\"type\":\"urn:supportaccess:chain-gap\",\"last\":7}", 0 },
		{ PROBLEM, "{\"type\":\"urn:supportaccess:chain-fork\",\"last\":7}", -ENOENT },
		{ PROBLEM, "{\"type\":\"urn:example:chain-gap\",\"last\":7}", -ENOENT },
		{ PROBLEM, "{\"type\":\"chain-gap\",\"last\":7}", -ENOENT },
		{ PROBLEM, "{\"type\":\"urn:supportaccess:chain-gap\",\"last\":\"7\"}", -ENOENT },
		{ PROBLEM, "{\"type\":\"urn:supportaccess:chain-gap\"}", -ENOENT },
		{ PROBLEM, "{\"last\":7}", -ENOENT },
		{ PROBLEM, "7", -ENOENT },
		{ JSON, "{\"type\":\"urn:supportaccess:chain-gap\",\"last\":7}", -ENOENT },
		{ NULL, "", -ENOENT },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer answer = answer_of(409, rows[i].type, rows[i].body);
		int64_t last = -1;
		int r = answer_problem_number(&answer, "chain-gap", "last", &last);

		ck_assert_msg(r == rows[i].r, "row %zu: %d", i, r);
		ck_assert_int_eq(last, r == 0 ? 7 : -1);
	}
}
END_TEST

START_TEST(only_who_has_too_much_to_do_is_waited_for)
{
	static const struct {
		long status;
		int64_t header_s, wait_s;
	} rows[] = { { 429, 7, 7 }, { 503, 7, 7 }, { 429, 0, 0 }, { 503, 0, 0 }, { 200, 7, 0 },
		{ 204, 7, 0 }, { 302, 7, 0 }, { 401, 7, 0 }, { 500, 7, 0 }, { 429, -7, 0 },
		{ 429, INT64_MAX, INT64_MAX } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer answer = answer_of(rows[i].status, HTML, "");

		answer.retry_after = rows[i].header_s;
		ck_assert_msg(answer_wait_s(&answer) == rows[i].wait_s, "row %zu", i);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("api/answer");
	TCase *tests = tcase_create("api/answer");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, only_what_central_would_say_is_read);
	tcase_add_test(tests, json_has_a_depth);
	tcase_add_test(tests, a_transfer_that_failed_says_how);
	tcase_add_test(tests, an_answer_that_is_too_large_says_so_whatever_libcurl_says);
	tcase_add_test(tests, a_number_is_taken_from_the_problem_that_was_meant);
	tcase_add_test(tests, only_who_has_too_much_to_do_is_waited_for);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
