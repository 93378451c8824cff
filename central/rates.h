/* SPDX-License-Identifier: MIT */
#pragma once

/* Token buckets: how often one token, or one address, may ask. Each fills at `rate` a second up
 * to `rate` × RATES_BURST. Kept in a table of fixed size, so that a flood of addresses takes no
 * memory; the one that was idle longest of its neighbours makes room for a new one. */

#include <stddef.h>
#include <stdint.h>

#define RATES_BURST 5
#define RATES_MAX   8192

struct rates {
	uint64_t seed;
	struct {
		uint64_t key; /* 0: free */
		int64_t tokens_milli, at_ms;
	} buckets[RATES_MAX];
};

/* Takes one of `key`'s. Returns 0, or how many seconds until there is one (at least 1). A `rate`
 * of 0 is no limit. */
int64_t rates_take(struct rates *rates, const char *key, int64_t rate, int64_t now_ms);
