/* SPDX-License-Identifier: MIT */
#pragma once

/* Where to listen. */

#include "core/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct listen_address {
	struct sockaddr_storage address;
	socklen_t size;
};

/* "ADDRESS:PORT" with a numeric address, IPv6 in brackets: 0 or -EINVAL. */
int listen_parse(const char *text, struct listen_address *ret);
bool listen_is_loopback(const struct listen_address *address);

/* Binds and listens. `ret_text` is where it came to: "127.0.0.1:40123". */
int listen_open(const struct listen_address *address, int *ret_fd, char *ret_text, size_t ret_size);
