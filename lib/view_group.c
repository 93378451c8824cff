/* SPDX-License-Identifier: MIT */

/* Reading groups: few, so they are walked, but each may have as many members as there are
 * accounts. A group is therefore not copied before it is checked; its text is copied to the
 * caller's buffer, and what is split there is the copy, within its bounds. */

#include "lib/view_record.h"

#include <errno.h>

static uint32_t group_offset(const struct view *view, size_t number)
{
	uint64_t at = view->header.groups_at + (uint64_t)number * sizeof(uint32_t);
	const void *bytes = view_bytes_at(view, at, sizeof(uint32_t));
	uint32_t offset = 0;

	if (bytes)
		memcpy(&offset, bytes, sizeof(offset));
	return offset;
}

/* The head of a group whose text lies within its record, checked or not. */
static int group_head(const struct view *view, uint32_t offset, struct view_record *ret)
{
	if (view_record_head(view, offset, VIEW_GROUP, ret) < 0)
		return -ENOENT;
	if (ret->text_size > ret->size - sizeof(*ret) || ret->count >= ret->text_size)
		return -ENOENT;
	return 0;
}

/* Puts the array of members at the first place of the buffer where it is aligned, the text behind
 * it. */
static int group_copy(const struct view *view, uint32_t offset, const struct view_record *head,
	char *buffer, size_t size, struct view_group *ret)
{
	size_t skip = -(uintptr_t)buffer % sizeof(char *);
	size_t parts_size = (head->count + (size_t)2) * sizeof(char *);
	char **parts, *text;

	if (size < skip || size - skip < parts_size + head->text_size)
		return -ERANGE;
	parts = (char **)(void *)(buffer + skip);
	text = buffer + skip + parts_size;
	memcpy(text, view->bytes + offset + sizeof(*head), head->text_size);
	if (!view_text_split(text, head->text_size, parts, head->count + (size_t)1))
		return -ENOENT;
	parts[head->count + 1] = NULL;
	ret->name = parts[0];
	ret->gid = head->id;
	ret->members = parts + 1;
	return 0;
}

static int group_get(
	const struct view *view, uint32_t offset, char *buffer, size_t size, struct view_group *ret)
{
	struct view_record head;

	if (group_head(view, offset, &head) < 0 || !account_gid_is_ours(head.id))
		return -ENOENT;
	if (!view_record_is_intact(view, offset, (const void *)(view->bytes + offset), head.size))
		return -ENOENT;
	return group_copy(view, offset, &head, buffer, size, ret);
}

int view_group_by_name(const struct view *view, const char *name, char *buffer, size_t size,
	struct view_group *ret)
{
	size_t length = strlen(name), i;

	for (i = 0; i < view->header.groups; i++) {
		uint32_t offset = group_offset(view, i);
		struct view_record head;

		if (group_head(view, offset, &head) < 0 || head.text_size <= length)
			continue;
		if (memcmp(view->bytes + offset + sizeof(head), name, length + 1) == 0)
			return group_get(view, offset, buffer, size, ret);
	}
	return -ENOENT;
}

int view_group_by_gid(
	const struct view *view, gid_t gid, char *buffer, size_t size, struct view_group *ret)
{
	size_t i;

	for (i = 0; i < view->header.groups; i++) {
		uint32_t offset = group_offset(view, i);
		struct view_record head;

		if (group_head(view, offset, &head) == 0 && head.id == gid)
			return group_get(view, offset, buffer, size, ret);
	}
	return -ENOENT;
}

int view_group_at(
	const struct view *view, size_t number, char *buffer, size_t size, struct view_group *ret)
{
	if (number >= view->header.groups)
		return -ENODATA;
	return group_get(view, group_offset(view, number), buffer, size, ret);
}
