/* SPDX-License-Identifier: MIT */

/* The key is hashed with a random seed, so that nobody can choose whose bucket to push out. */

#include "central/rates.h"

#include <sys/random.h>

#define PROBES 16

static uint64_t hash(struct rates *rates, const char *key)
{
	uint64_t h;

	while (rates->seed == 0)
		if (getrandom(&rates->seed, sizeof(rates->seed), 0) < 0)
			rates->seed = 1;
	h = rates->seed ^ 0xcbf29ce484222325ULL;
	for (; *key; key++) {
		h = (h ^ (unsigned char)*key) * 0x100000001b3ULL;
		h ^= h >> 29;
	}
	return h ? h : 1;
}

static size_t find(struct rates *rates, uint64_t key)
{
	size_t best = key % RATES_MAX;

	for (size_t i = 0; i < PROBES; i++) {
		size_t at = (key + i) % RATES_MAX;

		if (rates->buckets[at].key == key)
			return at;
		if (rates->buckets[best].key &&
			(!rates->buckets[at].key ||
				rates->buckets[at].at_ms < rates->buckets[best].at_ms))
			best = at;
	}
	return best;
}

int64_t rates_take(struct rates *rates, const char *key, int64_t rate, int64_t now_ms)
{
	const uint64_t hashed = hash(rates, key);
	const size_t at = find(rates, hashed);
	const int64_t full = rate * RATES_BURST * 1000;
	int64_t tokens = full;

	if (rate == 0)
		return 0;
	if (rates->buckets[at].key == hashed) {
		int64_t passed = now_ms - rates->buckets[at].at_ms;

		if (passed < RATES_BURST * 1000)
			tokens = rates->buckets[at].tokens_milli + passed * rate;
		if (tokens > full)
			tokens = full;
	}
	rates->buckets[at].key = hashed;
	rates->buckets[at].at_ms = now_ms;
	rates->buckets[at].tokens_milli = tokens >= 1000 ? tokens - 1000 : tokens;
	return tokens >= 1000 ? 0 : (1000 - tokens + rate * 1000 - 1) / (rate * 1000);
}
