/* SPDX-License-Identifier: MIT */

/* One SQLite file. What must be on the disk when a function returns is there because of WAL with
 * synchronous=FULL; what must not be half there is one transaction. The pragmas are few and each
 * is for safety: trusted_schema and cell_size_check because a damaged file must not become code. */

#include "host/store.h"
#include "host/facts.h"
#include "host/query.h"
#include "host/store_private.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define STORE_BUSY_MS 2000
#define CLOSED_TRIES  4

/* Step N takes a store of version N to N+1. */
static const char *const migrations[] = { store_schema };
#define STORE_VERSION ((int64_t)(sizeof(migrations) / sizeof(migrations[0])))

static int say(struct store *store, struct problem *problem, int code, const char *what)
{
	int r = query_error(code);

	if (r == -EUCLEAN)
		return problem_say(problem, r,
			"the store %s is damaged (%s): support access stays closed. Keep the file, "
			"put back a copy or move it away, then: supportaccess doctor",
			store->path, sqlite3_errmsg(store->db));
	return problem_say(problem, r, "cannot %s the store %s: %s", what, store->path,
		sqlite3_errmsg(store->db));
}

static int run(struct store *store, const char *sql)
{
	return sqlite3_exec(store->db, sql, NULL, NULL, NULL);
}

/* The first column of the first row, as number or text. */
static int ask(
	struct store *store, const char *sql, int64_t *ret_number, char *ret_text, size_t text_size)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store, sql, &query);

	if (r < 0)
		return r;
	r = query_step(&query);
	if (r <= 0)
		return r < 0 ? r : -EUCLEAN;
	if (ret_number)
		*ret_number = query_get_int(&query, 0);
	if (ret_text)
		return query_get_text(&query, 0, ret_text, text_size);
	return 0;
}

static int check(struct store *store, const char *pragma, struct problem *problem)
{
	char text[512] = "";
	int r = ask(store, pragma, NULL, text, sizeof(text));

	if (r == 0 && strcmp(text, "ok") == 0)
		return 0;
	if (r < 0 && r != -EUCLEAN)
		return problem_say(problem, r, "cannot check the store %s: %s", store->path,
			sqlite3_errmsg(store->db));
	return problem_say(problem, -EUCLEAN,
		"the store %s is damaged (%s): support access stays closed. Keep the file, put "
		"back "
		"a copy or move it away, then: supportaccess doctor",
		store->path, text[0] ? text : sqlite3_errmsg(store->db));
}

static int migrate_step(struct store *store, int64_t version)
{
	char sql[64];
	int code = run(store, migrations[version]);

	if (code != SQLITE_OK)
		return code;
	if (version == 0 && generation_renew(store) < 0)
		return SQLITE_IOERR;
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %" PRId64, version + 1);
	return run(store, sql);
}

/* Under the write lock, so that two programs that start at once do not both migrate. */
static int migrate(struct store *store, struct problem *problem)
{
	int64_t version = 0;
	int code = SQLITE_OK, r;

	r = store_begin(store, problem);
	if (r < 0)
		return r;
	r = ask(store, "PRAGMA user_version", &version, NULL, 0);
	for (int64_t v = version; r == 0 && code == SQLITE_OK && v < STORE_VERSION; v++)
		code = migrate_step(store, v);
	if (r == 0 && code == SQLITE_OK)
		return store_commit(store, problem);
	if (code != SQLITE_OK)
		r = say(store, problem, code, "migrate");
	store_rollback(store);
	return r;
}

static int prepare(struct store *store, bool checked, struct problem *problem)
{
	int64_t version = 0;
	int code, r;

	(void)sqlite3_extended_result_codes(store->db, 1);
	(void)sqlite3_busy_timeout(store->db, STORE_BUSY_MS);
	code = run(store, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
			  "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
	if (code == SQLITE_OK && !store->read_only)
		code = run(store, "PRAGMA journal_mode = WAL");
	if (code != SQLITE_OK)
		return say(store, problem, code, "open");
	r = checked ? 0 : check(store, "PRAGMA quick_check(1)", problem);
	if (r < 0)
		return r;
	r = ask(store, "PRAGMA user_version", &version, NULL, 0);
	if (r < 0)
		return r;
	if (version > STORE_VERSION)
		return problem_say(problem, -EPROTONOSUPPORT,
			"the store %s is of a newer version of supportaccess (%" PRId64
			", this one knows %" PRId64 "): install that version again",
			store->path, version, STORE_VERSION);
	return version == STORE_VERSION ? 0 : migrate(store, problem);
}

/* SQLite would create it readable by all; its WAL gets the mode of the file. */
static int make_file(struct store *store, bool create, struct problem *problem)
{
	_cleanup_(closep) int fd = -EBADF;
	const char *path = store->path;
	struct stat st;

	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0), 0600);
	store->read_only = fd < 0 && errno == EROFS;
	if (store->read_only)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && fstat(fd, &st) == 0) {
		store->device = st.st_dev;
		store->inode = st.st_ino;
		return 0;
	}
	if (errno == ENOENT)
		return problem_say(problem, -ENOENT,
			"there is no store %s: this host is not enrolled (supportaccess enroll "
			"URL)",
			path);
	return problem_say(problem, -errno, "cannot open the store %s: %s", path, strerror(errno));
}

/* Where nothing can be written SQLite reads a store with a WAL only if the WAL's index is there,
 * too, which a daemon that runs keeps. Without it nobody else has the store open, and the file is
 * read as it is. */
static int connect_to(struct store *store, struct problem *problem)
{
	_cleanup_(freep) char *index = NULL, *uri = NULL;
	int code;

	if (asprintf(&index, "%s-shm", store->path) < 0)
		return -ENOMEM;
	if (asprintf(&uri, "file:%s%s", store->path,
		    store->read_only && access(index, F_OK) < 0 ? "?immutable=1" : "") < 0)
		return -ENOMEM;
	code = sqlite3_open_v2(uri, &store->db,
		SQLITE_OPEN_URI | (store->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE),
		NULL);
	return code == SQLITE_OK ? 0 : say(store, problem, code, "open");
}

static int open_store(
	const char *path, bool create, bool checked, struct store **ret, struct problem *problem)
{
	_cleanup_(store_freep) struct store *store = NULL;
	int r;

	store = calloc(1, sizeof(*store));
	if (!store)
		return -ENOMEM;
	store->closed_at = store->facts_at = -1;
	store->path = strdup(path);
	if (!store->path)
		return -ENOMEM;
	r = make_file(store, create, problem);
	if (r == 0)
		r = connect_to(store, problem);
	if (r == 0)
		r = prepare(store, checked, problem);
	if (r < 0)
		return r;
	(void)generation_catch_up(store); /* as after a commit: the store holds either way */
	*ret = TAKE_PTR(store);
	return 0;
}

static void forget_facts(struct store *store)
{
	for (size_t i = 0; i < KEPT_FACTS_MAX; i++)
		free(store->facts[i].value);
	memset(store->facts, 0, sizeof(store->facts));
}

int store_open(const char *path, bool create, struct store **ret, struct problem *problem)
{
	return open_store(path, create, false, ret, problem);
}

int store_open_checked(const char *path, struct store **ret, struct problem *problem)
{
	return open_store(path, false, true, ret, problem);
}

void store_free(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < STORE_STATEMENTS_MAX; i++)
		(void)sqlite3_finalize(store->kept[i].statement);
	(void)sqlite3_close(store->db);
	kept_login_free(store->login);
	forget_facts(store);
	free(store->path);
	free(store->tombstones);
	free(store);
}

int store_check(struct store *store, struct problem *problem)
{
	return check(store, "PRAGMA integrity_check(1)", problem);
}

int store_begin(struct store *store, struct problem *problem)
{
	int code = run(store, "BEGIN IMMEDIATE");

	if (code != SQLITE_OK)
		return say(store, problem, code, "write to");
	store->in_transaction = true;
	store->ends_access = false;
	return 0;
}

int store_commit(struct store *store, struct problem *problem)
{
	bool ends_access = store->ends_access;
	int code = SQLITE_OK, r = 0;

	if (ends_access)
		r = generation_raise(store);
	if (r == 0)
		code = run(store, "COMMIT");
	if (r < 0 || code != SQLITE_OK) {
		r = r < 0 ? problem_say(problem, r, "cannot write to the store %s", store->path)
			  : say(store, problem, code, "write to");
		store_rollback(store);
		return r;
	}
	store->in_transaction = false;
	/* The commit holds either way; without the note an older copy is noticed one step later. */
	if (ends_access)
		(void)generation_note(store);
	return 0;
}

void store_rollback(struct store *store)
{
	if (store->in_transaction)
		(void)run(store, "ROLLBACK");
	store->in_transaction = false;
}

static int step(struct store *store, const char *sql)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r = query_open(store, sql, &query);

	return r < 0 ? r : query_run(&query);
}

/* Begins to read, and knows by then whether the store is closed: within the reading the notes may
 * be newer than what is read, and a store that somebody else writes would look like an old one. */
static int begin_closed_known(struct store *store, int64_t *ret_generation)
{
	for (int tries = 0;; tries++) {
		int64_t generation;
		int r = step(store, "BEGIN");

		if (r < 0)
			return r;
		generation = store_generation(store);
		if (generation >= 0 && (generation == store->closed_at || tries == CLOSED_TRIES)) {
			*ret_generation = generation;
			return 0;
		}
		(void)step(store, "COMMIT");
		if (generation < 0)
			return (int)generation;
		(void)store_closed(store);
	}
}

int store_read_begin(struct store *store)
{
	int64_t generation = 0;
	int r;

	if (store->in_transaction)
		return 0;
	r = begin_closed_known(store, &generation);
	if (r < 0)
		return r;
	if (generation != store->facts_at)
		forget_facts(store);
	store->facts_at = store->read_generation = generation;
	store->reading = true;
	return 0;
}

void store_read_end(struct store *store)
{
	if (store->reading)
		(void)step(store, "COMMIT");
	store->reading = false;
}

bool store_in_transaction(struct store *store)
{
	return store->in_transaction;
}

int store_ends_access(struct store *store)
{
	if (!store->in_transaction)
		return -EINVAL;
	store->ends_access = true;
	return 0;
}

static const char *why_closed(struct store *store)
{
	int64_t epoch;

	if (store->distrusted)
		return store->distrusted;
	if (store_get_int(store, FACT_EPOCH, &epoch) < 0)
		return "no epoch was set for it";
	if (generation_is_old(store) != 0)
		return "it was put back from an older copy, or everything was ended while it "
		       "could not be read";
	return NULL;
}

const char *store_closed(struct store *store)
{
	int64_t generation = store_generation(store);

	if (generation < 0)
		return "it cannot be read";
	if (generation != store->closed_at) {
		store->closed = why_closed(store);
		store->closed_at = generation;
	}
	return store->closed;
}

/* The first epoch accepts a new store; a later one gives it another identity and discards what
 * was decided before. */
int store_set_epoch(struct store *store, int64_t epoch)
{
	_cleanup_(query_done) struct query query = QUERY_NONE;
	int r;

	r = store_ends_access(store);
	if (r == 0)
		r = store_set_int(store, FACT_EPOCH, epoch);
	if (r == 0)
		r = generation_renew(store);
	if (r == 0)
		r = query_open(store, "UPDATE documents SET backed = 0 WHERE type = ?", &query);
	if (r < 0)
		return r;
	query_int(&query, 1, DOCUMENT_DECISION);
	return query_run(&query);
}

void store_look_again(struct store *store)
{
	store->closed_at = -1;
}

void store_distrust(struct store *store, const char *why)
{
	store->distrusted = why;
	store_look_again(store);
}

int store_condemn(const char *path, const char *tombstones)
{
	return generation_condemn(path, tombstones);
}

bool store_is_in_place(const struct store *store)
{
	struct stat st;

	if (store->in_transaction || store->reading)
		return true; /* asked again behind it */
	return stat(store->path, &st) == 0 && st.st_dev == store->device &&
	       st.st_ino == store->inode && !(store->read_only && access(store->path, W_OK) == 0);
}

int store_use_tombstones(struct store *store, const char *dir)
{
	char *copy = NULL;

	if (dir) {
		copy = strdup(dir);
		if (!copy)
			return -ENOMEM;
	}
	free(store->tombstones);
	store->tombstones = copy;
	(void)generation_begin(store); /* without it less is noticed, and nothing is opened */
	store->closed_at = -1;
	return 0;
}

const char *store_tombstones(struct store *store)
{
	return store->tombstones;
}

int64_t store_generation(struct store *store)
{
	int64_t version;
	int r;

	if (store->reading)
		return store->read_generation;
	r = ask(store, "PRAGMA data_version", &version, NULL, 0);

	return r < 0 ? r : version + sqlite3_total_changes64(store->db);
}
