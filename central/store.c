/* SPDX-License-Identifier: MIT */

/* The file itself: opening, bringing it to the newest schema, knowing when somebody else wrote.
 *
 * WAL with synchronous=FULL: what was answered 201 survives kill -9 and a power cut. Other
 * processes write too (the admin's verbs, another instance), and long polls must wake for those
 * as well: every commit grows the -wal file, so inotify on the folder tells, and SQLite's
 * data_version says whether it was somebody else. */

#include "central/store_sql.h"
#include "core/digest.h"
#include "lib/base32.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#define BUSY_MS 5000

/* Each script brings the database from the version that is its place in the list to the next. */
extern const char central_schema_1[];
__asm__(".pushsection .rodata\n"
	".global central_schema_1\n"
	".hidden central_schema_1\n"
	"central_schema_1:\n"
	".incbin \"central/schema.sql\"\n"
	".byte 0\n"
	".popsection\n");

static const char *const schemas[] = { central_schema_1 };
#define SCHEMA_VERSION ((int)(sizeof(schemas) / sizeof(schemas[0])))

static const struct {
	enum role role;
	const char *name;
} roles[] = {
	{ ROLE_AGENT, "agent" },
	{ ROLE_APPROVER, "approver" },
	{ ROLE_HOST, "host" },
	{ ROLE_OPERATOR, "operator" },
};

const char *role_name(enum role role)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (roles[i].role == role)
			return roles[i].name;
	return "none";
}

enum role role_from_name(const char *name)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strcmp(roles[i].name, name) == 0)
			return roles[i].role;
	return ROLE_NONE;
}

static int epoch_make(char ret[static CENTRAL_EPOCH_LEN + 1])
{
	uint8_t random[(CENTRAL_EPOCH_LEN * 5 + 7) / 8];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	base32_encode_lower(random, CENTRAL_EPOCH_LEN, ret);
	return 0;
}

static int epoch_write(struct central *central)
{
	char epoch[CENTRAL_EPOCH_LEN + 1];
	int r = epoch_make(epoch);

	if (r < 0)
		return r;
	return sql_run(central, "INSERT OR REPLACE INTO meta VALUES ('epoch', ?)", "s", epoch);
}

int central_epoch(struct central *central, char ret[static CENTRAL_EPOCH_LEN + 1])
{
	_cleanup_(sql_donep) sqlite3_stmt *statement = NULL;
	int r;

	r = sql_query(central, &statement, "SELECT value FROM meta WHERE name = 'epoch'", "");
	if (r < 0)
		return r;
	r = sql_next(statement);
	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	return sql_copy(statement, 0, ret, CENTRAL_EPOCH_LEN + 1);
}

int central_epoch_new(struct central *central)
{
	_cleanup_(sql_rollbackp) struct central *writing = NULL;
	int r;

	r = sql_begin(central, &writing);
	if (r < 0)
		return r;
	r = epoch_write(central);
	if (r < 0)
		return r;
	return sql_commit(&writing);
}

/* A database without an epoch is a backup that was restored: see central_backup. */
static int give_epoch(struct central *central, struct central **writing)
{
	int64_t there;
	int r = sql_number(central, &there, "SELECT count(*) FROM meta WHERE name = 'epoch'", "");

	if (r < 0 || there)
		return r;
	r = epoch_write(central);
	return r < 0 ? r : sql_commit(writing);
}

static int migrate(struct central *central, struct problem *problem)
{
	_cleanup_(sql_rollbackp) struct central *writing = NULL;
	char pragma[64];
	int64_t version;
	int r;

	r = sql_begin(central, &writing);
	if (r < 0)
		return r;
	r = sql_number(central, &version, "PRAGMA user_version", "");
	if (r < 0)
		return r;
	if (version > SCHEMA_VERSION)
		return problem_say(problem, -EPROTO,
			"%s: written by a newer supportaccess-central (schema %lld, this program "
			"knows "
			"%d); run that one",
			central->path, (long long)version, SCHEMA_VERSION);
	if (version == SCHEMA_VERSION)
		return give_epoch(central, &writing);
	for (int64_t i = version; i < SCHEMA_VERSION; i++)
		if (sqlite3_exec(central->db, schemas[i], NULL, NULL, NULL) != SQLITE_OK)
			return problem_say(problem, -EIO, "%s: schema %lld: %s", central->path,
				(long long)i + 1, sqlite3_errmsg(central->db));
	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", SCHEMA_VERSION);
	if (sqlite3_exec(central->db, pragma, NULL, NULL, NULL) != SQLITE_OK)
		return -EIO;
	r = version == 0 ? epoch_write(central) : 0;
	return r < 0 ? r : sql_commit(&writing);
}

static void make_folder(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (!slash || slash == path || (size_t)(slash - path) >= sizeof(folder))
		return;
	memcpy(folder, path, (size_t)(slash - path));
	folder[slash - path] = '\0';
	(void)mkdir(folder, 0700); /* what is wrong with it, open() will say */
}

/* SQLite makes files by the umask: a file that holds everything is nobody else's to read. */
static int make_private(const char *path, bool create, struct problem *problem)
{
	_cleanup_(closep) int fd = -EBADF;

	if (create)
		make_folder(path);
	fd = open(path, O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0600);
	if (fd >= 0)
		return 0;
	if (errno == ENOENT && !create)
		return problem_say(problem, -ENOENT,
			"%s: no database there; `supportaccess-central customer add` makes one, "
			"--database names another",
			path);
	return problem_say(problem, -errno, "%s: cannot be opened: %m", path);
}

static int configure(struct central *central)
{
	static const char settings[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
				       "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;";
	int r;

	(void)sqlite3_busy_timeout(central->db, BUSY_MS);
	r = sqlite3_exec(central->db, settings, NULL, NULL, NULL);
	if (r != SQLITE_OK)
		return (r & 0xff) == SQLITE_BUSY ? -EBUSY : -EBADMSG;
	return 0;
}

int central_open(const char *path, bool create, struct central **ret, struct problem *problem)
{
	_cleanup_(central_freep) struct central *central = calloc(1, sizeof(*central));
	int r;

	if (!central)
		return -ENOMEM;
	central->watch = -EBADF;
	central->path = strdup(path);
	if (!central->path)
		return -ENOMEM;
	r = make_private(path, create, problem);
	if (r < 0)
		return r;
	if (sqlite3_open_v2(path, &central->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		    NULL) != SQLITE_OK)
		return problem_say(problem, -EIO, "%s: %s", path, sqlite3_errmsg(central->db));
	r = configure(central);
	if (r == 0)
		r = migrate(central, problem);
	if (r < 0)
		return problem_say(problem, r, "%s: cannot be used as central's database: %s", path,
			sqlite3_errmsg(central->db));
	(void)central_changed_elsewhere(central);
	*ret = TAKE_PTR(central);
	return 0;
}

void central_free(struct central *central)
{
	for (size_t i = 0; i < central->n_cache; i++)
		(void)sqlite3_finalize(central->cache[i].statement);
	(void)sqlite3_close(central->db);
	closep(&central->watch);
	free(central->path);
	free(central);
}

int central_watch(struct central *central)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(central->path, '/');
	size_t length = slash ? (size_t)(slash - central->path) : 0;

	if (central->watch >= 0)
		return central->watch;
	if (length >= sizeof(folder) - 1)
		return -ENAMETOOLONG;
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)length + 1 : 1,
		slash ? central->path : ".");
	central->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (central->watch < 0)
		return -errno;
	if (inotify_add_watch(central->watch, folder, IN_MODIFY) < 0) {
		int r = -errno;

		closep(&central->watch);
		central->watch = -EBADF;
		return r;
	}
	return central->watch;
}

bool central_changed_elsewhere(struct central *central)
{
	char events[4096];
	int64_t version;
	bool changed;

	while (central->watch >= 0 && read(central->watch, events, sizeof(events)) > 0)
		;
	if (sql_number(central, &version, "PRAGMA data_version", "") < 0)
		return false;
	changed = version != central->data_version;
	central->data_version = version;
	return changed;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool central_wait(struct central *central, int64_t wait_ms)
{
	int64_t end = now_ms() + wait_ms;
	struct pollfd watch = { .fd = central_watch(central), .events = POLLIN };

	while (!central_changed_elsewhere(central)) {
		int64_t left = end - now_ms();

		if (left <= 0)
			return false;
		(void)poll(&watch, 1, (int)left);
	}
	return true;
}

/* Without its epoch: whoever puts the copy back need not think of making a new one. */
static int copy_to(struct central *central, sqlite3 *to)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", central->db, "main");
	int r;

	if (!backup)
		return SQLITE_ERROR;
	(void)sqlite3_backup_step(backup, -1);
	r = sqlite3_backup_finish(backup);
	if (r == SQLITE_OK)
		r = sqlite3_exec(to, "DELETE FROM meta WHERE name = 'epoch'", NULL, NULL, NULL);
	return r;
}

int central_backup(struct central *central, const char *path, struct problem *problem)
{
	_cleanup_(closep) int fd = -EBADF;
	sqlite3 *to = NULL;
	int r;

	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return problem_say(problem, -errno, "%s: cannot be made: %m", path);
	r = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL);
	if (r == SQLITE_OK)
		r = copy_to(central, to);
	if (r != SQLITE_OK)
		problem_say(problem, -EIO, "%s: the copy failed: %s", path, sqlite3_errmsg(to));
	(void)sqlite3_close(to);
	if (r == SQLITE_OK && fsync(fd) < 0) {
		r = SQLITE_IOERR;
		problem_say(problem, -EIO, "%s: the copy failed: %m", path);
	}
	if (r == SQLITE_OK)
		return 0;
	(void)unlink(path);
	return -EIO;
}

int central_count(struct central *central, struct central_counts *ret)
{
	_cleanup_(sql_donep) sqlite3_stmt *statement = NULL;
	int r;

	r = sql_query(central, &statement,
		"SELECT (SELECT count(*) FROM hosts WHERE gone = 0),"
		" (SELECT count(*) FROM documents WHERE type = 'request'),"
		" (SELECT ifnull(max(n), 0) FROM documents), (SELECT ifnull(max(n), 0) FROM "
		"events)",
		"");
	if (r < 0)
		return r;
	r = sql_next(statement);
	if (r < 0)
		return r;
	*ret = (struct central_counts){ sql_int(statement, 0), sql_int(statement, 1),
		sql_int(statement, 2), sql_int(statement, 3) };
	return 0;
}
