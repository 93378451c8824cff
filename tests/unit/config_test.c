/* SPDX-License-Identifier: MIT */

/* What a configuration file may say, and what is told about one that says something else. */

#include "core/config_key.h"

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static char folder[] = "/tmp/supportaccess-config-XXXXXX";
static struct problem problem;
static struct config config;

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static void setup(void)
{
	char path[128];

	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/conf.d", folder);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	problem = PROBLEM_NONE;
	config = (struct config){ 0 };
}

static void teardown(void)
{
	config_done(&config);
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void put_bytes(const char *name, const char *bytes, size_t size)
{
	_cleanup_(closep) int fd = -EBADF;
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
}

static void put(const char *name, const char *text)
{
	put_bytes(name, text, strlen(text));
}

static int load(void)
{
	return config_load("/nonexistent", folder, &config, &problem);
}

#define assert_refused(file, sentence)                                                             \
	do {                                                                                       \
		put("supportaccess.conf", file);                                                   \
		ck_assert_int_eq(load(), -EINVAL);                                                 \
		ck_assert_msg(strstr(problem.text, sentence), "said: %s", problem.text);           \
		problem = PROBLEM_NONE;                                                            \
	} while (0)

START_TEST(without_files_every_value_is_its_default)
{
	ck_assert_int_eq(load(), 0);
	ck_assert_int_eq(config.max_scope, SCOPE_READ_WRITE);
	ck_assert_int_eq(config.max_length, 0);
	ck_assert_int_eq(config.max_sessions, 20);
	ck_assert_int_eq(config.scratch_size, 64 << 20);
	ck_assert_uint_eq(config.groups_read_only.n_items, 2);
	ck_assert_str_eq(config.groups_read_only.items[1], "systemd-journal");
	ck_assert_str_eq(config.shell, "/bin/bash");
	ck_assert(!config.show_approvers);
}
END_TEST

START_TEST(values_are_read)
{
	put("supportaccess.conf",
		"# ours\n\n  max_scope = admin # for a week\nmax_length=12h\nhide = /srv/a  "
		"/srv/b\n"
		"central = https://central.example/?x=1\nshow_approvers = yes\nscratch_size = 1G\n"
		"groups_admin =\nsockets = /run/postgresql\n");
	ck_assert_msg(load() == 0, "%s", problem.text);
	ck_assert_int_eq(config.max_scope, SCOPE_ADMIN);
	ck_assert_int_eq(config.max_length, 12 * 3600);
	ck_assert_uint_eq(config.hide.n_items, 2);
	ck_assert_str_eq(config.hide.items[1], "/srv/b");
	ck_assert_str_eq(config.central, "https://central.example/?x=1");
	ck_assert(config.show_approvers);
	ck_assert_int_eq(config.scratch_size, 1 << 30);
	ck_assert_uint_eq(config.groups_admin.n_items, 0);
}
END_TEST

struct seen {
	const char *key;
	char value[128], origin[128];
};

static void look(void *context, const char *key, const char *value, const char *origin)
{
	struct seen *seen = context;

	if (strcmp(key, seen->key) != 0)
		return;
	snprintf(seen->value, sizeof(seen->value), "%s", value);
	snprintf(seen->origin, sizeof(seen->origin), "%s", origin);
}

START_TEST(the_last_file_wins_and_its_line_is_the_origin)
{
	struct seen sessions = { .key = "max_sessions" }, wait = { .key = "poll_wait" };
	char expected[128];

	put("supportaccess.conf", "max_sessions = 1\n");
	put("conf.d/20-b.conf", "# b\n\nmax_sessions = 3\n");
	put("conf.d/10-a.conf", "max_sessions = 2\n");
	put("conf.d/30-c.conf.disabled", "max_sessions = 4\n");
	ck_assert_msg(load() == 0, "%s", problem.text);
	ck_assert_int_eq(config.max_sessions, 3);
	config_each(&config, look, &sessions);
	snprintf(expected, sizeof(expected), "%s/conf.d/20-b.conf:3", folder);
	ck_assert_str_eq(sessions.origin, expected);
	ck_assert_str_eq(sessions.value, "3");
	config_each(&config, look, &wait);
	ck_assert_str_eq(wait.origin, "default");
	ck_assert_str_eq(wait.value, "50");
}
END_TEST

START_TEST(an_unknown_key_is_an_error_with_file_and_line)
{
	assert_refused("max_scope = admin\nmax_scop = admin\n",
		"supportaccess.conf:2: unknown key \"max_scop\"");
}
END_TEST

START_TEST(a_repeated_key_is_an_error_with_both_lines)
{
	assert_refused("max_scope = read-only\n\nmax_scope = admin\n",
		"supportaccess.conf:3: max_scope stands in line 1 already");
}
END_TEST

START_TEST(a_bad_value_is_an_error_with_its_line_and_rule)
{
	static const char *const rows[][2] = {
		{ "max_scope = root\n", ":1: max_scope: \"root\" is no scope" },
		{ "max_scope =\n", "is no scope" },
		{ "max_length = 4\n", "is no length of time" },
		{ "max_length = 500d\n", "is no length of time" },
		{ "max_sessions = 0\n", "from 1 to 1000" },
		{ "max_sessions = 1001\n", "from 1 to 1000" },
		{ "max_sessions = -1\n", "no whole number" },
		{ "max_sessions = 5x\n", "no whole number" },
		{ "max_sessions = 99999999999999999999\n", "no whole number" },
		{ "max_sessions =\n", "no whole number" },
		{ "scratch_size = 64\n", "is no size from 1M to 64G" },
		{ "scratch_size = 99999999999G\n", "is no size" },
		{ "scratch_size = M\n", "is no size" },
		{ "show_approvers = true\n", "neither yes nor no" },
		{ "central = ftp://central.example\n", "no https://" },
		{ "central = https://a b\n", "no https://" },
		{ "ca_file = ca.pem\n", "no path below /" },
		{ "hide = /srv/../etc\n", "\"..\"" },
		{ "hide = /srv/..\n", "\"..\"" },
		{ "sockets = /tmp/x\n", "no path below /run/" },
		{ "groups_admin = a:b\n", "no name of a group" },
		{ "groups_admin = adm,users\n", "no name of a group" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_refused(rows[i][0], rows[i][1]);
}
END_TEST

START_TEST(what_libeconf_would_join_or_cut_is_an_error)
{
	assert_refused("max_scope = admin\n  and more\n", ":2: there is no \"=\"");
	assert_refused("hide\n", ":1: there is no \"=\"");
	assert_refused("[central]\nproxy = http://a\n", ":1: there are no sections");
	assert_refused("central = https://a/b#c\n", ":1: \"#\" begins a comment");
	assert_refused("= 3\n", ":1: there is no key");
	assert_refused("max_scope = admin\r\n", ":1: there is a control character");
}
END_TEST

START_TEST(a_nul_byte_hides_nothing)
{
	static const char bytes[] = "max_scope = read-only\0 # \nmax_sessions = 1\n";

	put_bytes("supportaccess.conf", bytes, sizeof(bytes) - 1);
	ck_assert_int_eq(load(), -EINVAL);
	ck_assert_msg(strstr(problem.text, ":1: there is a control character"), "%s", problem.text);
}
END_TEST

/* A list of `n` words in one line. */
static void put_words(size_t n, size_t word_length)
{
	size_t size = 7 + n * (word_length + 1) + 1;
	char *text = calloc(1, size + 1), *at = text + sprintf(text, "hide = ");

	for (size_t i = 0; i < n; i++) {
		memset(at, 'x', word_length);
		at[0] = '/';
		at[word_length] = ' ';
		at += word_length + 1;
	}
	*at = '\n';
	put("supportaccess.conf", text);
	free(text);
}

START_TEST(a_line_may_be_long_but_not_longer)
{
	put_words(15, 270); /* 7 + 15 * 271 = 4072 */
	ck_assert_msg(load() == 0, "%s", problem.text);
	ck_assert_uint_eq(config.hide.n_items, 15);
	ck_assert_uint_eq(strlen(config.hide.items[14]), 270);
	config_done(&config);
	put_words(15, 273); /* 4117 */
	ck_assert_int_eq(load(), -EINVAL);
	ck_assert_msg(strstr(problem.text, "longer than 4096"), "%s", problem.text);
}
END_TEST

START_TEST(a_list_may_have_64_words_but_not_65)
{
	put_words(CONFIG_LIST_MAX, 4);
	ck_assert_msg(load() == 0, "%s", problem.text);
	config_done(&config);
	put_words(CONFIG_LIST_MAX + 1, 4);
	ck_assert_int_eq(load(), -EINVAL);
	ck_assert_msg(strstr(problem.text, "more than 64"), "%s", problem.text);
}
END_TEST

START_TEST(all_errors_are_told_at_once)
{
	put("supportaccess.conf", "one = 1\nmax_scope = root\n");
	put("conf.d/a.conf", "two = 2\n");
	ck_assert_int_eq(load(), -EINVAL);
	ck_assert_ptr_nonnull(strstr(problem.text, "supportaccess.conf:1: unknown key \"one\"; "));
	ck_assert_ptr_nonnull(strstr(problem.text, "supportaccess.conf:2: max_scope"));
	ck_assert_ptr_nonnull(strstr(problem.text, "a.conf:1: unknown key \"two\""));
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/conf.d/pipe.conf", folder);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(load(), -EINVAL);
	ck_assert_ptr_nonnull(strstr(problem.text, "is not a file"));
}
END_TEST

static void compare(void *context, const char *key, const char *value, const char *origin)
{
	struct seen shipped = { .key = key };

	ck_assert_str_eq(origin, "default");
	config_each(context, look, &shipped);
	ck_assert_msg(strcmp(shipped.value, value) == 0, "%s: shipped %s, default %s", key,
		shipped.value, value);
	ck_assert_msg(strcmp(shipped.origin, "default") != 0, "%s is not in the shipped file", key);
}

static void add_text(void *context, const char *key, const char *value, const char *origin)
{
	char *text = context;

	(void)origin;
	snprintf(text + strlen(text), 8192 - strlen(text), "%s=%s\n", key, value);
}

START_TEST(another_process_is_handed_what_is_in_force)
{
	_cleanup_(config_done) struct config handed = { 0 };
	_cleanup_(closep) int fd = -EBADF;
	char before[8192] = "", after[8192] = "";

	put("supportaccess.conf", "max_scope = admin\nmax_length = 2h\nscratch_size = 3M # small\n"
				  "hide = /srv/a /srv/b\ngroups_admin =\nproxy =\n");
	ck_assert_int_eq(load(), 0);
	fd = config_write(&config);
	ck_assert_int_ge(fd, 0);
	put("supportaccess.conf", "max_scope = nonsense\n");
	ck_assert_msg(config_read(fd, &handed, &problem) == 0, "%s", problem.text);
	config_each(&config, add_text, before);
	config_each(&handed, add_text, after);
	ck_assert_str_eq(after, before);
	ck_assert_int_eq(handed.max_scope, SCOPE_ADMIN);
	ck_assert_int_eq(handed.max_length, 7200);
	ck_assert_int_eq(handed.scratch_size, 3 << 20);
	ck_assert_uint_eq(handed.hide.n_items, 2);
	ck_assert_str_eq(handed.hide.items[1], "/srv/b");
	ck_assert_uint_eq(handed.groups_admin.n_items, 0);
	ck_assert_uint_eq(handed.groups_read_only.n_items, 2);
}
END_TEST

START_TEST(the_longest_value_can_be_handed_over)
{
	_cleanup_(config_done) struct config handed = { 0 };
	_cleanup_(closep) int fd = -EBADF;
	char text[CONFIG_LINE_MAX + 2] = "hide=", *end = text + strlen(text);

	while (end - text + 100 < CONFIG_LINE_MAX)
		end += sprintf(end, "/%099d ", 0);
	sprintf(end, "/%0*d\n", (int)(CONFIG_LINE_MAX - (end - text) - 1), 0);
	ck_assert_uint_eq(strlen(text), CONFIG_LINE_MAX + 1);
	put("supportaccess.conf", text);
	ck_assert_msg(load() == 0, "%s", problem.text);
	fd = config_write(&config);
	ck_assert_msg(config_read(fd, &handed, &problem) == 0, "%s", problem.text);
	ck_assert_uint_eq(handed.hide.n_items, config.hide.n_items);
	ck_assert_str_eq(handed.hide.items[handed.hide.n_items - 1],
		config.hide.items[config.hide.n_items - 1]);
}
END_TEST

START_TEST(nothing_handed_over_is_no_settings)
{
	ck_assert_int_eq(config_read(1000, &config, &problem), -ENOENT);
	ck_assert_msg(strstr(problem.text, "descriptor 1000"), "%s", problem.text);
}
END_TEST

START_TEST(the_shipped_file_has_every_key_with_its_default)
{
	struct config shipped;

	ck_assert_msg(config_load("conf", folder, &shipped, &problem) == 0, "%s", problem.text);
	ck_assert_int_eq(load(), 0);
	config_each(&config, compare, &shipped);
	config_done(&shipped);
}
END_TEST

static void in_the_manual(void *context, const char *key, const char *value, const char *origin)
{
	char item[64];

	(void)value, (void)origin;
	snprintf(item, sizeof(item), ".It Cm %s\n", key);
	ck_assert_msg(strstr(context, item), "%s is not in supportaccess.conf.5", key);
}

START_TEST(the_manual_has_every_key)
{
	static char manual[64 * 1024];
	FILE *file = fopen("docs/man/supportaccess.conf.5", "re");

	ck_assert_ptr_nonnull(file);
	manual[fread(manual, 1, sizeof(manual) - 1, file)] = '\0';
	fclose(file);
	ck_assert_int_eq(load(), 0);
	config_each(&config, in_the_manual, manual);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config");
	TCase *tests = tcase_create("config");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, without_files_every_value_is_its_default);
	tcase_add_test(tests, values_are_read);
	tcase_add_test(tests, the_last_file_wins_and_its_line_is_the_origin);
	tcase_add_test(tests, an_unknown_key_is_an_error_with_file_and_line);
	tcase_add_test(tests, a_repeated_key_is_an_error_with_both_lines);
	tcase_add_test(tests, a_bad_value_is_an_error_with_its_line_and_rule);
	tcase_add_test(tests, what_libeconf_would_join_or_cut_is_an_error);
	tcase_add_test(tests, a_nul_byte_hides_nothing);
	tcase_add_test(tests, a_line_may_be_long_but_not_longer);
	tcase_add_test(tests, a_list_may_have_64_words_but_not_65);
	tcase_add_test(tests, all_errors_are_told_at_once);
	tcase_add_test(tests, what_is_no_file_is_refused);
	tcase_add_test(tests, another_process_is_handed_what_is_in_force);
	tcase_add_test(tests, the_longest_value_can_be_handed_over);
	tcase_add_test(tests, nothing_handed_over_is_no_settings);
	tcase_add_test(tests, the_shipped_file_has_every_key_with_its_default);
	tcase_add_test(tests, the_manual_has_every_key);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
