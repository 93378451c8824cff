/* SPDX-License-Identifier: MIT */

/* Hands one document to the daemon as the courier would: what a hostile central, or a courier
 * that someone took over, can do.
 *
 *	deliver DOCUMENT-FILE [SIGNATURE-FILE]
 *
 * Prints the daemon's result and sentence. Exit status 0 when it answered, 1 when it did not. */

#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/wire.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int append_file(const char *path, char *message, size_t *size, uint32_t *ret_count)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, message + *size, WIRE_MAX - *size);
	if (n < 0)
		return -errno;
	*size += (size_t)n;
	*ret_count = (uint32_t)n;
	return 0;
}

static int compose(int argc, char **argv, char *message, size_t *ret_size)
{
	struct wire_deliver deliver = { .header = wire_header(WIRE_DELIVER), .cursor = -1 };
	size_t size = sizeof(deliver);
	int r;

	r = append_file(argv[1], message, &size, &deliver.document_size);
	if (r == 0 && argc > 2)
		r = append_file(argv[2], message, &size, &deliver.signature_size);
	if (r < 0)
		return r;
	memcpy(message, &deliver, sizeof(deliver));
	*ret_size = size;
	return 0;
}

int main(int argc, char **argv)
{
	static char message[WIRE_MAX];
	struct wire_done done = { 0 };
	size_t size, answer_size;
	int r;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: deliver DOCUMENT-FILE [SIGNATURE-FILE]\n");
		return 2;
	}
	r = compose(argc, argv, message, &size);
	if (r == 0)
		r = wire_ask(PATH_COURIER_SOCKET, 10000, message, size, &done, sizeof(done),
			&answer_size, NULL, NULL);
	if (r < 0) {
		fprintf(stderr, "deliver: %s\n", strerror(-r));
		return 1;
	}
	printf("%" PRId32 " %s\n", done.result, done.text);
	return 0;
}
