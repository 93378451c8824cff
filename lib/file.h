/* SPDX-License-Identifier: MIT */
#pragma once

/* Whole reads and writes of descriptors, whatever interrupts them. */

#include <stddef.h>
#include <sys/types.h>

/* Reads until the end or until `max` bytes are there. Returns how many, or a negative errno. */
ssize_t file_read(int fd, void *ret, size_t max);

/* Writes all of it: 0 or a negative errno. */
int file_write(int fd, const void *bytes, size_t size);
