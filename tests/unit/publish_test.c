/* SPDX-License-Identifier: MIT */

/* What sshd and the name service find. */

#include "host/tombstones.h"
#include "lib/paths.h"
#include "lib/view.h"
#include "tests/unit/host_fixture.h"

static char view_path[160], keys_path[160], file[8192], buffer[VIEW_TEXT_MAX];

static void publish_now(int64_t now)
{
	struct publish_paths paths = { view_path, keys_path };

	snprintf(view_path, sizeof(view_path), "%s/view/accounts", dir);
	snprintf(keys_path, sizeof(keys_path), "%s/keys", dir);
	problem = PROBLEM_NONE;
	ck_assert_msg(publish(store, &config, &paths, now, &problem) == 0, "%s", problem.text);
}

static const char *key_file(const char *name)
{
	char *where = NULL;
	FILE *f;
	size_t n;

	ck_assert_int_gt(asprintf(&where, "%s/%s", keys_path, name), 0);
	f = fopen(where, "re");
	free(where);
	if (!f)
		return "";
	n = fread(file, 1, sizeof(file) - 1, f);
	file[n] = '\0';
	fclose(f);
	return file;
}

static struct view_account account(const char *name)
{
	struct view_account found = { 0 };
	struct view view;

	ck_assert_int_eq(view_open(view_path, geteuid(), &view), 0);
	(void)view_account_by_name(&view, name, buffer, sizeof(buffer), &found);
	view_close(&view);
	return found;
}

static bool is_open(void)
{
	bool shell = strcmp(account("support-ana").shell, PATH_LOGIN_SHELL) == 0;
	bool line = strncmp(key_file("support-ana"), "restrict,pty,command=\"" PATH_LOGIN_SHELL,
			    22 + strlen(PATH_LOGIN_SHELL)) == 0;

	ck_assert_int_eq(shell, line);
	if (!line)
		ck_assert_int_eq(strncmp(key_file("support-ana"),
					 "restrict,command=\"" PATH_NOLOGIN "\" ssh-ed25519 ", 46),
			0);
	return shell;
}

START_TEST(who_asks_gets_an_account_that_refuses)
{
	struct made request = asked();

	publish_now(NOW);
	ck_assert(!is_open());
	ck_assert_str_eq(account("support-ana").full_name, "Ana Sousa");
	ck_assert_str_eq(account("support-ana").home, "/home/support-ana");
	ck_assert_uint_eq(account("support-ana").gid, ACCOUNT_GID);
	made_done(&request);
}
END_TEST

START_TEST(it_is_open_from_the_approval_to_the_end)
{
	struct made request = asked();

	approved(&request);
	publish_now(NOW);
	ck_assert(is_open());
	ck_assert_uint_eq(account("support-ana").gids[0], ACCOUNT_GID_READONLY);
	publish_now(NOW + 4 * HOUR);
	ck_assert(!is_open());
	made_done(&request);
}
END_TEST

START_TEST(a_revocation_shuts_it)
{
	struct made request = asked();
	struct document revocation = a_revocation(&request);

	approved(&request);
	publish_now(NOW);
	ck_assert(is_open());
	ACCEPTED(send(&revocation, "carol", NULL));
	publish_now(NOW);
	ck_assert(!is_open());
	made_done(&request);
}
END_TEST

START_TEST(a_tombstone_shuts_it_while_the_store_cannot_be_written)
{
	struct made request = asked();
	struct tombstone tombstone = { .at = NOW, .by = "root@db1", .text = "disk full" };

	approved(&request);
	ck_assert_int_eq(store_use_tombstones(store, dir), 0);
	ck_assert_int_eq(tombstone_write(dir, request.digest, &tombstone), 0);
	publish_now(NOW);
	ck_assert(!is_open());
	ck_assert_str_eq(granted("ana", NOW).by, "root@db1");
	ck_assert_int_eq(tombstones_settle(store, NOW, &problem), 1);
	ck_assert_int_eq(tombstones_settle(store, NOW, &problem), 0);
	ck_assert_int_eq(events("revoked", "disk full"), 1);
	ck_assert_int_eq(verdict("ana"), VERDICT_REVOKED);
	made_done(&request);
}
END_TEST

START_TEST(off_shuts_it_and_on_opens_it_again)
{
	struct made request = asked();

	approved(&request);
	ck_assert_int_eq(host_switch(store, true, NOW, "root", "maintenance", &problem), 0);
	ck_assert_int_eq(host_switch(store, true, NOW, "root", "maintenance", &problem), 1);
	publish_now(NOW);
	ck_assert(!is_open());
	ck_assert_int_eq(verdict("ana"), VERDICT_OFF);
	ck_assert_int_eq(host_switch(store, false, NOW, "root", "", &problem), 0);
	publish_now(NOW);
	ck_assert(is_open());
	made_done(&request);
}
END_TEST

START_TEST(an_account_of_another_source_is_withdrawn)
{
	struct made request = asked();

	approved(&request);
	publish_now(NOW);
	foreign_name = "support-ana";
	ck_assert_int_eq(accounts_check(store, probe, NOW, &problem), 0);
	publish_now(NOW);
	ck_assert_ptr_null(account("support-ana").name);
	ck_assert_str_eq(key_file("support-ana"), "");
	ck_assert_int_eq(events("account", "another source"), 1);
	foreign_name = "";
	ck_assert_int_eq(accounts_check(store, probe, NOW, &problem), 0);
	publish_now(NOW);
	ck_assert(is_open());
	made_done(&request);
}
END_TEST

START_TEST(publishing_again_writes_nothing)
{
	struct made request = asked();
	struct stat before, after;

	approved(&request);
	publish_now(NOW);
	ck_assert_int_eq(stat(view_path, &before), 0);
	publish_now(NOW);
	ck_assert_int_eq(stat(view_path, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	made_done(&request);
}
END_TEST

START_TEST(a_damaged_view_is_written_again)
{
	struct made request = asked();

	approved(&request);
	publish_now(NOW);
	ck_assert_int_eq(truncate(view_path, 100), 0);
	publish_now(NOW);
	ck_assert(is_open());
	made_done(&request);
}
END_TEST

START_TEST(sshd_may_read_the_files_and_nobody_else_may_write_them)
{
	struct made request = asked();
	struct stat st;

	publish_now(NOW);
	ck_assert_int_eq(stat(keys_path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0755);
	ck_assert_int_eq(stat(in(keys_path, "support-ana"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0644);
	made_done(&request);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		who_asks_gets_an_account_that_refuses,
		it_is_open_from_the_approval_to_the_end,
		a_revocation_shuts_it,
		a_tombstone_shuts_it_while_the_store_cannot_be_written,
		off_shuts_it_and_on_opens_it_again,
		an_account_of_another_source_is_withdrawn,
		publishing_again_writes_nothing,
		a_damaged_view_is_written_again,
		sshd_may_read_the_files_and_nobody_else_may_write_them,
	};

	return RUN_TESTS("publish", tests);
}
