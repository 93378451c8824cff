/* SPDX-License-Identifier: MIT */

/* The PAM module's entry points on a real handle (pam_start_confdir), called as libpam calls them.
 * The module's objects are linked in, because a module with a sanitizer cannot be loaded; the name
 * service is this file's. */

#include "lib/verdict.h"
#include "pam_supportaccess/arguments.h"
#include "tests/unit/fake_daemon.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <sched.h>
#include <security/pam_appl.h>
#include <security/pam_modules.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define ANA          "support-ana"
#define THEM         "support-them" /* of our form, but another source's */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- the world around the module ------------------------------------------------------------ */

static int look_up_error;

int getpwnam_r(
	const char *name, struct passwd *passwd, char *buffer, size_t size, struct passwd **ret)
{
	(void)buffer, (void)size;
	*ret = NULL;
	*passwd = (struct passwd){ .pw_gid = ACCOUNT_GID };
	if (look_up_error)
		return look_up_error;
	if (strcmp(name, ANA) == 0)
		passwd->pw_uid = ACCOUNT_UID_FIRST;
	else if (strcmp(name, THEM) == 0)
		passwd->pw_uid = 1000;
	else
		return 0;
	*ret = passwd;
	return 0;
}

static char shown[4096];
static size_t lines;

static int converse(
	int n, const struct pam_message **messages, struct pam_response **responses, void *data)
{
	(void)data;
	for (int i = 0; i < n; i++) {
		size_t used = strlen(shown);

		snprintf(shown + used, sizeof(shown) - used, "%c %s\n",
			messages[i]->msg_style == PAM_ERROR_MSG ? 'E' : 'I', messages[i]->msg);
		lines++;
	}
	*responses = calloc((size_t)n, sizeof(**responses));
	return PAM_SUCCESS;
}

static pam_handle_t *begin(const char *user)
{
	static const struct pam_conv conversation = { .conv = converse };
	char folder[] = "/tmp/supportaccess-pam-XXXXXX", path[64];
	pam_handle_t *pam = NULL;
	FILE *file;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/sshd", folder);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs("account required pam_permit.so\n", file);
	fclose(file);
	ck_assert_int_eq(pam_start_confdir("sshd", user, &conversation, folder, &pam), PAM_SUCCESS);
	unlink(path);
	rmdir(folder);
	ck_assert_int_eq(pam_set_item(pam, PAM_RHOST, "192.0.2.7"), PAM_SUCCESS);
	ck_assert_int_eq(pam_set_item(pam, PAM_TTY, "ssh"), PAM_SUCCESS);
	shown[0] = '\0';
	lines = 0;
	return pam;
}

typedef int (*entry)(pam_handle_t *pam, int flags, int argc, const char **argv);

static int call(entry function, pam_handle_t *pam, const char *socket)
{
	char argument[128];
	const char *argv[] = { argument, "timeout=150ms" };

	snprintf(argument, sizeof(argument), "socket=%s", socket);
	return function(pam, 0, 2, argv);
}

static size_t count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t n = 0;

	ck_assert_ptr_nonnull(folder);
	while (readdir(folder))
		n++;
	closedir(folder);
	return n;
}

static int ask_fake(entry function, struct fake_daemon *fake)
{
	pam_handle_t *pam = begin(ANA);
	size_t before = count_descriptors();
	int code;

	fake_start(fake);
	code = call(function, pam, fake->path);
	ck_assert_uint_eq(count_descriptors(), before);
	fake_stop(fake);
	pam_end(pam, code);
	return code;
}

/* --- what a verdict becomes ------------------------------------------------------------------ */

static const struct {
	uint32_t verdict;
	int account, session;
} verdicts[] = {
	{ VERDICT_OK, PAM_SUCCESS, PAM_SUCCESS },
	{ VERDICT_NOT_OURS, PAM_IGNORE, PAM_IGNORE },
	{ VERDICT_NONE, PAM_PERM_DENIED, PAM_SESSION_ERR },
	{ VERDICT_PENDING, PAM_PERM_DENIED, PAM_SESSION_ERR },
	{ VERDICT_UNANSWERED, PAM_PERM_DENIED, PAM_SESSION_ERR },
	{ VERDICT_DENIED, PAM_PERM_DENIED, PAM_SESSION_ERR },
	{ VERDICT_NOT_HERE, PAM_PERM_DENIED, PAM_SESSION_ERR },
	{ VERDICT_EARLY, PAM_PERM_DENIED, PAM_SESSION_ERR },
	{ VERDICT_EXPIRED, PAM_ACCT_EXPIRED, PAM_SESSION_ERR },
	{ VERDICT_REVOKED, PAM_PERM_DENIED, PAM_SESSION_ERR },
	{ VERDICT_CLOSED, PAM_PERM_DENIED, PAM_SESSION_ERR },
	{ VERDICT_UNBACKED, PAM_PERM_DENIED, PAM_SESSION_ERR },
	{ VERDICT_OFF, PAM_PERM_DENIED, PAM_SESSION_ERR },
	{ VERDICT_CLOCK_BEHIND, PAM_AUTH_ERR, PAM_SESSION_ERR },
	{ VERDICT_CLOCK_AHEAD, PAM_AUTH_ERR, PAM_SESSION_ERR },
	{ VERDICT_COPIED, PAM_AUTH_ERR, PAM_SESSION_ERR },
	{ VERDICT_STORE_CLOSED, PAM_AUTH_ERR, PAM_SESSION_ERR },
	{ VERDICT_BROKEN, PAM_AUTH_ERR, PAM_SESSION_ERR },
	{ VERDICT_SERVICE, PAM_PERM_DENIED, PAM_SESSION_ERR },
	{ VERDICT_TOO_MANY, PAM_PERM_DENIED, PAM_SESSION_ERR },
	{ VERDICT_UNVERIFIED, PAM_AUTH_ERR, PAM_SESSION_ERR },
	{ VERDICT_LAST + 1, PAM_AUTH_ERR, PAM_SESSION_ERR },
	{ UINT32_MAX, PAM_AUTH_ERR, PAM_SESSION_ERR },
};

START_TEST(the_account_check_says_what_the_daemon_says)
{
	struct fake_daemon fake = { .verdict = verdicts[_i].verdict };

	ck_assert_int_eq(ask_fake(pam_sm_acct_mgmt, &fake), verdicts[_i].account);
}
END_TEST

START_TEST(a_session_opens_only_with_the_daemons_yes)
{
	struct fake_daemon fake = { .verdict = verdicts[_i].verdict };

	ck_assert_int_eq(ask_fake(pam_sm_open_session, &fake), verdicts[_i].session);
}
END_TEST

START_TEST(a_refusal_is_shown_line_by_line_as_an_error)
{
	struct fake_daemon fake = { .verdict = VERDICT_PENDING,
		.text = "supportaccess: not yet.  [SA-PENDING]\n  Do     wait" };

	ask_fake(pam_sm_acct_mgmt, &fake);
	ck_assert_str_eq(shown, "E supportaccess: not yet.  [SA-PENDING]\nE   Do     wait\n");
}
END_TEST

/* The login shell shows the banner: behind a forced command sshd would not, and sudo would each
 * time. */
START_TEST(the_banner_is_left_to_the_login_shell)
{
	struct fake_daemon fake = { .verdict = VERDICT_OK, .text = "Read-only on db1." };

	ask_fake(pam_sm_open_session, &fake);
	ck_assert_str_eq(shown, "");
}
END_TEST

/* --- what goes wrong ------------------------------------------------------------------------- */

static const struct {
	enum fake_way way;
	uid_t uid;
	const char *reason;
} faults[] = {
	{ FAKE_HANGS, 0, "does not answer" },
	{ FAKE_IS_DEAF, 0, "does not answer" },
	{ FAKE_HANGS_UP, 0, "SA-BROKEN" },
	{ FAKE_SAYS_GARBAGE, 0, "of another version" },
	{ FAKE_SAYS_LITTLE, 0, "of another version" },
	{ FAKE_SAYS_MUCH, 0, "of another version" },
	{ FAKE_SPEAKS_LATER_VERSION, 0, "of another version" },
	{ FAKE_ANSWERS_ANOTHER_QUESTION, 0, "of another version" },
	{ FAKE_TEXT_HAS_NO_END, 0, "of another version" },
	{ FAKE_TEXT_HIDES_BYTES, 0, "of another version" },
	{ FAKE_MISCOUNTS, 0, "of another version" },
	{ FAKE_ANSWERS, 65534, "socket is not root's" },
};

START_TEST(a_daemon_that_makes_no_sense_admits_nobody)
{
	static const entry entries[] = { pam_sm_acct_mgmt, pam_sm_open_session };
	static const int codes[] = { PAM_AUTH_ERR, PAM_SESSION_ERR };

	for (size_t i = 0; i < COUNT(entries); i++) {
		struct fake_daemon fake = {
			.way = faults[_i].way, .uid = faults[_i].uid, .verdict = VERDICT_OK
		};

		ck_assert_int_eq(ask_fake(entries[i], &fake), codes[i]);
		ck_assert_ptr_nonnull(strstr(shown, "cannot check approvals now"));
		ck_assert_ptr_nonnull(strstr(shown, faults[_i].reason));
		ck_assert_ptr_nonnull(strstr(shown, "[SA-BROKEN]"));
		ck_assert_uint_eq(lines, 2);
	}
}
END_TEST

START_TEST(without_a_daemon_nobody_is_admitted)
{
	pam_handle_t *pam = begin(ANA);

	ck_assert_int_eq(call(pam_sm_acct_mgmt, pam, "/nonexistent/control.sock"), PAM_AUTH_ERR);
	ck_assert_ptr_nonnull(strstr(shown, "is not running"));
	ck_assert_int_eq(
		call(pam_sm_open_session, pam, "/nonexistent/control.sock"), PAM_SESSION_ERR);
	pam_end(pam, 0);
}
END_TEST

START_TEST(closing_without_a_daemon_is_no_error)
{
	pam_handle_t *pam = begin(ANA);

	ck_assert_int_eq(call(pam_sm_close_session, pam, "/nonexistent/control.sock"), PAM_SUCCESS);
	ck_assert_str_eq(shown, "");
	pam_end(pam, 0);
}
END_TEST

START_TEST(a_name_service_that_fails_admits_nobody)
{
	pam_handle_t *pam = begin(ANA);

	look_up_error = EIO;
	ck_assert_int_eq(call(pam_sm_acct_mgmt, pam, "/nonexistent"), PAM_AUTH_ERR);
	ck_assert_int_eq(call(pam_sm_open_session, pam, "/nonexistent"), PAM_SESSION_ERR);
	look_up_error = ERANGE; /* for ever */
	ck_assert_int_eq(call(pam_sm_acct_mgmt, pam, "/nonexistent"), PAM_AUTH_ERR);
	look_up_error = 0;
	pam_end(pam, 0);
}
END_TEST

START_TEST(a_name_of_our_form_that_nobody_knows_is_refused)
{
	pam_handle_t *pam = begin("support-nobody");

	ck_assert_int_eq(call(pam_sm_acct_mgmt, pam, "/nonexistent"), PAM_USER_UNKNOWN);
	ck_assert_int_eq(call(pam_sm_open_session, pam, "/nonexistent"), PAM_SESSION_ERR);
	pam_end(pam, 0);
}
END_TEST

START_TEST(a_remote_host_that_does_not_fit_is_refused)
{
	struct fake_daemon fake = { .verdict = VERDICT_OK };
	pam_handle_t *pam = begin(ANA);
	char host[257];

	memset(host, 'x', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	fake_start(&fake);
	pam_set_item(pam, PAM_RHOST, host);
	ck_assert_int_eq(call(pam_sm_acct_mgmt, pam, fake.path), PAM_AUTH_ERR);
	host[255] = '\0';
	pam_set_item(pam, PAM_RHOST, host);
	ck_assert_int_eq(call(pam_sm_acct_mgmt, pam, fake.path), PAM_SUCCESS);
	fake_stop(&fake);
	pam_end(pam, 0);
}
END_TEST

/* --- whose accounts -------------------------------------------------------------------------- */

static const entry all_entries[] = { pam_sm_acct_mgmt, pam_sm_open_session, pam_sm_close_session,
	pam_sm_authenticate, pam_sm_setcred };

START_TEST(authentication_is_somebody_elses_business)
{
	pam_handle_t *pam = begin(ANA);

	ck_assert_int_eq(call(pam_sm_authenticate, pam, "/nonexistent"), PAM_IGNORE);
	ck_assert_int_eq(call(pam_sm_setcred, pam, "/nonexistent"), PAM_IGNORE);
	ck_assert_str_eq(shown, "");
	pam_end(pam, 0);
}
END_TEST

START_TEST(an_account_of_another_source_wins)
{
	pam_handle_t *pam = begin(THEM);

	ck_assert_int_eq(call(pam_sm_acct_mgmt, pam, "/nonexistent"), PAM_IGNORE);
	ck_assert_int_eq(call(pam_sm_open_session, pam, "/nonexistent"), PAM_IGNORE);
	ck_assert_str_eq(shown, "");
	pam_end(pam, 0);
}
END_TEST

static const char *const locals[] = { "dan", "root", "support", "support-", "support-Ana",
	"support-ana-with-a-name-too-long", "xsupport-ana", "" };

/* Under strict seccomp any system call but exit kills. */
START_TEST(a_local_name_is_ignored_without_a_system_call)
{
	pam_handle_t *pam = begin(locals[_i]);
	const char *argv[] = { "debug", "nonsense", "timeout=9y" };
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		long wrong = 0;

		prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
		for (size_t i = 0; i < COUNT(all_entries); i++)
			wrong += all_entries[i](pam, 0, 3, argv) != PAM_IGNORE;
		syscall(SYS_exit, wrong);
	}
	waitpid(pid, &status, 0);
	ck_assert_msg(!WIFSIGNALED(status), "a system call was made");
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	pam_end(pam, 0);
}
END_TEST

/* --- arguments ------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	int timeout_ms;
} timeouts[] = {
	{ "timeout=100ms", 100 },
	{ "timeout=99ms", 2000 },
	{ "timeout=10s", 10000 },
	{ "timeout=10000ms", 10000 },
	{ "timeout=10001ms", 2000 },
	{ "timeout=3", 3000 },
	{ "timeout=", 2000 },
	{ "timeout=-1s", 2000 },
	{ "timeout=2h", 2000 },
	{ "timeout=99999999999999999999ms", 2000 },
	{ "timeout", 2000 },
	{ "timeou=1s", 2000 },
};

START_TEST(a_timeout_is_bounded)
{
	pam_handle_t *pam = begin(ANA);
	struct arguments arguments;

	arguments_read(pam, 1, (const char *[]){ timeouts[_i].word }, &arguments);
	ck_assert_int_eq(arguments.timeout_ms, timeouts[_i].timeout_ms);
	pam_end(pam, 0);
}
END_TEST

START_TEST(arguments_that_make_no_sense_change_nothing)
{
	static const char *words[] = { "socket=relative", "debugging", "open", "socket" };
	pam_handle_t *pam = begin(ANA);
	struct arguments arguments;

	arguments_read(pam, COUNT(words), words, &arguments);
	ck_assert_str_eq(arguments.socket, "/run/supportaccess/control.sock");
	ck_assert(!arguments.debug);
	arguments_read(pam, 2, (const char *[]){ "debug", "socket=/x" }, &arguments);
	ck_assert_str_eq(arguments.socket, "/x");
	ck_assert(arguments.debug);
	pam_end(pam, 0);
}
END_TEST

/* --- namespaces ------------------------------------------------------------------------------ */

static const char *const kinds[] = { "mnt", "ipc", "pid" };

/* A process in namespaces of its own, to take their descriptors from. */
static pid_t start_inside(int fds[static 3])
{
	int ready[2];
	char byte, path[64];
	pid_t pid;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID) < 0 || fork() != 0)
			pause();
		(void)!write(ready[1], "", 1);
		pause();
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	for (size_t i = 0; i < COUNT(kinds); i++) {
		snprintf(path, sizeof(path), "/proc/%d/ns/%s%s", pid, kinds[i],
			i == 2 ? "_for_children" : "");
		fds[i] = open(path, O_RDONLY | O_CLOEXEC);
		ck_assert_int_ge(fds[i], 0);
	}
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static ino_t namespace_of(const char *name)
{
	char path[64];
	struct stat at;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	return stat(path, &at) == 0 ? at.st_ino : 0;
}

static ino_t inode(int fd)
{
	struct stat at;

	return fstat(fd, &at) == 0 ? at.st_ino : 0;
}

static bool is_inside(const int fds[static 3])
{
	char folder[4096];

	return namespace_of("mnt") == inode(fds[0]) && namespace_of("ipc") == inode(fds[1]) &&
	       namespace_of("pid_for_children") == inode(fds[2]) &&
	       strcmp(getcwd(folder, sizeof(folder)), "/") == 0;
}

/* In a child, which ends without ceremony: a process whose children are in another pid namespace
 * cannot look for leaks. */
START_TEST(opening_enters_all_three_namespaces)
{
	struct fake_daemon fake = { .verdict = VERDICT_OK, .n_fds = 3 };
	pid_t inside = start_inside(fake.fds), pid;
	pam_handle_t *pam = begin(ANA);
	size_t before;
	int status;

	fake_start(&fake);
	pid = fork();
	if (pid == 0) {
		before = count_descriptors();
		_exit(call(pam_sm_open_session, pam, fake.path) == PAM_SUCCESS &&
					is_inside(fake.fds) && count_descriptors() == before
				? 0
				: 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	fake_stop(&fake);
	pam_end(pam, 0);
	kill(inside, SIGKILL);
}
END_TEST

START_TEST(what_is_half_inside_is_refused)
{
	struct fake_daemon fake = { .verdict = VERDICT_OK, .n_fds = 3 };
	pid_t inside = start_inside(fake.fds);

	fake.fds[_i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(ask_fake(pam_sm_open_session, &fake), PAM_SESSION_ERR);
	kill(inside, SIGKILL);
}
END_TEST

START_TEST(namespaces_in_a_wrong_number_or_with_a_refusal_are_not_entered)
{
	struct fake_daemon fake = { .verdict = _i == 0 ? VERDICT_OK : VERDICT_DENIED,
		.n_fds = _i == 0 ? 2 : 3 };
	pid_t inside = start_inside(fake.fds);
	ino_t before = namespace_of("mnt");

	ck_assert_int_eq(ask_fake(pam_sm_open_session, &fake), PAM_SESSION_ERR);
	ck_assert_uint_eq(namespace_of("mnt"), before);
	kill(inside, SIGKILL);
}
END_TEST

static TCase *verdict_tests(void)
{
	TCase *tests = tcase_create("verdicts");

	tcase_add_loop_test(tests, the_account_check_says_what_the_daemon_says, 0, COUNT(verdicts));
	tcase_add_loop_test(tests, a_session_opens_only_with_the_daemons_yes, 0, COUNT(verdicts));
	tcase_add_test(tests, a_refusal_is_shown_line_by_line_as_an_error);
	tcase_add_test(tests, the_banner_is_left_to_the_login_shell);
	tcase_add_loop_test(tests, a_daemon_that_makes_no_sense_admits_nobody, 0, COUNT(faults));
	tcase_add_test(tests, without_a_daemon_nobody_is_admitted);
	tcase_add_test(tests, closing_without_a_daemon_is_no_error);
	return tests;
}

static TCase *name_tests(void)
{
	TCase *tests = tcase_create("names");

	tcase_add_test(tests, a_name_service_that_fails_admits_nobody);
	tcase_add_test(tests, a_name_of_our_form_that_nobody_knows_is_refused);
	tcase_add_test(tests, a_remote_host_that_does_not_fit_is_refused);
	tcase_add_test(tests, authentication_is_somebody_elses_business);
	tcase_add_test(tests, an_account_of_another_source_wins);
	tcase_add_loop_test(tests, a_local_name_is_ignored_without_a_system_call, 0, COUNT(locals));
	tcase_add_loop_test(tests, a_timeout_is_bounded, 0, COUNT(timeouts));
	tcase_add_test(tests, arguments_that_make_no_sense_change_nothing);
	return tests;
}

static TCase *namespace_tests(void)
{
	TCase *tests = tcase_create("namespaces");

	tcase_add_test(tests, opening_enters_all_three_namespaces);
	tcase_add_loop_test(tests, what_is_half_inside_is_refused, 0, 3);
	tcase_add_loop_test(
		tests, namespaces_in_a_wrong_number_or_with_a_refusal_are_not_entered, 0, 2);
	return tests;
}

int main(void)
{
	Suite *suite = suite_create("pam");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, verdict_tests());
	suite_add_tcase(suite, name_tests());
	suite_add_tcase(suite, namespace_tests());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
