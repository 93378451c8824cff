/* SPDX-License-Identifier: MIT */

#include "central/body.h"
#include "core/signature.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(an_envelope_is_one_object_with_two_texts)
{
	static const struct {
		const char *body;
		int r;
	} rows[] = {
		{ "{\"document\":\"{}\",\"signature\":\"\"}", 0 },
		{ " {\"signature\":\"s\",\"document\":\"d\"}", 0 },
		{ "{\"document\":\"a\\\":\\\\\",\"signature\":\"}{\"}", 0 },
		{ "", -EBADMSG },
		{ "{", -EBADMSG },
		{ "[]", -EBADMSG },
		{ "\"document\"", -EBADMSG },
		{ "{}", -EBADMSG },
		{ "{\"document\":\"d\"}", -EBADMSG },
		{ "{\"signature\":\"s\"}", -EBADMSG },
		{ "{\"document\":1,\"signature\":\"s\"}", -EBADMSG },
		{ "{\"document\":null,\"signature\":\"s\"}", -EBADMSG },
		{ "{\"document\":\"d\",\"signature\":[]}", -EBADMSG },
		{ "{\"document\":\"d\",\"signature\":\"s\",\"more\":1}", -EBADMSG },
		{ "{\"document\":\"d\",\"document\":\"d\",\"signature\":\"s\"}", -EBADMSG },
		{ "{\"document\":\"a\\u0000b\",\"signature\":\"s\"}", -EBADMSG },
		{ "{\"document\":\"\xff\",\"signature\":\"s\"}", -EBADMSG },
		{ "{\"document\":\"\xc0\xaf\",\"signature\":\"s\"}", -EBADMSG },
		{ "{\"document\":\"d\",\"signature\":\"s\"}x", -EBADMSG },
		{ "{'document':'d','signature':'s'}", -EBADMSG },
		{ "{\"document\":[[[[[[[[]]]]]]]],\"signature\":\"s\"}", -EBADMSG },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct problem problem = PROBLEM_NONE;
		struct envelope envelope = { 0 };
		int r = body_envelope(rows[i].body, strlen(rows[i].body), &envelope, &problem);

		ck_assert_msg(r == rows[i].r, "%s: %d", rows[i].body, r);
		ck_assert_msg((r == 0) == (problem.text[0] == '\0'), "%s", rows[i].body);
		envelope_done(&envelope);
	}
}
END_TEST

/* {"events":["","",…],"head":"h","signature":"s"} */
static char *report_of(size_t n_events)
{
	char *body = malloc(n_events * 3 + 64);
	size_t used = (size_t)sprintf(body, "{\"events\":[");

	for (size_t i = 0; i < n_events; i++)
		used += (size_t)sprintf(body + used, "%s\"\"", i ? "," : "");
	sprintf(body + used, "],\"head\":\"h\",\"signature\":\"s\"}");
	return body;
}

START_TEST(a_report_has_at_most_so_many_events)
{
	static const struct {
		size_t n;
		int r;
	} rows[] = { { 0, 0 }, { 1, 0 }, { BODY_EVENTS_MAX, 0 },
		{ BODY_EVENTS_MAX + 1, -EBADMSG } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct problem problem = PROBLEM_NONE;
		struct report report = { 0 };
		char *body = report_of(rows[i].n);

		ck_assert_msg(body_report(body, strlen(body), &report, &problem) == rows[i].r,
			"%zu events: %s", rows[i].n, problem.text);
		if (rows[i].r == 0)
			ck_assert_uint_eq(report.n_events, rows[i].n);
		report_done(&report);
		free(body);
	}
}
END_TEST

START_TEST(a_report_has_its_three_members)
{
	static const char *const bodies[] = { "{}", "{\"events\":[],\"head\":\"h\"}",
		"{\"events\":[],\"signature\":\"s\"}", "{\"head\":\"h\",\"signature\":\"s\"}",
		"{\"events\":{},\"head\":\"h\",\"signature\":\"s\"}",
		"{\"events\":[1],\"head\":\"h\",\"signature\":\"s\"}",
		"{\"events\":[\"\\u0000\"],\"head\":\"h\",\"signature\":\"s\"}",
		"{\"events\":[],\"head\":\"h\",\"signature\":\"s\",\"last\":1}" };

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct problem problem = PROBLEM_NONE;
		struct report report = { 0 };

		ck_assert_msg(
			body_report(bodies[i], strlen(bodies[i]), &report, &problem) == -EBADMSG,
			"%s", bodies[i]);
		report_done(&report);
	}
}
END_TEST

#define BEGIN "-----BEGIN SSH SIGNATURE-----\n"
#define END   "-----END SSH SIGNATURE-----"

START_TEST(armour_has_a_shape)
{
	static const struct {
		const char *text;
		bool armour;
	} rows[] = {
		{ BEGIN "U1NIU0lH\n" END "\n", true },
		{ BEGIN "U1NI/+==\n" END, true },
		{ "", false },
		{ BEGIN END, false },
		{ BEGIN "U1NI\n", false },
		{ "x" BEGIN "U1NI\n" END, false },
		{ BEGIN "U1 NI\n" END, false },
		{ BEGIN "U1NI\r\n" END, false },
		{ BEGIN "U1NI\n" END "\n\n", false },
		{ BEGIN "U1NI\n" END "x", false },
		{ BEGIN "U1NI\n" END "\n" BEGIN "U1NI\n" END, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(body_is_armour(rows[i].text, strlen(rows[i].text)) == rows[i].armour,
			"row %zu", i);
}
END_TEST

START_TEST(armour_ends_where_its_size_says)
{
	static const char text[] = BEGIN "U1NI\n" END "\nx";

	ck_assert(body_is_armour(text, strlen(text) - 1));
	ck_assert(body_is_armour(text, strlen(text) - 2));
	for (size_t size = 0; size < strlen(text) - 2; size++) {
		char *copy = memcpy(malloc(size + 1), text, size);

		ck_assert_msg(!body_is_armour(copy, size), "%zu", size);
		free(copy);
	}
}
END_TEST

START_TEST(armour_has_a_longest)
{
	static char text[SIGNATURE_MAX + 2];
	const size_t frame = strlen(BEGIN) + strlen(END);

	for (size_t size = SIGNATURE_MAX; size <= SIGNATURE_MAX + 1; size++) {
		memcpy(text, BEGIN, strlen(BEGIN));
		memset(text + strlen(BEGIN), 'A', size - frame);
		memcpy(text + size - strlen(END), END, strlen(END) + 1);
		ck_assert_int_eq(body_is_armour(text, size), size == SIGNATURE_MAX);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("central/body");
	TCase *tests = tcase_create("central/body");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, an_envelope_is_one_object_with_two_texts);
	tcase_add_test(tests, a_report_has_at_most_so_many_events);
	tcase_add_test(tests, a_report_has_its_three_members);
	tcase_add_test(tests, armour_has_a_shape);
	tcase_add_test(tests, armour_ends_where_its_size_says);
	tcase_add_test(tests, armour_has_a_longest);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
