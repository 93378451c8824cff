/* SPDX-License-Identifier: MIT */

/* Files of who may sign: which are read, who may have written them, and what their lines say. */

#include "core/signers.h"

#include "tests/unit/keys.h"

#include <errno.h>
#include <unistd.h>

#define FILE_NAME "approvers"
#define FOLDER    "approvers.d"

static const struct signers signers = { .file = FILE_NAME, .directory = FOLDER };
static struct problem problem;

static void set_up(void)
{
	keys_setup();
	keys_make("carol");
	keys_make("dan");
	ck_assert_int_eq(mkdir(FOLDER, 0755), 0);
	problem = PROBLEM_NONE;
}

/* --- files -------------------------------------------------------------------------------- */

static int note_name(void *context, const struct signer *signer)
{
	char *all = context;

	strcat(strcat(all, signer->principals), " ");
	return 0;
}

static const char *listed(void)
{
	static char all[1024];

	all[0] = '\0';
	ck_assert_msg(signers_list(&signers, note_name, all, &problem) == 0, "%s", problem.text);
	return all;
}

static void expect_read(int wanted, const char *said)
{
	_cleanup_(freep) char *bytes = NULL;
	size_t size = 0;
	int r;

	problem = PROBLEM_NONE;
	r = signers_read(&signers, &bytes, &size, &problem);
	ck_assert_msg(r == wanted && strstr(problem.text, said), "%d: %s", r, problem.text);
	if (r == 0)
		ck_assert_uint_eq(strlen(bytes), size);
}

START_TEST(missing_files_are_nobody)
{
	_cleanup_(freep) char *bytes = NULL;
	size_t size = 1;

	ck_assert_str_eq(listed(), "");
	ck_assert_int_eq(rmdir(FOLDER), 0);
	ck_assert_str_eq(listed(), "");
	ck_assert_int_eq(signers_read(&signers, &bytes, &size, &problem), 0);
	ck_assert_str_eq(bytes, "");
	ck_assert_uint_eq(size, 0);
}
END_TEST

START_TEST(the_file_and_then_those_of_the_folder_in_their_order)
{
	const char *key = keys_public("carol");

	keys_write(FILE_NAME, "first %s", key); /* no end of line */
	keys_write(FOLDER "/20-b", "third %s\n", key);
	keys_write(FOLDER "/10-a", "second %s\n# a comment\n\n", key);
	ck_assert_str_eq(listed(), "first second third ");
	expect_read(0, "");
}
END_TEST

START_TEST(what_editors_and_packages_leave_behind_is_not_read)
{
	static const char *const names[] = { "old~", "x.dpkg-old", ".x.swp", "x.bak" };
	char path[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), FOLDER "/%s", names[i]);
		keys_write(path, "left %s\n", keys_public("carol"));
	}
	ck_assert_str_eq(listed(), "");
}
END_TEST

START_TEST(what_others_may_have_written_is_not_read)
{
	keys_write(FILE_NAME, "carol %s\n", keys_public("carol"));
	expect_read(0, "");
	ck_assert_int_eq(chmod(FILE_NAME, 0664), 0);
	expect_read(-EPERM, "can be written by others");
	ck_assert_int_eq(chmod(FILE_NAME, 0602), 0);
	expect_read(-EPERM, "can be written by others");
	ck_assert_int_eq(chmod(FILE_NAME, 0600), 0);
	ck_assert_int_eq(chmod(FOLDER, 0777), 0);
	expect_read(-EPERM, FOLDER);
	ck_assert_int_eq(chmod(FOLDER, 0755), 0);
	expect_read(0, "");
	ck_assert_msg(geteuid() == 0, "this test needs root");
	ck_assert_int_eq(chown(FILE_NAME, 65534, 65534), 0);
	expect_read(-EPERM, "belongs to uid 65534");
}
END_TEST

START_TEST(what_is_no_file_is_not_read_and_not_waited_for)
{
	ck_assert_int_eq(mkfifo(FILE_NAME, 0600), 0);
	expect_read(-EPERM, "is not a file");
	ck_assert_int_eq(unlink(FILE_NAME), 0);
	ck_assert_int_eq(mkdir(FILE_NAME, 0700), 0);
	expect_read(-EPERM, "is not a file");
}
END_TEST

START_TEST(more_files_than_may_be_are_refused)
{
	char path[64];

	for (int i = 0; i < SIGNERS_FILES_MAX; i++) {
		snprintf(path, sizeof(path), FOLDER "/f%d", i);
		keys_write(path, "# nobody\n");
	}
	expect_read(0, "");
	keys_write(FOLDER "/one-more", "# nobody\n");
	expect_read(-EFBIG, "more than");
}
END_TEST

/* `size` bytes of comments, in lines that are short enough. */
static void write_comments(const char *path, size_t size)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	for (size_t i = 1; i <= size; i++)
		fputc(i % 1024 == 0 || i == size ? '\n' : '#', file);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(more_bytes_than_may_be_are_refused)
{
	write_comments(FILE_NAME, SIGNERS_FILE_MAX);
	expect_read(0, "");
	write_comments(FILE_NAME, SIGNERS_FILE_MAX + 1);
	expect_read(-EFBIG, "more than");
	write_comments(FILE_NAME, SIGNERS_FILE_MAX - 10);
	write_comments(FOLDER "/more", 10);
	expect_read(0, "");
	write_comments(FOLDER "/more", 11);
	expect_read(-EFBIG, "together");
}
END_TEST

START_TEST(a_fault_is_told_with_its_file_and_line)
{
	keys_write(FOLDER "/x", "# one\n\ncarol %s\ndan what\n", keys_public("carol"));
	expect_read(-EINVAL, FOLDER "/x:4: ");
}
END_TEST

START_TEST(a_line_may_be_so_long_and_no_longer)
{
	static char line[SIGNERS_LINE_MAX + 2];

	memset(line, '#', SIGNERS_LINE_MAX);
	keys_write(FILE_NAME, "%s\n", line);
	expect_read(0, "");
	line[SIGNERS_LINE_MAX] = '#';
	keys_write(FILE_NAME, "%s\n", line);
	expect_read(-EINVAL, "too long");
}
END_TEST

START_TEST(a_nul_in_a_file_hides_nothing)
{
	FILE *file;

	keys_write(FILE_NAME, "carol %s\n", keys_public("carol"));
	file = fopen(FILE_NAME, "a");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite("# x\0\ndan", 1, 8, file), 8);
	ck_assert_int_eq(fclose(file), 0);
	expect_read(-EINVAL, FILE_NAME ":2: the line is too long or has a NUL");
}
END_TEST

static int stop_at_first(void *context, const struct signer *signer)
{
	(void)signer;
	++*(int *)context;
	return 7;
}

START_TEST(who_lists_may_stop)
{
	int n = 0;

	keys_write(FILE_NAME, "carol %s\ndan %s\n", keys_public("carol"), keys_public("dan"));
	ck_assert_int_eq(signers_list(&signers, stop_at_first, &n, &problem), 7);
	ck_assert_int_eq(n, 1);
}
END_TEST

/* --- lines -------------------------------------------------------------------------------- */

/* KEY stands for carol's public key. */
static const struct {
	const char *line, *said; /* NULL: it is understood; "": an empty one */
	const char *principals, *namespaces, *valid_after, *comment;
	bool authority;
} lines[] = {
	{ "", "", 0 }, { "  \t ", "", 0 }, { "# carol KEY", "", 0 }, { "  # carol KEY", "", 0 },
	{ "carol KEY", NULL, "carol", "", "", "", false },
	{ "carol,dan KEY laptop of carol", NULL, "carol,dan", "", "", "laptop of carol", false },
	{ " carol \t KEY  laptop", NULL, "carol", "", "", "laptop", false },
	{ "\"carol\" KEY", NULL, "carol", "", "", "", false },
	{ "* cert-authority KEY", NULL, "*", "", "", "", true },
	{ "* CERT-Authority,namespaces=\"a,b\" KEY", NULL, "*", "a,b", "", "", true },
	{ "c namespaces=\"a\",valid-after=\"20260101\" KEY", NULL, "c", "a", "20260101", "",
		false },
	{ "c valid-after=\"20260101\",cert-authority KEY", NULL, "c", "", "20260101", "", true },
	{ "carol", "no public key", 0 }, { "carol ssh-ed25519", "no public key", 0 },
	{ "carol ssh-ed25519 AAAA", "no public key that may sign", 0 },
	{ "carol ssh-ed25519 KEY", "no public key that may sign", 0 },
	{ "KEY", "unknown option", 0 }, /* its type is taken for a principal */
	{ "carol no-touch-required KEY", "unknown option", 0 },
	{ "carol namespace=\"a\" KEY", "unknown option \"namespace\"", 0 },
	{ "carol namespaces KEY", "is written namespaces=\"...\"", 0 },
	{ "carol namespaces=a KEY", "is written namespaces=\"...\"", 0 },
	{ "carol namespaces=\"\" KEY", "is written namespaces=\"...\"", 0 },
	{ "carol namespaces=\"a KEY", "is written namespaces=\"...\"", 0 },
	{ "carol namespaces=\"a\",namespaces=\"b\" KEY", "stands twice", 0 },
	{ "carol namespaces=\"a\"KEY", "a blank belongs", 0 },
	{ "carol namespaces=\"a\", KEY", "unknown option", 0 },
	{ "carol cert-authorityx KEY", "unknown option", 0 }, { "\"\" KEY", "no principal", 0 },
	{ "\"carol KEY", "no principal", 0 }, { "car\"ol KEY", "no principal", 0 },
	{ "carol\x1b[2J KEY", "control characters", 0 }, { "carol\r KEY", "control characters", 0 },
	{ "car\xe4l KEY", "not UTF-8", 0 },
	{ "car\xe2\x80\xael KEY", "control characters", 0 }, /* right to left from there on */
};

static void write_line(char *ret, size_t ret_size, const char *line)
{
	const char *key = strstr(line, "KEY");

	if (key)
		snprintf(ret, ret_size, "%.*s%s%s", (int)(key - line), line, keys_public("carol"),
			key + 3);
	else
		snprintf(ret, ret_size, "%s", line);
}

START_TEST(a_line_is_understood_or_told_why_not)
{
	struct signer signer = { 0 };
	char line[2048];
	int r;

	write_line(line, sizeof(line), lines[_i].line);
	r = signer_parse(line, &signer, &problem);
	if (lines[_i].said) {
		ck_assert_msg(r == (lines[_i].said[0] ? -EINVAL : 1), "%s: %d", lines[_i].line, r);
		ck_assert_msg(strstr(problem.text, lines[_i].said), "%s: %s", lines[_i].line,
			problem.text);
		return;
	}
	ck_assert_msg(r == 0, "%s: %s", lines[_i].line, problem.text);
	ck_assert_str_eq(signer.principals, lines[_i].principals);
	ck_assert_str_eq(signer.namespaces, lines[_i].namespaces);
	ck_assert_str_eq(signer.valid_after, lines[_i].valid_after);
	ck_assert_str_eq(signer.comment, lines[_i].comment);
	ck_assert_int_eq(signer.authority, lines[_i].authority);
	ck_assert_str_eq(signer.key, keys_public("carol"));
	ck_assert_int_eq(strncmp(signer.fingerprint, "SHA256:", 7), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("signers");
	TCase *tests = tcase_create("signers");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, set_up, keys_teardown);
	tcase_add_test(tests, missing_files_are_nobody);
	tcase_add_test(tests, the_file_and_then_those_of_the_folder_in_their_order);
	tcase_add_test(tests, what_editors_and_packages_leave_behind_is_not_read);
	tcase_add_test(tests, what_others_may_have_written_is_not_read);
	tcase_add_test(tests, what_is_no_file_is_not_read_and_not_waited_for);
	tcase_add_test(tests, more_files_than_may_be_are_refused);
	tcase_add_test(tests, more_bytes_than_may_be_are_refused);
	tcase_add_test(tests, a_fault_is_told_with_its_file_and_line);
	tcase_add_test(tests, a_line_may_be_so_long_and_no_longer);
	tcase_add_test(tests, a_nul_in_a_file_hides_nothing);
	tcase_add_test(tests, who_lists_may_stop);
	tcase_add_loop_test(
		tests, a_line_is_understood_or_told_why_not, 0, sizeof(lines) / sizeof(lines[0]));
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
