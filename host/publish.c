/* SPDX-License-Identifier: MIT */

/* Everything is computed anew and only what differs is written, so publishing twice does nothing
 * and publishing after any crash repairs. Keys before the view when access opens or ends makes no
 * difference: each of them is a lock of its own, and the account check is asked in any case. */

#include "host/publish.h"
#include "host/accounts.h"
#include "host/groups.h"
#include "host/lock.h"
#include "host/publish_keys.h"
#include "lib/child.h"
#include "lib/paths.h"
#include "lib/view.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_NSCD           "/usr/sbin/nscd"
#define PATH_NSCD_SOCKET    "/run/nscd/socket"
#define NSCD_MS             1000
#define PUBLISH_PATIENCE_MS 5000

/* One account as it will be published. */
struct entry {
	char name[ACCOUNT_NAME_MAX + 1], full_name[ACCOUNT_FULL_NAME_MAX + 1];
	char home[VIEW_HOME_MAX + 1];
	uint32_t uid;
	enum scope scope; /* the widest that is open; SCOPE_NONE: nothing is */
	struct key_line keys[KEYS_OF_ACCOUNT_MAX];
	size_t n_keys;
};

struct publishing {
	struct entry *entries; /* ascending uids */
	size_t n_entries;
};

/* --- what is to be ------------------------------------------------------------------------ */

/* A line of passwd has no place for colons, gecos none for commas. */
static void make_gecos(const char *full_name, char *ret, size_t ret_size)
{
	snprintf(ret, ret_size, "%s", full_name);
	for (; *ret; ret++)
		if (*ret == ':' || *ret == ',' || *ret == '&' || *ret == '=')
			*ret = ' ';
}

static void add_key(struct entry *entry, const char *key, bool open)
{
	for (size_t i = 0; i < entry->n_keys; i++)
		if (strcmp(entry->keys[i].key, key) == 0) {
			entry->keys[i].open |= open;
			return;
		}
	if (entry->n_keys == KEYS_OF_ACCOUNT_MAX)
		return; /* the ninth key waits until one of the others is over */
	snprintf(entry->keys[entry->n_keys].key, sizeof(entry->keys[0].key), "%s", key);
	entry->keys[entry->n_keys++].open = open;
}

static int add_account(void *context, const struct account_row *account)
{
	struct publishing *publishing = context;
	struct entry *entry;

	if (account->conflict)
		return 0;
	entry = reallocarray(publishing->entries, publishing->n_entries + 1, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	publishing->entries = entry;
	entry += publishing->n_entries++;
	*entry = (struct entry){ .uid = account->uid };
	snprintf(entry->name, sizeof(entry->name), "%s%s", ACCOUNT_PREFIX, account->login);
	snprintf(entry->home, sizeof(entry->home), "/home/%s", entry->name);
	make_gecos(account->full_name, entry->full_name, sizeof(entry->full_name));
	add_key(entry, account->key, false);
	return 0;
}

static int by_uid(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->uid > y->uid) - (x->uid < y->uid);
}

static int add_grant(void *context, const struct grants_row *row)
{
	struct publishing *publishing = context;
	struct entry wanted = { .uid = row->uid };
	struct entry *entry;
	bool open = row->grant.verdict == VERDICT_OK;

	entry = publishing->n_entries ? bsearch(&wanted, publishing->entries, publishing->n_entries,
						sizeof(wanted), by_uid)
				      : NULL;
	if (!entry)
		return 0;
	add_key(entry, row->request->agent.key, open);
	if (open && row->grant.scope > entry->scope)
		entry->scope = row->grant.scope;
	return 0;
}

/* --- the view ----------------------------------------------------------------------------- */

/* The groups of a scope: ours, and those of the configuration that this machine has. */
struct scope_groups {
	gid_t gids[VIEW_GIDS_MAX];
	size_t n_gids;
};

static void resolve_scope(const struct config *config, enum scope scope, struct scope_groups *ret)
{
	const struct {
		enum scope scope;
		gid_t gid;
		const struct config_list *names;
	} rows[] = {
		{ SCOPE_READ_ONLY, ACCOUNT_GID_READONLY, &config->groups_read_only },
		{ SCOPE_READ_WRITE, ACCOUNT_GID_READWRITE, &config->groups_read_write },
		{ SCOPE_ADMIN, ACCOUNT_GID_ADMIN, &config->groups_admin },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].scope != scope || ret->n_gids)
			continue;
		/* Without an answer the session has fewer groups, never more. */
		if (groups_resolve(rows[i].names, ret->gids + 1, VIEW_GIDS_MAX - 1, &ret->n_gids) <
			0)
			ret->n_gids = 0;
		ret->gids[0] = rows[i].gid;
		ret->n_gids++;
	}
}

static void make_account(
	const struct entry *entry, const struct scope_groups *groups, struct view_account *ret)
{
	*ret = (struct view_account){ .name = entry->name,
		.full_name = entry->full_name,
		.home = entry->home,
		.uid = entry->uid,
		.gid = ACCOUNT_GID,
		.shell = entry->scope ? PATH_LOGIN_SHELL : PATH_NOLOGIN };
	if (!entry->scope)
		return;
	memcpy(ret->gids, groups->gids, groups->n_gids * sizeof(groups->gids[0]));
	ret->gids_count = groups->n_gids;
}

static bool is_same(const struct view_account *a, const struct view_account *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->full_name, b->full_name) == 0 &&
	       strcmp(a->home, b->home) == 0 && strcmp(a->shell, b->shell) == 0 &&
	       a->uid == b->uid && a->gid == b->gid && a->gids_count == b->gids_count &&
	       memcmp(a->gids, b->gids, a->gids_count * sizeof(a->gids[0])) == 0;
}

/* True if readers find exactly these accounts in what is published. */
static bool view_is_current(const char *path, const struct view_account *accounts, size_t n)
{
	_cleanup_(view_close) struct view view = VIEW_NONE;
	struct view_account account;
	char buffer[VIEW_TEXT_MAX];

	if (view_open(path, geteuid(), &view) < 0 || view_is_superseded(&view))
		return false;
	for (size_t i = 0; i < n; i++)
		if (view_account_at(&view, i, buffer, sizeof(buffer), &account) < 0 ||
			!is_same(&account, &accounts[i]))
			return false;
	return view_account_at(&view, n, buffer, sizeof(buffer), &account) == -ENODATA;
}

static void tell_nscd(void)
{
	static const char *const databases[] = { "passwd", "group" };

	if (access(PATH_NSCD_SOCKET, F_OK) < 0)
		return;
	for (size_t i = 0; i < sizeof(databases) / sizeof(databases[0]); i++) {
		const char *const argv[] = { PATH_NSCD, "-i", databases[i], NULL };
		struct child child = { .path = PATH_NSCD, .argv = argv, .timeout_ms = NSCD_MS };
		struct child_result result;

		if (child_run(&child, &result) == 0)
			child_result_done(&result);
	}
}

static int publish_view(
	const struct config *config, const struct publishing *publishing, const char *path)
{
	_cleanup_(freep) struct view_account *accounts =
		calloc(publishing->n_entries + 1, sizeof(*accounts));
	struct scope_groups groups[SCOPE_ADMIN + 1] = { 0 };
	int r;

	if (!accounts)
		return -ENOMEM;
	for (size_t i = 0; i < publishing->n_entries; i++) {
		const struct entry *entry = &publishing->entries[i];

		resolve_scope(config, entry->scope, &groups[entry->scope]);
		make_account(entry, &groups[entry->scope], &accounts[i]);
	}
	if (view_is_current(path, accounts, publishing->n_entries))
		return 0;
	r = view_publish(path, accounts, publishing->n_entries);
	if (r == 0)
		tell_nscd();
	return r;
}

/* --- the key files ------------------------------------------------------------------------ */

static bool is_known(void *context, const char *name)
{
	const struct publishing *publishing = context;

	for (size_t i = 0; i < publishing->n_entries; i++)
		if (strcmp(publishing->entries[i].name, name) == 0)
			return true;
	return false;
}

static int publish_all_keys(struct publishing *publishing, const char *path)
{
	_cleanup_(closep) int dir = -EBADF;
	int r = 0;

	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0)
		return -errno;
	for (size_t i = 0; i < publishing->n_entries; i++) {
		const struct entry *entry = &publishing->entries[i];
		int written = publish_keys(dir, entry->name, entry->keys, entry->n_keys);

		r = r < 0 ? r : written;
	}
	if (r < 0)
		return r;
	return publish_keys_prune(dir, publishing->n_entries, is_known, publishing);
}

/* --- all ---------------------------------------------------------------------------------- */

static int make_dir(const char *path)
{
	if (mkdir(path, 0755) < 0)
		return errno == EEXIST ? 0 : -errno;
	return chmod(path, 0755) < 0 ? -errno : 0;
}

/* Whoever holds it publishes; the next one waits and finds it done. */
static int take_lock(const char *view, int *ret)
{
	_cleanup_(freep) char *dir = strdup(view), *path = NULL;
	int r;

	if (!dir || asprintf(&path, "%s.lock", view) < 0)
		return -ENOMEM;
	*strrchr(dir, '/') = '\0';
	r = make_dir(dir);
	if (r < 0)
		return r;
	r = lock_take(path, PUBLISH_PATIENCE_MS);
	if (r < 0)
		return r;
	*ret = r;
	return 0;
}

/* Under the lock, so that an older reading never overwrites a newer one. */
static int compute(struct store *store, const struct config *config, int64_t now,
	struct publishing *publishing, struct problem *problem)
{
	_cleanup_(grants_host_done) struct grant_host host = { 0 };
	int r = grants_host(store, config, now, &host, problem);

	if (r == 0)
		r = accounts_each(store, add_account, publishing);
	if (r == 0)
		r = grants_each_open(store, &host, NULL, now, add_grant, publishing);
	return r;
}

int publish(struct store *store, const struct config *config, const struct publish_paths *paths,
	int64_t now, struct problem *problem)
{
	_cleanup_(closep) int lock = -EBADF;
	struct publishing publishing = { 0 };
	int keys, view, r;

	r = take_lock(paths->view, &lock);
	if (r == 0)
		r = make_dir(paths->keys_dir);
	if (r < 0)
		return problem_say(
			problem, r, "cannot publish accounts to %s: %s", paths->view, strerror(-r));
	r = compute(store, config, now, &publishing, problem);
	if (r < 0) {
		free(publishing.entries);
		return problem_say(problem, r, "cannot read grants: %s", strerror(-r));
	}
	keys = publish_all_keys(&publishing, paths->keys_dir);
	view = publish_view(config, &publishing, paths->view);
	free(publishing.entries);
	if (keys < 0)
		return problem_say(problem, keys, "cannot write key files to %s: %s",
			paths->keys_dir, strerror(-keys));
	if (view < 0)
		return problem_say(problem, view, "cannot write the view %s: %s", paths->view,
			strerror(-view));
	return 0;
}
