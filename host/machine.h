/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdint.h>

/* What this machine says of itself. */
struct machine {
	char id[33];      /* /etc/machine-id; empty: it has none */
	char boot_id[37]; /* of this boot */
	int64_t boot;     /* CLOCK_BOOTTIME */
};

int machine_read(struct machine *ret);
