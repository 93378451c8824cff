/* SPDX-License-Identifier: MIT */

/* Each test runs a whole command line; what the program printed is read back from a file. */

#include "core/command.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char seen[4096]; /* what `run` was given */
static char out[16384], err[16384];

static int run_record(const struct arguments *arguments, struct problem *problem)
{
	const char *const *hosts;
	size_t n = argument_all(arguments, "host", &hosts);
	FILE *f = fmemopen(seen, sizeof(seen), "w");

	(void)problem;
	fprintf(f, "%s", arguments->verb);
	for (size_t i = 0; i < arguments->n_words; i++)
		fprintf(f, " [%s]", arguments->words[i]);
	if (argument_given(arguments, "for"))
		fprintf(f, " for=%s", argument(arguments, "for"));
	if (argument_given(arguments, "json"))
		fprintf(f, " json");
	for (size_t i = 0; i < n; i++)
		fprintf(f, " host=%s", hosts[i]);
	fclose(f);
	return EXIT_DONE;
}

static int run_refused(const struct arguments *arguments, struct problem *problem)
{
	(void)arguments;
	return problem_say(problem, -EPERM, "this is refused");
}

static int run_print(const struct arguments *arguments, struct problem *problem)
{
	(void)arguments;
	(void)problem;
	printf("printed\n");
	return EXIT_DONE;
}

static const struct option_spec options[] = {
	{ "for", 'f', "DURATION", "narrow to at most this long", false },
	{ "host", 'H', "HOST",
		"one of the hosts that the request names, by its name or by its id; "
		"may be given several times",
		true },
	{ "json", 'j', NULL, "print JSON", false },
	{ "quiet", 'q', NULL, "print less", false },
	{ 0 },
};
static const struct command group[] = {
	{ "add", "NAME", "add one", options, 1, 1, run_record },
	{ 0 },
};
static const struct command commands[] = {
	{ "approve", "[ID]", "approve a request", options, 0, 1, run_record,
		.more = "Examples:\n  approve 7K2F9-QXM4T" },
	{ "ssh", "CUSTOMER/HOST [ARGUMENTS]", "log in", options, 1, 10, run_record,
		.passes_on = true },
	{ "refuse", NULL, "is always refused", NULL, 0, 0, run_refused },
	{ "print", NULL, "prints", NULL, 0, 0, run_print },
	{ "people", NULL, "who may", .verbs = group },
	{ 0 },
};
static const struct command single[] = { { "", NULL, "does one thing", options, 0, 0, run_record },
	{ 0 } };

static void read_back(const char *path, char *ret, size_t size)
{
	FILE *f = fopen(path, "r");
	size_t n = fread(ret, 1, size - 1, f);

	ret[n] = '\0';
	fclose(f);
}

/* Runs `table` with standard output to `stdout_path`. */
static int run_to(const char *stdout_path, const struct command *table, const char **argv)
{
	int saved[2] = { dup(STDOUT_FILENO), dup(STDERR_FILENO) };
	int fds[2] = { open(stdout_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
		open("command_test.err", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) };
	int argc = 0, code;

	while (argv[argc])
		argc++;
	seen[0] = '\0';
	fflush(NULL);
	for (int i = 0; i < 2; i++)
		dup2(fds[i], i + 1);
	code = command_main("program", "Does things.", table, argc, (char **)argv);
	fflush(NULL);
	clearerr(stdout);
	for (int i = 0; i < 2; i++) {
		dup2(saved[i], i + 1);
		close(saved[i]);
		close(fds[i]);
	}
	read_back("command_test.err", err, sizeof(err));
	unlink("command_test.err");
	return code;
}

static int run_table(const struct command *table, const char **argv)
{
	int code = run_to("command_test.out", table, argv);

	read_back("command_test.out", out, sizeof(out));
	unlink("command_test.out");
	return code;
}

#define RUN(...)        run_table(commands, (const char *[]){ "program", __VA_ARGS__, NULL })
#define RUN_SINGLE(...) run_table(single, (const char *[]){ "program", __VA_ARGS__, NULL })

START_TEST(options_stand_before_or_after_words)
{
	ck_assert_int_eq(RUN("approve", "--for", "4h", "ID", "--json"), EXIT_DONE);
	ck_assert_str_eq(seen, "approve [ID] for=4h json");
	ck_assert_int_eq(RUN("approve", "ID", "--for=4h"), EXIT_DONE);
	ck_assert_str_eq(seen, "approve [ID] for=4h");
}
END_TEST

START_TEST(short_letters_take_values_and_join)
{
	ck_assert_int_eq(RUN("approve", "-f4h", "-qj", "-H", "db1", "-Hdb2"), EXIT_DONE);
	ck_assert_str_eq(seen, "approve for=4h json host=db1 host=db2");
}
END_TEST

START_TEST(of_an_option_given_twice_the_last_holds)
{
	ck_assert_int_eq(RUN("approve", "--for=4h", "--for=2h"), EXIT_DONE);
	ck_assert_str_eq(seen, "approve for=2h");
}
END_TEST

START_TEST(two_dashes_end_the_options)
{
	ck_assert_int_eq(RUN("approve", "--", "--json"), EXIT_DONE);
	ck_assert_str_eq(seen, "approve [--json]");
	ck_assert_int_eq(RUN("approve", "-"), EXIT_DONE);
	ck_assert_str_eq(seen, "approve [-]");
}
END_TEST

START_TEST(what_is_passed_on_is_not_read)
{
	ck_assert_int_eq(RUN("ssh", "--json", "acme/db1", "-v", "--help", "ls"), EXIT_DONE);
	ck_assert_str_eq(seen, "ssh [acme/db1] [-v] [--help] [ls] json");
}
END_TEST

START_TEST(an_unknown_verb_names_the_nearest_one)
{
	ck_assert_int_eq(RUN("aprove"), EXIT_USAGE);
	ck_assert_str_eq(err, "program: no verb \"aprove\"; did you mean \"approve\"?\n");
	ck_assert_int_eq(RUN("xyzzyx"), EXIT_USAGE);
	ck_assert_str_eq(err, "program: no verb \"xyzzyx\"; `program --help` lists all\n");
}
END_TEST

START_TEST(an_unknown_option_names_the_nearest_one)
{
	ck_assert_int_eq(RUN("approve", "--jsn"), EXIT_USAGE);
	ck_assert_str_eq(err, "program: no option \"--jsn\"; did you mean \"--json\"?\n");
	ck_assert_int_eq(RUN("approve", "-x"), EXIT_USAGE);
	ck_assert_str_eq(seen, "");
}
END_TEST

START_TEST(nothing_runs_before_the_whole_line_is_understood)
{
	ck_assert_int_eq(RUN("approve", "ID", "--for"), EXIT_USAGE);
	ck_assert_int_eq(RUN("approve", "--json=1"), EXIT_USAGE);
	ck_assert_int_eq(RUN("approve", "ID", "ID"), EXIT_USAGE);
	ck_assert_int_eq(RUN("ssh"), EXIT_USAGE);
	ck_assert_int_eq(RUN("refuse", "x"), EXIT_USAGE);
	ck_assert_str_eq(seen, "");
}
END_TEST

START_TEST(more_values_than_the_limit_are_refused)
{
	const char *argv[COMMAND_VALUES_MAX + 4] = { "program", "approve" };

	for (int i = 0; i < COMMAND_VALUES_MAX; i++)
		argv[i + 2] = "-Hdb1";
	ck_assert_int_eq(run_table(commands, argv), EXIT_DONE);
	argv[COMMAND_VALUES_MAX + 2] = "-Hdb1";
	ck_assert_int_eq(run_table(commands, argv), EXIT_USAGE);
}
END_TEST

START_TEST(a_group_has_verbs_of_its_own)
{
	ck_assert_int_eq(RUN("people", "add", "carol"), EXIT_DONE);
	ck_assert_str_eq(seen, "add [carol]");
	ck_assert_int_eq(RUN("people", "remove"), EXIT_USAGE);
	ck_assert_int_eq(RUN("people"), EXIT_USAGE);
}
END_TEST

START_TEST(a_program_without_verbs_has_options)
{
	ck_assert_int_eq(RUN_SINGLE("--for", "4h"), EXIT_DONE);
	ck_assert_str_eq(seen, " for=4h");
	ck_assert_int_eq(RUN_SINGLE("--version"), EXIT_DONE);
	ck_assert_str_eq(out, "program " SUPPORTACCESS_VERSION "\n");
}
END_TEST

static void assert_fits(const char *text)
{
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		ck_assert_msg(strcspn(line, "\n") <= 80, "%s", line);
}

START_TEST(help_is_made_from_the_table_and_fits)
{
	ck_assert_int_eq(RUN("--help"), EXIT_DONE);
	ck_assert_ptr_nonnull(strstr(out, "approve [ID]"));
	assert_fits(out);
	ck_assert_int_eq(RUN("approve", "ID", "--help"), EXIT_DONE);
	ck_assert_ptr_nonnull(strstr(out, "-f, --for DURATION"));
	ck_assert_ptr_nonnull(strstr(out, "7K2F9-QXM4T"));
	assert_fits(out);
	ck_assert_int_eq(RUN("help", "people", "add"), EXIT_DONE);
	ck_assert_ptr_nonnull(strstr(out, "program people add"));
	ck_assert_str_eq(err, "");
}
END_TEST

START_TEST(no_verb_at_all_is_a_mistake)
{
	ck_assert_int_eq(run_table(commands, (const char *[]){ "program", NULL }), EXIT_USAGE);
	ck_assert_str_eq(out, "");
	ck_assert_ptr_nonnull(strstr(err, "Usage:"));
}
END_TEST

START_TEST(a_problem_is_said_and_decides_the_exit_code)
{
	ck_assert_int_eq(RUN("refuse"), EXIT_REFUSED);
	ck_assert_str_eq(err, "program: this is refused\n");
}
END_TEST

START_TEST(an_error_has_its_exit_code)
{
	static const struct {
		int r;
		enum exit_code code;
	} rows[] = {
		{ 0, EXIT_DONE },
		{ 1, EXIT_DONE },
		{ -EINVAL, EXIT_USAGE },
		{ -ENOENT, EXIT_NOT_FOUND },
		{ -EPERM, EXIT_REFUSED },
		{ -EACCES, EXIT_REFUSED },
		{ -EEXIST, EXIT_REFUSED },
		{ -EKEYREJECTED, EXIT_REFUSED },
		{ -ETIMEDOUT, EXIT_TIMED_OUT },
		{ -ECONNREFUSED, EXIT_UNREACHABLE },
		{ -ECONNRESET, EXIT_UNREACHABLE },
		{ -EHOSTUNREACH, EXIT_UNREACHABLE },
		{ -EIO, EXIT_FAILED },
		{ -ENOMEM, EXIT_FAILED },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_int_eq(exit_code_of(rows[i].r), rows[i].code);
}
END_TEST

START_TEST(output_that_went_nowhere_is_a_failure)
{
	ck_assert_int_eq(
		run_to("/dev/full", commands, (const char *[]){ "program", "print", NULL }),
		EXIT_FAILED);
	ck_assert_ptr_nonnull(strstr(err, "No space left"));
}
END_TEST

START_TEST(an_option_that_a_verb_does_not_have_was_not_given)
{
	struct arguments arguments = { .options = options };

	ck_assert_ptr_null(argument(&arguments, "key"));
	arguments.options = NULL;
	ck_assert(!argument_given(&arguments, "json"));
}
END_TEST

static Suite *command_suite(void)
{
	Suite *suite = suite_create("command");
	TCase *tests = tcase_create("command");

	tcase_add_test(tests, options_stand_before_or_after_words);
	tcase_add_test(tests, short_letters_take_values_and_join);
	tcase_add_test(tests, of_an_option_given_twice_the_last_holds);
	tcase_add_test(tests, two_dashes_end_the_options);
	tcase_add_test(tests, what_is_passed_on_is_not_read);
	tcase_add_test(tests, an_unknown_verb_names_the_nearest_one);
	tcase_add_test(tests, an_unknown_option_names_the_nearest_one);
	tcase_add_test(tests, nothing_runs_before_the_whole_line_is_understood);
	tcase_add_test(tests, more_values_than_the_limit_are_refused);
	tcase_add_test(tests, a_group_has_verbs_of_its_own);
	tcase_add_test(tests, a_program_without_verbs_has_options);
	tcase_add_test(tests, help_is_made_from_the_table_and_fits);
	tcase_add_test(tests, no_verb_at_all_is_a_mistake);
	tcase_add_test(tests, a_problem_is_said_and_decides_the_exit_code);
	tcase_add_test(tests, an_error_has_its_exit_code);
	tcase_add_test(tests, output_that_went_nowhere_is_a_failure);
	tcase_add_test(tests, an_option_that_a_verb_does_not_have_was_not_given);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void)
{
	char directory[] = "/tmp/command_test.XXXXXX";
	SRunner *runner;
	int failed;

	if (!mkdtemp(directory) || chdir(directory) < 0)
		return EXIT_FAILURE;
	runner = srunner_create(command_suite());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	(void)rmdir(directory);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
