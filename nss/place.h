/* SPDX-License-Identifier: MIT */
#pragma once

#include <sys/types.h>

/* The path of the view, and who must own it. */
const char *place_path(void);
uid_t place_owner(void);
