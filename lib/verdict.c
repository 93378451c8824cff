/* SPDX-License-Identifier: MIT */

#include "lib/verdict.h"

#include <stddef.h>

static const char *const words[] = {
	[VERDICT_OK] = "SA-OK",
	[VERDICT_NOT_OURS] = "SA-NOTOURS",
	[VERDICT_NONE] = "SA-NONE",
	[VERDICT_PENDING] = "SA-PENDING",
	[VERDICT_UNANSWERED] = "SA-UNANSWERED",
	[VERDICT_DENIED] = "SA-DENIED",
	[VERDICT_NOT_HERE] = "SA-NOTHERE",
	[VERDICT_EARLY] = "SA-EARLY",
	[VERDICT_EXPIRED] = "SA-EXPIRED",
	[VERDICT_REVOKED] = "SA-REVOKED",
	[VERDICT_CLOSED] = "SA-CLOSED",
	[VERDICT_UNBACKED] = "SA-UNBACKED",
	[VERDICT_OFF] = "SA-OFF",
	[VERDICT_CLOCK_BEHIND] = "SA-CLOCK",
	[VERDICT_CLOCK_AHEAD] = "SA-CLOCK",
	[VERDICT_COPIED] = "SA-COPIED",
	[VERDICT_STORE_CLOSED] = "SA-BROKEN",
	[VERDICT_BROKEN] = "SA-BROKEN",
	[VERDICT_SERVICE] = "SA-SERVICE",
	[VERDICT_TOO_MANY] = "SA-BUSY",
	[VERDICT_UNVERIFIED] = "SA-BROKEN",
};

const char *verdict_word(enum verdict verdict)
{
	if ((unsigned)verdict > VERDICT_LAST)
		return "SA-BROKEN";
	return words[verdict];
}
