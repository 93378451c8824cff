/* SPDX-License-Identifier: MIT */
#pragma once

/* What lib/view.c shares with lib/view_group.c, and nobody else. */

#include "lib/view.h"

/* `size` bytes of the map, or NULL if they are not all within it. */
const void *view_bytes_at(const struct view *view, uint64_t offset, uint64_t size);

/* Copies the head of the record at `offset`; its size lies within the file. 0 or -ENOENT. */
int view_record_head(
	const struct view *view, uint64_t offset, enum view_kind kind, struct view_record *ret);

/* True if the record, a copy or in the map, is as it was written at that offset. */
bool view_record_is_intact(
	const struct view *view, uint64_t offset, const struct view_record *record, size_t size);

/* Splits `size` bytes of text into `count` strings. False unless it is exactly these. */
bool view_text_split(char *text, size_t size, char **ret, size_t count);
