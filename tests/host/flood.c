/* SPDX-License-Identifier: MIT */

/* Hands many documents to the daemon at once, as a courier that someone took over could.
 *
 *	flood COUNT CONNECTIONS DOCUMENT SIGNATURE [DOCUMENT SIGNATURE]...
 *
 * Sends COUNT documents, those of the files in turn, over up to CONNECTIONS connections at once. A
 * run of `@` in a document becomes the number of the document, with leading zeros. Prints a line
 * for each answer, the daemon's result and sentence; "dropped" for a connection that was closed
 * without one. Ends with exit status 1 when nothing was answered for 20 s. */

#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/wire.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define PAIRS_MAX       256
#define CONNECTIONS_MAX 64
#define SILENCE_MS      20000

struct pair {
	char *document, *signature;
	size_t size, signature_size;
};

static struct pair pairs[PAIRS_MAX];
static size_t n_pairs;
static struct pollfd connections[CONNECTIONS_MAX];

static int read_file(const char *path, char **ret, size_t *ret_size)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_(freep) char *bytes = malloc(WIRE_MAX);
	ssize_t n;

	if (fd < 0 || !bytes)
		return -errno;
	n = read(fd, bytes, WIRE_MAX);
	if (n < 0)
		return -errno;
	*ret = TAKE_PTR(bytes);
	*ret_size = (size_t)n;
	return 0;
}

/* "@@@@" becomes "0042". */
static void number_runs(char *text, size_t size, unsigned long number)
{
	for (size_t i = 0; i < size; i++) {
		unsigned long rest = number;
		size_t end = i;

		while (end < size && text[end] == '@')
			end++;
		for (size_t at = end; at > i; at--, rest /= 10)
			text[at - 1] = (char)('0' + rest % 10);
		i = end;
	}
}

static size_t compose(unsigned long number, char message[static WIRE_MAX])
{
	const struct pair *pair = &pairs[number % n_pairs];
	struct wire_deliver deliver = { .header = wire_header(WIRE_DELIVER),
		.cursor = -1,
		.document_size = (uint32_t)pair->size,
		.signature_size = (uint32_t)pair->signature_size };
	size_t size = sizeof(deliver);

	if (size + pair->size + pair->signature_size > WIRE_MAX)
		return 0;
	memcpy(message, &deliver, size);
	memcpy(message + size, pair->document, pair->size);
	number_runs(message + size, pair->size, number);
	size += pair->size;
	memcpy(message + size, pair->signature, pair->signature_size);
	return size + pair->signature_size;
}

static int hand_in(unsigned long number, int *ret)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = PATH_COURIER_SOCKET };
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	static char message[WIRE_MAX];
	size_t size = compose(number, message);

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		send(fd, message, size, MSG_NOSIGNAL) < 0)
		return -errno;
	*ret = TAKE_FD(fd);
	return 0;
}

static void hear(struct pollfd *connection)
{
	struct wire_done done = { 0 };

	if (recv(connection->fd, &done, sizeof(done), 0) == (ssize_t)sizeof(done))
		printf("%" PRId32 " %s\n", done.result, done.text);
	else
		puts("dropped");
	(void)close(connection->fd);
	connection->fd = -1;
}

static int flood(unsigned long count, size_t n_connections)
{
	unsigned long sent = 0, heard = 0;

	while (heard < count) {
		for (size_t i = 0; i < n_connections; i++)
			if (connections[i].fd < 0 && sent < count &&
				hand_in(sent++, &connections[i].fd) < 0) {
				puts("dropped");
				heard++;
			}
		if (heard < count && poll(connections, n_connections, SILENCE_MS) <= 0)
			return -ETIMEDOUT;
		for (size_t i = 0; i < n_connections; i++)
			if (connections[i].fd >= 0 && connections[i].revents) {
				hear(&connections[i]);
				heard++;
			}
	}
	return 0;
}

static int read_pairs(int n, char **files)
{
	int r = 0;

	for (int i = 0; r == 0 && i + 1 < n && n_pairs < PAIRS_MAX; i += 2, n_pairs++) {
		struct pair *pair = &pairs[n_pairs];

		r = read_file(files[i], &pair->document, &pair->size);
		if (r == 0)
			r = read_file(files[i + 1], &pair->signature, &pair->signature_size);
	}
	return r;
}

int main(int argc, char **argv)
{
	size_t n_connections;
	int r;

	if (argc < 5 || argc % 2 == 0) {
		fprintf(stderr, "usage: flood COUNT CONNECTIONS DOCUMENT SIGNATURE ...\n");
		return 2;
	}
	n_connections = strtoul(argv[2], NULL, 10);
	if (n_connections == 0 || n_connections > CONNECTIONS_MAX)
		n_connections = CONNECTIONS_MAX;
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		connections[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	r = read_pairs(argc - 3, argv + 3);
	if (r == 0)
		r = flood(strtoul(argv[1], NULL, 10), n_connections);
	if (r < 0)
		fprintf(stderr, "flood: %s\n", strerror(-r));
	return r < 0 ? 1 : 0;
}
