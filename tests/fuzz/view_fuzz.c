/* SPDX-License-Identifier: MIT */

/* Any bytes as a view, and any change to a valid one below checksums that were made to hold again:
 * no read outside of it, and texts that end where they should. What the writer of a forged view
 * claims is believed, since only root can write one; what is tested is that nothing crashes. */

#include "lib/view.h"

#include "lib/cleanup.h"

#define BUFFER 2048

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_accounts(const struct view *view, char *buffer)
{
	static const char *const names[] = { "support-ana", "support-ben", "support-nobody", "" };
	struct view_account account;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (view_account_by_name(view, names[i], buffer, BUFFER, &account) == 0 &&
			strcmp(account.name, names[i]) != 0)
			abort();
	for (i = 0; i < 4; i++)
		if (view_account_by_uid(view, (uid_t)(70000 + i), buffer, BUFFER, &account) == 0 &&
			account.uid != 70000 + i)
			abort();
	for (i = 0; i < 8; i++)
		if (view_account_at(view, i, buffer, BUFFER, &account) == 0 &&
			(strlen(account.shell) > VIEW_TEXT_MAX ||
				!account_uid_is_ours(account.uid)))
			abort();
}

static void ask_groups(const struct view *view, char *buffer)
{
	struct view_group group;
	size_t i, member, bytes = 0;

	for (i = 0; i < 8; i++) {
		if (view_group_at(view, i, buffer, BUFFER, &group) < 0)
			continue;
		for (member = 0; group.members[member]; member++)
			bytes += strlen(group.members[member]);
		if (bytes > 8 * BUFFER)
			abort();
	}
	(void)view_group_by_name(view, ACCOUNT_GROUP_ADMIN, buffer, BUFFER, &group);
	(void)view_group_by_gid(view, ACCOUNT_GID_READONLY, buffer, BUFFER, &group);
}

static void ask(const uint8_t *bytes, size_t length)
{
	_cleanup_(freep) char *buffer = malloc(BUFFER);
	struct view view;

	if (!buffer || view_init(bytes, length, &view) < 0)
		return;
	ask_accounts(&view, buffer);
	ask_groups(&view, buffer);
}

/* Makes the checksum of each record hold whose size lies within the view. */
static void reseal_records(uint8_t *bytes, size_t length, const struct view_header *header)
{
	struct view_record record;
	size_t at = header->records_at;

	while (at <= length && length - at >= sizeof(record)) {
		memcpy(&record, bytes + at, sizeof(record));
		if (record.size < sizeof(record) || record.size > length - at)
			return;
		record.checksum = view_hash(header->seed ^ at, bytes + at + sizeof(record.checksum),
			record.size - sizeof(record.checksum));
		memcpy(bytes + at, &record.checksum, sizeof(record.checksum));
		at += record.size;
	}
}

static void reseal_header(uint8_t *bytes, size_t length)
{
	struct view_header header;

	memcpy(&header, bytes, sizeof(header));
	header.magic = VIEW_MAGIC;
	header.version = VIEW_VERSION;
	header.length = length;
	header.checksum = view_hash(header.seed, &header, offsetof(struct view_header, checksum));
	memcpy(bytes, &header, sizeof(header));
	reseal_records(bytes, length, &header);
}

/* A small valid view; each three bytes of input put one byte to one place. */
static void ask_changed(const uint8_t *data, size_t size)
{
	static const struct view_account accounts[] = {
		{ .name = "support-ana",
			.full_name = "Ana",
			.home = "/a",
			.shell = "/s",
			.uid = 70001,
			.gids = { 4, 70001 },
			.gids_count = 2 },
		{ .name = "support-ben",
			.full_name = "",
			.home = "/b",
			.shell = "/s",
			.uid = 70002 },
	};
	_cleanup_(freep) uint8_t *bytes = NULL;
	size_t length;

	if (view_build(accounts, 2, &bytes, &length) < 0)
		abort();
	for (; size >= 3; data += 3, size -= 3)
		bytes[(size_t)(data[0] | data[1] << 8) % length] = data[2];
	reseal_header(bytes, length);
	ask(bytes, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) uint8_t *copy = malloc(size + 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	ask(data, size);
	if (size >= sizeof(struct view_header)) {
		reseal_header(copy, size);
		ask(copy, size);
	}
	ask_changed(data, size);
	return 0;
}
