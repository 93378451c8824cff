/* SPDX-License-Identifier: MIT */

/* Which place a verb works in. Root on a host that is enrolled means that host; nobody has to say
 * so. */

#include "admin/place.h"

#include "lib/paths.h"

#include <unistd.h>

int place_open(const struct arguments *arguments, struct place *ret, struct problem *problem)
{
	if (!argument_given(arguments, "api") && geteuid() == 0 && access(PATH_STORE, F_OK) == 0)
		return host_place_open(ret, problem);
	return laptop_place_open(arguments, ret, problem);
}

void place_done(struct place *place)
{
	if (place->close)
		place->close(place);
	*place = (struct place){ 0 };
}
