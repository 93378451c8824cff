/* SPDX-License-Identifier: MIT */

/* Laying a view out in memory: header, two indexes, two tables, records, in one pass over sizes
 * and one over contents. Half of an index's places at least are empty, so a search ends after one
 * or two. */

#include "lib/view.h"

#include "lib/cleanup.h"

#include <errno.h>
#include <sys/random.h>

#define SLOTS_MIN 8

static const struct {
	const char *name;
	gid_t gid;
} groups[] = {
	{ ACCOUNT_GROUP, ACCOUNT_GID },
	{ ACCOUNT_GROUP_READONLY, ACCOUNT_GID_READONLY },
	{ ACCOUNT_GROUP_READWRITE, ACCOUNT_GID_READWRITE },
	{ ACCOUNT_GROUP_ADMIN, ACCOUNT_GID_ADMIN },
};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))

/* A view that is being laid out: `end` is where the next record goes. */
struct draft {
	uint8_t *bytes;
	struct view_header *header;
	size_t end;
};

/* --- what is admitted --------------------------------------------------------------------- */

/* What fits into one field of a line of passwd. */
static bool text_is_plain(const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == 0x7f || c == ':')
			return false;
	}
	return true;
}

static int account_check(const struct view_account *account)
{
	if (!account_name_is_ours(account->name) || !account_uid_is_ours(account->uid))
		return -EINVAL;
	if (account->home[0] != '/' || account->shell[0] != '/' || !text_is_plain(account->home) ||
		!text_is_plain(account->shell) || !text_is_plain(account->full_name))
		return -EINVAL;
	if (strlen(account->full_name) > ACCOUNT_FULL_NAME_MAX ||
		strlen(account->home) > VIEW_HOME_MAX || strlen(account->shell) > VIEW_SHELL_MAX ||
		account->gids_count > VIEW_GIDS_MAX)
		return -E2BIG;
	return 0;
}

static bool is_member(const struct view_account *account, gid_t gid)
{
	size_t i;

	for (i = 0; i < account->gids_count; i++)
		if (account->gids[i] == gid)
			return true;
	return false;
}

/* --- sizes -------------------------------------------------------------------------------- */

static size_t record_size(size_t count, size_t text_size)
{
	size_t size = sizeof(struct view_record) + count * sizeof(gid_t) + text_size;

	return (size + VIEW_ALIGN - 1) / VIEW_ALIGN * VIEW_ALIGN;
}

static size_t account_text_size(const struct view_account *account)
{
	return strlen(account->name) + strlen(account->full_name) + strlen(account->home) +
	       strlen(account->shell) + 4;
}

static size_t group_text_size(size_t group, const struct view_account *const *accounts,
	size_t count, uint32_t *ret_members)
{
	size_t size = strlen(groups[group].name) + 1, i;

	*ret_members = 0;
	for (i = 0; i < count; i++)
		if (is_member(accounts[i], groups[group].gid)) {
			size += strlen(accounts[i]->name) + 1;
			(*ret_members)++;
		}
	return size;
}

/* Places header, indexes and tables, and says how long it will all be. */
static int draft_plan(
	const struct view_account *const *accounts, size_t count, struct view_header *ret)
{
	struct view_header plan = {
		.magic = VIEW_MAGIC,
		.version = VIEW_VERSION,
		.slots = SLOTS_MIN,
		.accounts = (uint32_t)count,
		.groups = GROUPS,
		.names_at = sizeof(plan),
		.superseded = VIEW_CURRENT,
	};
	size_t end, i;
	uint32_t members;

	while (plan.slots < 2 * count)
		plan.slots *= 2;
	plan.uids_at = plan.names_at + plan.slots * (uint32_t)sizeof(struct view_slot);
	plan.order_at = plan.uids_at + plan.slots * (uint32_t)sizeof(struct view_slot);
	plan.groups_at = plan.order_at + plan.accounts * (uint32_t)sizeof(uint32_t);
	end = plan.groups_at + GROUPS * sizeof(uint32_t);
	plan.records_at = (uint32_t)((end + VIEW_ALIGN - 1) / VIEW_ALIGN * VIEW_ALIGN);
	plan.length = plan.records_at;
	for (i = 0; i < count; i++)
		plan.length += record_size(accounts[i]->gids_count, account_text_size(accounts[i]));
	for (i = 0; i < GROUPS; i++)
		plan.length += record_size(0, group_text_size(i, accounts, count, &members));
	if (plan.length > VIEW_LENGTH_MAX)
		return -E2BIG;
	if (getrandom(&plan.seed, sizeof(plan.seed), 0) != (ssize_t)sizeof(plan.seed))
		return -EIO;
	*ret = plan;
	return 0;
}

/* --- records ------------------------------------------------------------------------------ */

static void *append(void *at, const void *data, size_t size)
{
	memcpy(at, data, size);
	return (uint8_t *)at + size;
}

static void *append_text(void *at, const char *text)
{
	return append(at, text, strlen(text) + 1);
}

/* Closes the record at the end of the draft: its checksum, its offset in a table. */
static void record_seal(struct draft *draft, uint32_t table_at, size_t number)
{
	struct view_record *record = (void *)(draft->bytes + draft->end);
	uint32_t offset = (uint32_t)draft->end;

	record->checksum = view_hash(draft->header->seed ^ offset, &record->size,
		record->size - offsetof(struct view_record, size));
	memcpy(draft->bytes + table_at + number * sizeof(offset), &offset, sizeof(offset));
	draft->end += record->size;
}

/* Enters the record into an index. -EEXIST if `same` says that the key is there already. */
static int index_add(struct draft *draft, uint32_t index_at, const void *key, size_t key_size,
	uint32_t record, bool (*same)(const struct draft *draft, uint32_t a, uint32_t b))
{
	struct view_slot *slots = (void *)(draft->bytes + index_at);
	uint64_t hash = view_hash(draft->header->seed, key, key_size);
	uint32_t mask = draft->header->slots - 1, place = (uint32_t)hash & mask;

	for (; slots[place].record != 0; place = (place + 1) & mask)
		if (slots[place].tag == hash >> 32 && same(draft, slots[place].record, record))
			return -EEXIST;
	slots[place] = (struct view_slot){ .tag = (uint32_t)(hash >> 32), .record = record };
	return 0;
}

static bool same_uid(const struct draft *draft, uint32_t a, uint32_t b)
{
	const struct view_record *x = (const void *)(draft->bytes + a);
	const struct view_record *y = (const void *)(draft->bytes + b);

	return x->id == y->id;
}

static const char *name_of(const struct draft *draft, uint32_t offset)
{
	const struct view_record *record = (const void *)(draft->bytes + offset);

	return (const char *)(record + 1) + record->count * sizeof(gid_t);
}

static bool same_name(const struct draft *draft, uint32_t a, uint32_t b)
{
	return strcmp(name_of(draft, a), name_of(draft, b)) == 0;
}

static int draft_account(struct draft *draft, const struct view_account *account, size_t number)
{
	struct view_record *record = (void *)(draft->bytes + draft->end);
	uint32_t offset = (uint32_t)draft->end;
	void *at = record + 1;
	int r;

	record->kind = VIEW_ACCOUNT;
	record->id = account->uid;
	record->gid = account->gid;
	record->count = (uint32_t)account->gids_count;
	record->text_size = (uint32_t)account_text_size(account);
	record->size = (uint32_t)record_size(record->count, record->text_size);
	at = append(at, account->gids, account->gids_count * sizeof(gid_t));
	at = append_text(at, account->name);
	at = append_text(at, account->full_name);
	at = append_text(at, account->home);
	append_text(at, account->shell);
	record_seal(draft, draft->header->order_at, number);
	r = index_add(draft, draft->header->names_at, account->name, strlen(account->name), offset,
		same_name);
	if (r < 0)
		return r;
	return index_add(
		draft, draft->header->uids_at, &record->id, sizeof(record->id), offset, same_uid);
}

static void draft_group(
	struct draft *draft, size_t group, const struct view_account *const *accounts, size_t count)
{
	struct view_record *record = (void *)(draft->bytes + draft->end);
	void *at = record + 1;
	size_t i;

	record->kind = VIEW_GROUP;
	record->id = groups[group].gid;
	record->text_size = (uint32_t)group_text_size(group, accounts, count, &record->count);
	record->size = (uint32_t)record_size(0, record->text_size);
	at = append_text(at, groups[group].name);
	for (i = 0; i < count; i++)
		if (is_member(accounts[i], groups[group].gid))
			at = append_text(at, accounts[i]->name);
	record_seal(draft, draft->header->groups_at, group);
}

static int by_uid(const void *a, const void *b)
{
	const struct view_account *x = *(const struct view_account *const *)a;
	const struct view_account *y = *(const struct view_account *const *)b;

	return (x->uid > y->uid) - (x->uid < y->uid);
}

static int draft_fill(struct draft *draft, const struct view_account *const *accounts, size_t count)
{
	size_t i;
	int r;

	for (i = 0; i < count; i++) {
		r = draft_account(draft, accounts[i], i);
		if (r < 0)
			return r;
	}
	for (i = 0; i < GROUPS; i++)
		draft_group(draft, i, accounts, count);
	return 0;
}

static int draft_view(
	const struct view_account *const *accounts, size_t count, uint8_t **ret, size_t *ret_length)
{
	_cleanup_(freep) uint8_t *bytes = NULL;
	struct view_header plan;
	struct draft draft;
	int r;

	r = draft_plan(accounts, count, &plan);
	if (r < 0)
		return r;
	plan.checksum = view_hash(plan.seed, &plan, offsetof(struct view_header, checksum));
	bytes = calloc(1, plan.length);
	if (!bytes)
		return -ENOMEM;
	memcpy(bytes, &plan, sizeof(plan));
	draft = (struct draft){ .bytes = bytes, .header = &plan, .end = plan.records_at };
	r = draft_fill(&draft, accounts, count);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(bytes);
	*ret_length = plan.length;
	return 0;
}

int view_build(const struct view_account *accounts, size_t count, uint8_t **ret, size_t *ret_length)
{
	_cleanup_(freep) const struct view_account **sorted = NULL;
	size_t i;
	int r;

	if (count > VIEW_ACCOUNTS_MAX)
		return -E2BIG;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	sorted = calloc(count + 1, sizeof(sorted[0]));
	if (!sorted)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		r = account_check(&accounts[i]);
		if (r < 0)
			return r;
		sorted[i] = &accounts[i];
	}
	qsort(sorted, count, sizeof(sorted[0]), by_uid); /* NOLINT(bugprone-sizeof-expression) */
	return draft_view(sorted, count, ret, ret_length);
}
