/* SPDX-License-Identifier: MIT */
#pragma once

/* Supplementary groups of sessions: names of supportaccess.conf to numbers of this machine. */

#include "core/config.h"

#include <sys/types.h>

/* The gids of those `names` that this machine knows, in any order. 0, or a negative errno if the
 * name service could not be asked or there are more than `max`. An answer is kept for a minute. */
int groups_resolve(const struct config_list *names, gid_t *ret, size_t max, size_t *ret_n);
