/* SPDX-License-Identifier: MIT */
#pragma once

/* What became of a decision, as `approve` and `deny` tell it: that it was signed is the approver's
 * word, what holds on a host is that host's. */

#include "admin/place.h"

/* One object: what was decided, and `hosts`, the answers of a place (admin/place.h), which are
 * taken over. The caller puts it. */
struct json_object *decided_row(const char *id, const char *agent, const struct decision *decision,
	bool changed, struct json_object *answers);

/* How many of `answers` say `word` ("refused"). */
size_t decided_count(struct json_object *answers, const char *word);

void decided_tell(const struct arguments *arguments, struct json_object *row, int64_t now);

/* EXIT_DONE if all hosts have confirmed, EXIT_REFUSED if all have refused, else EXIT_IN_PART. */
int decided_exit(struct json_object *row);
