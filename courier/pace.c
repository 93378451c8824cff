/* SPDX-License-Identifier: MIT */

#include "courier/pace.h"

#define DOUBLINGS_MAX 9 /* 1 s * 2^9 is beyond PACE_MAX_MS */

void pace_failed(struct pace *pace, int64_t now_ms, uint32_t chance)
{
	unsigned int doublings = pace->failures < DOUBLINGS_MAX ? pace->failures : DOUBLINGS_MAX;
	int64_t bound = (int64_t)PACE_FIRST_MS << doublings;
	int64_t from_ms = pace->asked_ms > now_ms ? pace->asked_ms : now_ms;
	int64_t delay;

	if (bound > PACE_MAX_MS)
		bound = PACE_MAX_MS;
	delay = (int64_t)chance % (bound + 1);
	pace->next_ms = from_ms + (delay > PACE_LEAST_MS ? delay : PACE_LEAST_MS);
	if (pace->failures < DOUBLINGS_MAX)
		pace->failures++;
}

void pace_succeeded(struct pace *pace)
{
	*pace = (struct pace){ 0 };
}

void pace_in_vain(struct pace *pace, int64_t now_ms)
{
	*pace = (struct pace){ .next_ms = now_ms + PACE_FIRST_MS };
}

void pace_asked(struct pace *pace, int64_t now_ms, int64_t wait_s)
{
	int64_t asked_ms = now_ms + (wait_s < PACE_ASKED_MAX_S ? wait_s : PACE_ASKED_MAX_S) * 1000;

	if (pace->asked_ms < asked_ms)
		pace->asked_ms = asked_ms;
	if (pace->next_ms < pace->asked_ms)
		pace->next_ms = pace->asked_ms;
}

void pace_hurry(struct pace *pace, int64_t now_ms)
{
	int64_t from_ms = pace->asked_ms > now_ms ? pace->asked_ms : now_ms;

	if (pace->next_ms > from_ms)
		pace->next_ms = from_ms;
}

void hold_init(struct hold *hold, int64_t max_ms)
{
	if (max_ms < HOLD_LEAST_MS)
		max_ms = HOLD_LEAST_MS;
	*hold = (struct hold){ .hold_ms = max_ms, .max_ms = max_ms };
}

void hold_kept(struct hold *hold)
{
	if (hold->hold_ms == hold->max_ms || ++hold->held < HOLD_TRUST)
		return;
	hold->held = 0;
	hold->hold_ms += HOLD_STEP_MS;
	if (hold->hold_ms > hold->max_ms)
		hold->hold_ms = hold->max_ms;
}

bool hold_cut(struct hold *hold, int64_t elapsed_ms)
{
	int64_t shorter = elapsed_ms < hold->hold_ms ? elapsed_ms * 3 / 4 : hold->hold_ms / 2;

	hold->held = 0;
	if (elapsed_ms < HOLD_LEAST_MS || hold->hold_ms == HOLD_LEAST_MS)
		return false; /* cut at once, or however short: silence was not the reason */
	hold->hold_ms = shorter / HOLD_STEP_MS * HOLD_STEP_MS;
	if (hold->hold_ms < HOLD_LEAST_MS)
		hold->hold_ms = HOLD_LEAST_MS;
	return true;
}
