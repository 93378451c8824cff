/* SPDX-License-Identifier: MIT */

/* A tombstone is three lines: when, who, why. It is created exclusively and never changed, so the
 * first ending of a request is the one that is recorded. */

#include "host/tombstones.h"
#include "core/grant.h"
#include "host/chain.h"
#include "host/finals.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PREFIX   "revoked-"
#define TEXT_MAX (DOCUMENT_PRINCIPAL_MAX + DOCUMENT_TEXT_MAX + 64)

static int make_path(const char *dir, const char *request_digest, char **ret)
{
	return asprintf(ret, "%s/" PREFIX "%s", dir, request_digest) < 0 ? -ENOMEM : 0;
}

int tombstone_write(const char *dir, const char *request_digest, const struct tombstone *tombstone)
{
	_cleanup_(closep) int fd = -EBADF;
	_cleanup_(freep) char *path = NULL;
	int r = make_path(dir, request_digest, &path);

	if (r < 0)
		return r;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return errno == EEXIST ? 0 : -errno;
	if (dprintf(fd, "%" PRId64 "\n%s\n%s\n", tombstone->at, tombstone->by, tombstone->text) < 0)
		return -errno; /* an unreadable tombstone counts all the same */
	return 0;
}

static int parse(char *text, struct tombstone *ret)
{
	struct tombstone tombstone = { 0 };
	char *by = strchr(text, '\n');
	char *why = by ? strchr(by + 1, '\n') : NULL;
	char *end = why ? strchr(why + 1, '\n') : NULL;

	if (!end)
		return -EBADMSG;
	*by++ = *why++ = *end = '\0';
	if (sscanf(text, "%" SCNd64, &tombstone.at) != 1 || strlen(by) >= sizeof(tombstone.by) ||
		strlen(why) >= sizeof(tombstone.text))
		return -EBADMSG;
	memcpy(tombstone.by, by, strlen(by));
	memcpy(tombstone.text, why, strlen(why));
	*ret = tombstone;
	return 0;
}

int tombstone_read(const char *dir, const char *request_digest, struct tombstone *ret)
{
	_cleanup_(closep) int fd = -EBADF;
	_cleanup_(freep) char *path = NULL;
	char text[TEXT_MAX + 1];
	ssize_t n;
	int r = make_path(dir, request_digest, &path);

	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	n = read(fd, text, TEXT_MAX);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	return parse(text, ret);
}

static int settle_one(struct store *store, const char *digest, int64_t now, struct problem *problem)
{
	struct tombstone tombstone = {
		.at = now, .by = "root", .text = "ended while the store could not be written"
	};
	struct event event = { .kind = "revoked" };
	int r;

	(void)tombstone_read(store_tombstones(store), digest, &tombstone);
	r = finals_add(store, &(struct final){ .request = digest,
				      .kind = GRANT_FINAL_REVOKED,
				      .at = tombstone.at,
				      .by = tombstone.by,
				      .text = tombstone.text,
				      .agent = "",
				      .is_signed = true });
	if (r != 0)
		return r < 0 ? r : 0;
	snprintf(event.request, sizeof(event.request), "%s", digest);
	snprintf(event.by, sizeof(event.by), "%s", tombstone.by);
	snprintf(event.text, sizeof(event.text), "%s", tombstone.text);
	return chain_append(store, &event, now, problem);
}

/* Calls settle_one, or removes them when `problem` is NULL and the transaction is over. */
static int each_tombstone(struct store *store,
	int (*each)(struct store *store, const char *digest, int64_t now, struct problem *problem),
	int64_t now, struct problem *problem)
{
	DIR *dir = opendir(store_tombstones(store));
	struct dirent *entry;
	struct digest digest;
	int n = 0, r = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0 ||
			digest_from_hex(entry->d_name + strlen(PREFIX), &digest) < 0)
			continue;
		r = each ? each(store, entry->d_name + strlen(PREFIX), now, problem) : 0;
		n++;
	}
	(void)closedir(dir);
	return r < 0 ? r : n;
}

static int remove_one(struct store *store, const char *digest, int64_t now, struct problem *problem)
{
	_cleanup_(freep) char *path = NULL;
	int r = make_path(store_tombstones(store), digest, &path);

	(void)now;
	if (r < 0)
		return r;
	if (unlink(path) < 0)
		return problem_say(problem, -errno, "cannot remove %s: %s", path, strerror(errno));
	return 0;
}

int tombstones_settle(struct store *store, int64_t now, struct problem *problem)
{
	int n = store_tombstones(store) ? each_tombstone(store, NULL, now, problem) : 0;
	int r;

	if (n <= 0)
		return n;
	r = store_begin(store, problem);
	if (r < 0)
		return r;
	r = store_ends_access(store);
	if (r == 0)
		r = each_tombstone(store, settle_one, now, problem);
	if (r >= 0)
		r = store_commit(store, problem);
	store_rollback(store);
	if (r < 0)
		return r;
	return each_tombstone(store, remove_one, now, problem);
}
