/* SPDX-License-Identifier: MIT */
#pragma once

/* The layout of a view, for its reader and its writer: docs/view-format.md in C.
 *
 * Numbers are in the host's byte order, since a view never leaves its machine; a foreign order
 * shows in the magic. Offsets count from the start of the file; 0 is none. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define VIEW_MAGIC      0x3157454956415300ULL /* "\0SAVIEW1" */
#define VIEW_VERSION    1
#define VIEW_CURRENT    0x574f4e00U /* any other value of the word is superseded */
#define VIEW_SUPERSEDED 0x444c4f00U
#define VIEW_ALIGN      8 /* of every record */

struct view_header {
	uint64_t magic;
	uint32_t version;
	uint32_t slots; /* of each index: a power of two, more than there are accounts */
	uint64_t length;
	uint64_t seed;
	uint32_t accounts, groups;
	uint32_t names_at, uids_at; /* the two indexes */
	uint32_t order_at;          /* offsets of the accounts' records, by uid */
	uint32_t groups_at;         /* offsets of the groups' records */
	uint32_t records_at;
	uint8_t reserved[52];
	uint64_t checksum;   /* of all that stands before it */
	uint32_t superseded; /* the only word that is ever written in place */
	uint32_t reserved_too;
};

/* One place of an index: empty, or the upper half of a key's hash and where its record is. The
 * lower half is the place where the search begins; it ends at an empty one. */
struct view_slot {
	uint32_t tag;
	uint32_t record;
};

enum view_kind {
	VIEW_ACCOUNT = 0x43434100,
	VIEW_GROUP = 0x50524700,
};

/* An account: then `count` gids, then name, full name, home, shell, each with its NUL.
 * A group: then its name and `count` members. Zeros to the next multiple of VIEW_ALIGN. */
struct view_record {
	uint64_t checksum; /* of all that follows within `size`; its key is seed and offset */
	uint32_t size;     /* of all, the zeros included */
	uint32_t kind;
	uint32_t id;  /* uid or gid */
	uint32_t gid; /* the account's primary group; a group: 0 */
	uint32_t count;
	uint32_t text_size;
};

_Static_assert(sizeof(struct view_header) == 128, "the header is 128 bytes");
_Static_assert(offsetof(struct view_header, checksum) == 112, "the checksum ends the header");
_Static_assert(sizeof(struct view_slot) == 8, "a slot is 8 bytes");
_Static_assert(sizeof(struct view_record) == 32, "a record starts with 32 bytes");

/* Hash and checksum: each step is a bijection of the state and of the eight bytes taken in, so a
 * change within any one of them always shows. It finds damage and spreads keys; it is no secret. */
static inline uint64_t view_mix(uint64_t state, uint64_t word)
{
	state = (state ^ word) * 0x9e3779b97f4a7c15ULL;
	return state ^ (state >> 32);
}

static inline uint64_t view_hash(uint64_t seed, const void *data, size_t size)
{
	const uint8_t *bytes = data;
	uint64_t state = view_mix(seed, size), word;

	for (; size >= sizeof(word); size -= sizeof(word), bytes += sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		state = view_mix(state, word);
	}
	if (size > 0) {
		word = 0;
		memcpy(&word, bytes, size);
		state = view_mix(state, word);
	}
	return state;
}
