/* SPDX-License-Identifier: MIT */

/* Numeric addresses only: a name that resolves elsewhere tomorrow must not move the server off
 * loopback, where alone it may speak without TLS. */

#include "central/listen.h"

#include "lib/cleanup.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#define BACKLOG 1024

int listen_parse(const char *text, struct listen_address *ret)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(text, ':');
	struct addrinfo *found = NULL;
	char host[INET6_ADDRSTRLEN + 1];
	size_t length;

	if (!colon || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1))
		return -EINVAL;
	length = (size_t)(colon - text);
	if (*text == '[' && length > 2 && colon[-1] == ']') {
		text++;
		length -= 2;
	} else if (memchr(text, ':', length)) {
		return -EINVAL;
	}
	if (length == 0 || length >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, length);
	host[length] = '\0';
	if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
		return -EINVAL;
	memcpy(&ret->address, found->ai_addr, found->ai_addrlen);
	ret->size = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

bool listen_is_loopback(const struct listen_address *address)
{
	const struct sockaddr_in *four = (const void *)&address->address;
	const struct sockaddr_in6 *six = (const void *)&address->address;

	if (address->address.ss_family == AF_INET)
		return ntohl(four->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static int describe(int fd, char *ret, size_t ret_size)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	char host[INET6_ADDRSTRLEN + 1], port[8];

	if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		return -errno;
	if (getnameinfo((struct sockaddr *)&address, size, host, sizeof(host), port, sizeof(port),
		    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return -EINVAL;
	snprintf(ret, ret_size, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
	return 0;
}

int listen_open(const struct listen_address *address, int *ret_fd, char *ret_text, size_t ret_size)
{
	_cleanup_(closep) int fd = -EBADF;
	const int on = 1;
	int r;

	fd = socket(address->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&address->address, address->size) < 0 ||
		listen(fd, BACKLOG) < 0)
		return -errno;
	r = describe(fd, ret_text, ret_size);
	if (r < 0)
		return r;
	*ret_fd = TAKE_FD(fd);
	return 0;
}
