/* SPDX-License-Identifier: MIT */

/* Reading a view: the file as a whole, and accounts.
 *
 * This runs inside every process that looks up an account of ours, sshd and set-uid programs
 * among them, on a map that it shares with the disk. Nothing read from the map is trusted: the
 * header is copied and checked once; a record is copied to the stack whole, and what is checked
 * and used is the copy. The map is only ever read through `view_bytes_at`. */

#include "lib/view_record.h"

#include "lib/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)

struct account_record {
	struct view_record head;
	uint8_t rest[VIEW_GIDS_MAX * sizeof(gid_t) + VIEW_TEXT_MAX + VIEW_ALIGN];
};

const void *view_bytes_at(const struct view *view, uint64_t offset, uint64_t size)
{
	if (offset > view->length || size > view->length - offset)
		return NULL;
	return view->bytes + offset;
}

static bool header_is_sane(const struct view_header *header, size_t length)
{
	return header->magic == VIEW_MAGIC && header->version == VIEW_VERSION &&
	       header->length == length && header->accounts <= VIEW_ACCOUNTS_MAX &&
	       header->groups <= VIEW_GROUPS_MAX && header->slots > header->accounts &&
	       (header->slots & (header->slots - 1)) == 0 &&
	       header->checksum ==
		       view_hash(header->seed, header, offsetof(struct view_header, checksum));
}

int view_init(const void *bytes, size_t length, struct view *ret)
{
	struct view view = { .bytes = bytes, .length = length };

	if (length < sizeof(view.header) || length > VIEW_LENGTH_MAX)
		return -EBADMSG;
	memcpy(&view.header, bytes, sizeof(view.header));
	if (!header_is_sane(&view.header, length))
		return -EBADMSG;
	*ret = view;
	return 0;
}

static int file_check(int fd, uid_t owner, size_t *ret_length)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != owner || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return -EPERM;
	if (st.st_size < (off_t)sizeof(struct view_header) || st.st_size > VIEW_LENGTH_MAX)
		return -EBADMSG;
	*ret_length = (size_t)st.st_size;
	return 0;
}

int view_open(const char *path, uid_t owner, struct view *ret)
{
	_cleanup_(closep) int fd = open(path, OPEN_FLAGS);
	size_t length = 0;
	void *map;
	int r;

	if (fd < 0)
		return -errno;
	r = file_check(fd, owner, &length);
	if (r < 0)
		return r;
	map = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	r = view_init(map, length, ret);
	if (r < 0)
		(void)munmap(map, length);
	return r;
}

void view_close(struct view *view)
{
	if (view->bytes)
		(void)munmap((void *)view->bytes, view->length);
	view->bytes = NULL;
}

bool view_is_superseded(const struct view *view)
{
	const struct view_header *header = (const void *)view->bytes;

	return __atomic_load_n(&header->superseded, __ATOMIC_ACQUIRE) != VIEW_CURRENT;
}

int view_record_head(
	const struct view *view, uint64_t offset, enum view_kind kind, struct view_record *ret)
{
	const void *bytes = view_bytes_at(view, offset, sizeof(*ret));

	if (!bytes || offset < view->header.records_at || offset % VIEW_ALIGN != 0)
		return -ENOENT;
	memcpy(ret, bytes, sizeof(*ret));
	if (ret->kind != (uint32_t)kind || ret->size < sizeof(*ret) ||
		!view_bytes_at(view, offset, ret->size))
		return -ENOENT;
	return 0;
}

bool view_record_is_intact(
	const struct view *view, uint64_t offset, const struct view_record *record, size_t size)
{
	const uint8_t *sealed = (const uint8_t *)record + sizeof(record->checksum);

	return record->checksum ==
	       view_hash(view->header.seed ^ offset, sealed, size - sizeof(record->checksum));
}

bool view_text_split(char *text, size_t size, char **ret, size_t count)
{
	char *end = text + size;
	size_t i;

	for (i = 0; i < count; i++) {
		char *nul = memchr(text, '\0', (size_t)(end - text));

		if (!nul)
			return false;
		ret[i] = text;
		text = nul + 1;
	}
	return text == end;
}

static int account_read(const struct view *view, uint64_t offset, struct account_record *ret)
{
	struct view_record *head = &ret->head;
	size_t rest;

	/* A record mostly lies on three cache lines; waiting once is enough. Never faults. */
	__builtin_prefetch(view->bytes + offset + 64);
	__builtin_prefetch(view->bytes + offset + 128);
	if (view_record_head(view, offset, VIEW_ACCOUNT, head) < 0 || head->size > sizeof(*ret))
		return -ENOENT;
	rest = head->size - sizeof(*head);
	memcpy(ret->rest, view->bytes + offset + sizeof(*head), rest);
	if (!view_record_is_intact(view, offset, head, head->size))
		return -ENOENT;
	if (!account_uid_is_ours(head->id) || head->count > VIEW_GIDS_MAX ||
		head->text_size > VIEW_TEXT_MAX ||
		head->count * sizeof(gid_t) + head->text_size > rest)
		return -ENOENT;
	return 0;
}

static int account_copy(
	const struct account_record *record, char *buffer, size_t size, struct view_account *ret)
{
	size_t gids = record->head.count * sizeof(gid_t), text = record->head.text_size;
	char *parts[4];

	if (text > size)
		return -ERANGE;
	memcpy(buffer, record->rest + gids, text);
	if (!view_text_split(buffer, text, parts, 4))
		return -ENOENT;
	ret->name = parts[0];
	ret->full_name = parts[1];
	ret->home = parts[2];
	ret->shell = parts[3];
	ret->uid = record->head.id;
	ret->gid = record->head.gid;
	ret->gids_count = record->head.count;
	memcpy(ret->gids, record->rest, gids);
	return 0;
}

static bool name_is(const struct account_record *record, const void *key, size_t size)
{
	size_t gids = record->head.count * sizeof(gid_t);

	return record->head.text_size > size && memcmp(record->rest + gids, key, size) == 0 &&
	       record->rest[gids + size] == '\0';
}

static bool uid_is(const struct account_record *record, const void *key, size_t size)
{
	return memcmp(&record->head.id, key, size) == 0;
}

/* Follows the index from the place that the key hashes to, until an empty one. */
static int account_find(const struct view *view, uint32_t index_at, const void *key,
	size_t key_size, bool (*is)(const struct account_record *, const void *, size_t),
	struct account_record *ret)
{
	uint64_t hash = view_hash(view->header.seed, key, key_size);
	uint32_t mask = view->header.slots - 1, i;

	for (i = 0; i <= mask; i++) {
		uint64_t place = ((uint32_t)hash + i) & mask;
		const void *bytes = view_bytes_at(view, index_at + place * sizeof(struct view_slot),
			sizeof(struct view_slot));
		struct view_slot slot;

		if (!bytes)
			return -ENOENT;
		memcpy(&slot, bytes, sizeof(slot));
		if (slot.record == 0)
			return -ENOENT;
		if (slot.tag == hash >> 32 && account_read(view, slot.record, ret) == 0 &&
			is(ret, key, key_size))
			return 0;
	}
	return -ENOENT;
}

int view_account_by_name(const struct view *view, const char *name, char *buffer, size_t size,
	struct view_account *ret)
{
	struct account_record record;
	int r;

	r = account_find(view, view->header.names_at, name, strlen(name), name_is, &record);
	if (r < 0)
		return r;
	return account_copy(&record, buffer, size, ret);
}

int view_account_by_uid(
	const struct view *view, uid_t uid, char *buffer, size_t size, struct view_account *ret)
{
	struct account_record record;
	int r;

	r = account_find(view, view->header.uids_at, &uid, sizeof(uid), uid_is, &record);
	if (r < 0)
		return r;
	return account_copy(&record, buffer, size, ret);
}

int view_account_at(
	const struct view *view, size_t number, char *buffer, size_t size, struct view_account *ret)
{
	struct account_record record;
	const void *bytes;
	uint32_t offset;
	int r;

	if (number >= view->header.accounts)
		return -ENODATA;
	bytes = view_bytes_at(
		view, view->header.order_at + number * sizeof(offset), sizeof(offset));
	if (!bytes)
		return -ENOENT;
	memcpy(&offset, bytes, sizeof(offset));
	r = account_read(view, offset, &record);
	if (r < 0)
		return r;
	return account_copy(&record, buffer, size, ret);
}
