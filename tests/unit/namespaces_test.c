/* SPDX-License-Identifier: MIT */

#include "host/namespaces.h"

#include "host/clock.h"
#include "host/keeping.h"
#include "lib/moment.h"
#include "lib/paths.h"
#include "tests/unit/jail.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define BUILD_MS   5000
#define HOME       PATH_HOMES "/support-ana"
#define SCRATCH    (1024 * 1024)
#define LONG_AFTER 3600

static struct config config;
static struct session session;
static struct namespaces namespaces;
static struct problem problem;
static int monitor = -1, keeper = -1;

/* --- the machine of these tests ------------------------------------------------------------ */

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_msg(fd >= 0, "%s: %m", path);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

static void copy_keeper(void)
{
	const char *build = getenv("B");
	char command[256];

	(void)snprintf(command, sizeof(command), "%s/keeper", build ? build : "build");
	ck_assert_msg(access(command, X_OK) == 0, "%s is not built: run make first", command);
	ck_assert_int_eq(mkdir(PATH_LIBEXEC, 0755), 0);
	write_text(PATH_KEEPER, "");
	ck_assert_int_eq(mount(command, PATH_KEEPER, NULL, MS_BIND, NULL), 0);
}

static void put_tmpfs(const char *path)
{
	(void)mkdir(path, 0755);
	ck_assert_int_eq(mount("test", path, "tmpfs", 0, "mode=755"), 0);
}

static void make_machine(void)
{
	put_tmpfs("/usr/libexec");
	put_tmpfs("/run");
	put_tmpfs("/home");
	put_tmpfs("/srv");
	ck_assert_int_eq(mkdir("/run/sshd", 0755), 0);
	ck_assert_int_eq(mkdir("/run/secret", 0755), 0);
	ck_assert_int_eq(mkdir("/run/wanted", 0755), 0);
	write_text("/run/utmp", "");
	ck_assert_int_eq(mkdir(PATH_RUN, 0755), 0);
	ck_assert_int_eq(mkdir(PATH_VIEW_DIR, 0755), 0);
	write_text(PATH_VIEW, "view");
	ck_assert_int_eq(mkdir("/home/ben", 0755), 0);
	ck_assert_int_eq(mkdir("/srv/open", 0777), 0);
	ck_assert_int_eq(chmod("/srv/open", 01777), 0);
	ck_assert_int_eq(mkdir("/srv/hidden", 0755), 0);
	write_text("/srv/hidden/inside", "secret");
	write_text("/srv/hidden-file", "secret");
	copy_keeper();
}

static void wait_in_own_mounts(void *context)
{
	(void)context;
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
}

static void set_up(void)
{
	struct machine machine;
	pid_t pid;

	ck_assert_int_eq(unshare(CLONE_NEWNS), 0); /* of this test alone */
	make_machine();
	monitor = jail_start(wait_in_own_mounts, NULL, &pid);
	ck_assert_int_eq(machine_read(&machine), 0);
	config = (struct config){ .scratch_size = SCRATCH, .max_processes = 150 };
	config.hide.items[config.hide.n_items++] = (char *)"/srv/hidden";
	config.hide.items[config.hide.n_items++] = (char *)"/srv/hidden-file";
	config.hide.items[config.hide.n_items++] = (char *)"/srv/not-there";
	config.sockets.items[config.sockets.n_items++] = (char *)"/run/wanted";
	session = (struct session){
		.id = "s1",
		.login = "ana",
		.uid = JAIL_UID,
		.scope = SCOPE_READ_ONLY,
		.audit_session = UINT32_MAX,
		.until = moment_now() + LONG_AFTER,
	};
	memcpy(session.boot_id, machine.boot_id, sizeof(session.boot_id));
	ck_assert_int_eq(process_name_read(pid, &session.monitor), 0);
	problem = PROBLEM_NONE;
	namespaces = NAMESPACES_NONE;
}

static void build(void)
{
	int r = namespaces_build(&session, &config, BUILD_MS, &namespaces, &problem);

	ck_assert_msg(r == 0, "%s", problem.text);
	keeper = process_open(&namespaces.keeper);
	ck_assert_int_ge(keeper, 0);
}

static void set_up_and_build(void)
{
	set_up();
	build();
}

static void enter(void)
{
	static const int kinds[NAMESPACES] = { CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWPID };

	for (size_t i = 0; i < NAMESPACES; i++)
		if (setns(namespaces.fds[i], kinds[i]) < 0)
			_exit(99);
}

/* Logs in as the PAM module and sshd do, and gives what `look` returns; as root if `root`. */
static int inside(bool root, int (*look)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		enter();
		pid = fork();
		if (pid == 0) {
			if (!root && (setresgid(ACCOUNT_GID, ACCOUNT_GID, ACCOUNT_GID) < 0 ||
					     setresuid(JAIL_UID, JAIL_UID, JAIL_UID) < 0))
				_exit(98);
			_exit(look());
		}
		_exit(waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status)
									   : 97);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The errno of creating a file, 0 if it is there then. */
static int create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return errno;
	(void)close(fd);
	return 0;
}

/* --- files --------------------------------------------------------------------------------- */

static int write_everywhere(void)
{
	static const char *const paths[] = { "/x", "/etc/x", "/usr/x", "/srv/open/x", "/var/x",
		"/run/x", "/home/x", "/dev/x", "/sys/kernel/x" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (create(paths[i]) == 0)
			return (int)i + 1;
	return 0;
}

START_TEST(not_even_root_inside_can_write_to_the_hosts_files)
{
	ck_assert_int_eq(inside(true, write_everywhere), 0);
	ck_assert_int_eq(inside(false, write_everywhere), 0);
}
END_TEST

static int change_what_is_there(void)
{
	if (chmod("/srv/open", 0700) == 0 || errno != EROFS)
		return 1;
	if (rename("/srv/hidden-file", "/srv/other") == 0)
		return 2;
	return truncate(PATH_VIEW, 0) == 0 || errno != EROFS ? 3 : 0;
}

START_TEST(what_is_there_cannot_be_changed)
{
	ck_assert_int_eq(inside(true, change_what_is_there), 0);
}
END_TEST

static int write_scratch(void)
{
	static const char *const paths[] = { "/tmp/x", "/var/tmp/x", "/dev/shm/x", HOME "/x" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (create(paths[i]) != 0)
			return (int)i + 1;
	return 0;
}

START_TEST(scratch_is_the_sessions_own)
{
	ck_assert_int_eq(inside(false, write_scratch), 0);
	ck_assert_int_eq(access("/tmp/x", F_OK), -1);
	ck_assert_int_eq(access("/var/tmp/x", F_OK), -1);
	ck_assert_int_eq(access("/dev/shm/x", F_OK), -1);
	ck_assert_int_eq(access(HOME, F_OK), -1);
}
END_TEST

static int fill_scratch(void)
{
	static const char block[4096];
	int fd = open("/var/tmp/x", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	size_t size = 0;

	while (write(fd, block, sizeof(block)) == (ssize_t)sizeof(block))
		size += sizeof(block);
	return errno == ENOSPC && size <= SCRATCH ? 0 : 1;
}

START_TEST(scratch_is_limited)
{
	ck_assert_int_eq(inside(false, fill_scratch), 0);
}
END_TEST

static int look_at_home(void)
{
	struct stat st;

	if (stat(HOME, &st) < 0 || st.st_uid != JAIL_UID || (st.st_mode & 07777) != 0700)
		return 1;
	if (create(HOME "/.ssh/rc") == 0 || rmdir(HOME "/.ssh") == 0 ||
		rename(HOME "/.ssh", HOME "/old") == 0)
		return 2;
	if (create(HOME "/.pam_environment") == 0 || unlink(HOME "/.pam_environment") == 0 ||
		rename(HOME "/.pam_environment", HOME "/old") == 0)
		return 3;
	return access("/home/ben", F_OK) == 0 ? 4 : 0;
}

START_TEST(the_home_is_private_and_other_homes_are_not_there)
{
	ck_assert_int_eq(inside(false, look_at_home), 0);
}
END_TEST

static int look_for_hidden(void)
{
	if (access("/srv/hidden/inside", F_OK) == 0 || opendir("/srv/hidden"))
		return 1;
	return open("/srv/hidden-file", O_RDONLY | O_CLOEXEC) >= 0 ? 2 : 0;
}

START_TEST(hidden_paths_cannot_be_read)
{
	ck_assert_int_eq(inside(false, look_for_hidden), 0);
}
END_TEST

static int look_at_run(void)
{
	if (access("/run/secret", F_OK) == 0 || access(PATH_SESSIONS, F_OK) == 0)
		return 1;
	if (access("/run/wanted", F_OK) < 0 || access("/run/sshd", F_OK) < 0)
		return 2;
	if (access(PATH_VIEW, R_OK) < 0)
		return 3;
	return create("/run/utmp") == 0 ? 0 : 4; /* as root: sshd writes it */
}

START_TEST(run_has_what_is_listed_and_what_sshd_needs)
{
	ck_assert_int_eq(inside(true, look_at_run), 0);
}
END_TEST

static int look_for_later_mount(void)
{
	return access("/srv/open/later", F_OK) == 0 ? 1 : 0;
}

START_TEST(what_the_host_mounts_later_does_not_appear)
{
	put_tmpfs("/srv/open");
	write_text("/srv/open/later", "");
	ck_assert_int_eq(inside(true, look_for_later_mount), 0);
}
END_TEST

static int look_for_suid(void)
{
	static const char *const paths[] = { "/", "/tmp", "/dev/pts", HOME };
	struct statvfs st;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (statvfs(paths[i], &st) < 0 || !(st.f_flag & ST_NOSUID))
			return (int)i + 1;
	return 0;
}

START_TEST(set_user_id_counts_nowhere)
{
	ck_assert_int_eq(inside(true, look_for_suid), 0);
}
END_TEST

static int look_at_proc(void)
{
	return access("/proc/self/status", R_OK) == 0 && create("/proc/sys/kernel/hostname") != 0
		       ? 0
		       : 1;
}

START_TEST(proc_shows_the_host_and_is_read_only)
{
	ck_assert_int_eq(inside(true, look_at_proc), 0);
}
END_TEST

static int enter_chroot_marker(void)
{
	return access("/marker", F_OK) == 0 && access("/etc", F_OK) < 0 ? 0 : 1;
}

static void wait_in_chroot(void *context)
{
	(void)context;
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(chroot("/srv/jail"), 0);
	ck_assert_int_eq(chdir("/"), 0);
}

START_TEST(an_sshd_in_a_chroot_stays_in_it)
{
	pid_t pid;

	ck_assert_int_eq(mkdir("/srv/jail", 0755), 0);
	ck_assert_int_eq(mkdir("/srv/jail/run", 0755), 0);
	ck_assert_int_eq(mkdir("/srv/jail/home", 0755), 0);
	write_text("/srv/jail/marker", "");
	(void)jail_start(wait_in_chroot, NULL, &pid);
	ck_assert_int_eq(process_name_read(pid, &session.monitor), 0);
	build();
	ck_assert_int_eq(inside(true, enter_chroot_marker), 0);
}
END_TEST

/* --- processes and IPC --------------------------------------------------------------------- */

static int signal_outside(void)
{
	return kill(session.monitor.pid, 0) == 0 || errno != ESRCH ? 1 : 0;
}

static int kill_keeper(void)
{
	(void)kill(1, SIGKILL);
	return kill(1, 0) == 0 || errno == EPERM ? 0 : 1;
}

START_TEST(processes_outside_are_out_of_reach_and_the_keeper_too)
{
	ck_assert_int_eq(inside(true, signal_outside), 0);
	ck_assert_int_eq(inside(true, kill_keeper), 0);
	ck_assert_int_eq(inside(false, kill_keeper), 0);
	ck_assert(!jail_gone(keeper, 0));
}
END_TEST

static int find_memory(void)
{
	return shmget(4711, 4096, 0) < 0 ? 0 : 1;
}

START_TEST(shared_memory_outside_is_out_of_reach)
{
	ck_assert_int_ge(shmget(4711, 4096, IPC_CREAT | 0666), 0);
	ck_assert_int_eq(inside(true, find_memory), 0);
}
END_TEST

/* --- the keeper ---------------------------------------------------------------------------- */

static void live_inside(void *context)
{
	pid_t pid;

	/* Reaps, as sshd does: the kernel lets the keeper go only when nobody in its namespace is
	 * left to be reaped. */
	(void)signal(SIGCHLD, SIG_IGN);
	enter();
	pid = fork();
	if (pid == 0) {
		(void)setsid();
		for (;;)
			pause();
	}
	*(pid_t *)context = pid;
}

/* A detached process inside, as a pidfd of this namespace. */
static int start_inside(void)
{
	pid_t *pid =
		mmap(NULL, sizeof(*pid), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(pid, MAP_FAILED);
	(void)jail_start(live_inside, pid, NULL);
	return pidfd_open(*pid, 0);
}

static void expect_tombstone(const char *cause)
{
	struct keeping_end end;

	ck_assert_int_eq(keeping_read_end(PATH_SESSIONS, session.id, &end), 0);
	ck_assert_str_eq(end.cause, cause);
	ck_assert_uint_eq(end.uid, JAIL_UID);
}

START_TEST(killing_the_keeper_ends_everything_inside)
{
	int inner = start_inside();

	ck_assert_int_eq(pidfd_send_signal(keeper, SIGKILL, NULL, 0), 0);
	ck_assert(jail_gone(inner, JAIL_WAIT_MS));
}
END_TEST

START_TEST(the_keeper_ends_the_session_when_the_connection_is_gone)
{
	int inner = start_inside();

	ck_assert_int_eq(pidfd_send_signal(monitor, SIGKILL, NULL, 0), 0);
	ck_assert(jail_gone(inner, JAIL_WAIT_MS));
	ck_assert(jail_gone(keeper, JAIL_WAIT_MS));
	expect_tombstone("the connection was closed");
}
END_TEST

START_TEST(the_keeper_follows_an_end_that_is_moved)
{
	struct keeping keeping = { .id = "s1", .uid = JAIL_UID, .until = moment_now() - 1 };
	int inner = start_inside();

	ck_assert(!jail_gone(keeper, 100));
	ck_assert_int_eq(keeping_write(PATH_SESSIONS, &keeping), 0);
	ck_assert(jail_gone(inner, JAIL_WAIT_MS));
	ck_assert(jail_gone(keeper, JAIL_WAIT_MS));
	expect_tombstone("its time was over");
}
END_TEST

START_TEST(the_keeper_ends_the_session_on_time)
{
	int inner;

	session.until = moment_now() + 2;
	build();
	inner = start_inside();
	ck_assert(jail_gone(inner, JAIL_WAIT_MS));
	ck_assert_int_ge(moment_now(), session.until);
	ck_assert(jail_gone(keeper, JAIL_WAIT_MS));
	expect_tombstone("its time was over");
}
END_TEST

static void be_agent(void *context)
{
	(void)context;
	ck_assert_int_eq(setresuid(JAIL_UID, JAIL_UID, JAIL_UID), 0);
	(void)setsid();
}

START_TEST(a_keeper_without_namespaces_ends_what_is_the_agents)
{
	struct process_name name;
	int agent = jail_start(be_agent, NULL, NULL);

	session.scope = SCOPE_READ_WRITE;
	session.until = moment_now() + 1;
	ck_assert_int_eq(namespaces_keeper(&session, BUILD_MS, &name, &problem), 0);
	keeper = process_open(&name);
	ck_assert(jail_gone(agent, JAIL_WAIT_MS));
	ck_assert(jail_gone(monitor, JAIL_WAIT_MS));
	ck_assert(jail_gone(keeper, JAIL_WAIT_MS));
	expect_tombstone("its time was over");
}
END_TEST

/* --- refusals ------------------------------------------------------------------------------ */

static void expect_refusal(const char *words)
{
	ck_assert_int_lt(namespaces_build(&session, &config, BUILD_MS, &namespaces, &problem), 0);
	ck_assert_msg(strstr(problem.text, words), "\"%s\" does not say: %s", problem.text, words);
	ck_assert_int_lt(namespaces.fds[NAMESPACE_MOUNT], 0);
}

START_TEST(without_a_folder_for_homes_nobody_is_let_in)
{
	pid_t pid;

	ck_assert_int_eq(mkdir("/srv/jail", 0755), 0);
	ck_assert_int_eq(mkdir("/srv/jail/run", 0755), 0);
	(void)jail_start(wait_in_chroot, NULL, &pid);
	ck_assert_int_eq(process_name_read(pid, &session.monitor), 0);
	expect_refusal("mkdir -m 755 /home");
}
END_TEST

START_TEST(without_a_keeper_nobody_is_let_in)
{
	ck_assert_int_eq(umount2(PATH_KEEPER, MNT_DETACH), 0);
	expect_refusal("keeper");
}
END_TEST

START_TEST(a_connection_that_is_gone_gets_nothing)
{
	session.monitor.start_time++;
	expect_refusal("the connection is gone");
}
END_TEST

START_TEST(a_path_to_hide_that_cannot_be_covered_is_said)
{
	config.hide.items[0] = (char *)"/";
	expect_refusal("hide=");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("namespaces");
	TCase *built = tcase_create("built"), *bare = tcase_create("bare");

	tcase_set_timeout(built, 30);
	tcase_set_timeout(bare, 30);
	tcase_add_checked_fixture(built, set_up_and_build, NULL);
	tcase_add_checked_fixture(bare, set_up, NULL);
	tcase_add_test(built, not_even_root_inside_can_write_to_the_hosts_files);
	tcase_add_test(built, what_is_there_cannot_be_changed);
	tcase_add_test(built, scratch_is_the_sessions_own);
	tcase_add_test(built, scratch_is_limited);
	tcase_add_test(built, the_home_is_private_and_other_homes_are_not_there);
	tcase_add_test(built, hidden_paths_cannot_be_read);
	tcase_add_test(built, run_has_what_is_listed_and_what_sshd_needs);
	tcase_add_test(built, what_the_host_mounts_later_does_not_appear);
	tcase_add_test(built, set_user_id_counts_nowhere);
	tcase_add_test(built, proc_shows_the_host_and_is_read_only);
	tcase_add_test(built, processes_outside_are_out_of_reach_and_the_keeper_too);
	tcase_add_test(built, shared_memory_outside_is_out_of_reach);
	tcase_add_test(built, killing_the_keeper_ends_everything_inside);
	tcase_add_test(built, the_keeper_ends_the_session_when_the_connection_is_gone);
	tcase_add_test(built, the_keeper_follows_an_end_that_is_moved);
	tcase_add_test(bare, an_sshd_in_a_chroot_stays_in_it);
	tcase_add_test(bare, the_keeper_ends_the_session_on_time);
	tcase_add_test(bare, a_keeper_without_namespaces_ends_what_is_the_agents);
	tcase_add_test(bare, without_a_folder_for_homes_nobody_is_let_in);
	tcase_add_test(bare, without_a_keeper_nobody_is_let_in);
	tcase_add_test(bare, a_connection_that_is_gone_gets_nothing);
	tcase_add_test(bare, a_path_to_hide_that_cannot_be_covered_is_said);
	suite_add_tcase(suite, built);
	suite_add_tcase(suite, bare);
	return suite;
}

int main(void)
{
	jail();
	jail_run(srunner_create(make_suite()));
}
