/* SPDX-License-Identifier: MIT */

/* Single questions go through wire_ask. The outbox is different: its answer comes when there is
 * news, perhaps in hours, so it is a connection in the courier's own loop. */

#include "courier/local.h"

#include "lib/cleanup.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int say_unreachable(const char *socket_path, int r, struct problem *problem)
{
	return problem_say(
		problem, r, "supportaccessd does not answer on %s: %s", socket_path, strerror(-r));
}

static int ask(const char *socket_path, int timeout_ms, const void *request, size_t size,
	void *ret_answer, size_t answer_size, struct problem *problem)
{
	size_t got = 0;
	int r = wire_ask(
		socket_path, timeout_ms, request, size, ret_answer, answer_size, &got, NULL, NULL);

	if (r == 0 && got != answer_size)
		r = -EPROTO;
	return r < 0 ? say_unreachable(socket_path, r, problem) : 0;
}

int local_hello(const char *socket_path, int64_t contact, const char *contact_text,
	struct wire_hello *ret, struct problem *problem)
{
	struct wire_contact request = { .header = wire_header(WIRE_HELLO), .contact = contact };
	struct wire_hello answer;
	int r;

	snprintf(request.text, sizeof(request.text), "%s", contact_text);
	r = ask(socket_path, LOCAL_TIMEOUT_MS, &request, sizeof(request), &answer, sizeof(answer),
		problem);
	if (r < 0)
		return r;
	if (!wire_text_is_clean(answer.epoch, sizeof(answer.epoch)) ||
		!wire_text_is_clean(answer.host_id, sizeof(answer.host_id)))
		return say_unreachable(socket_path, -EPROTO, problem);
	*ret = answer;
	return 0;
}

static int read_done(const struct wire_done *done, struct problem *problem)
{
	if (!wire_text_is_clean(done->text, sizeof(done->text)))
		return problem_say(problem, -EPROTO, "supportaccessd answered with garbage");
	if (done->result < 0)
		return problem_say(problem, done->result, "supportaccessd: %s",
			done->text[0] ? done->text : strerror(-done->result));
	return done->result;
}

int local_deliver(const char *socket_path, const char *epoch, int64_t cursor, const char *document,
	size_t size, const char *signature, size_t signature_size, struct problem *problem)
{
	struct wire_deliver header = { .header = wire_header(WIRE_DELIVER),
		.cursor = cursor,
		.document_size = (uint32_t)size,
		.signature_size = (uint32_t)signature_size };
	_cleanup_(freep) char *message = NULL;
	struct wire_done done;
	int r;

	if (size > WIRE_MAX || signature_size > WIRE_MAX ||
		sizeof(header) + size + signature_size > WIRE_MAX ||
		strlen(epoch) >= sizeof(header.epoch))
		return problem_say(problem, -EMSGSIZE,
			"an item of %zu bytes is too large to hand on", size + signature_size);
	memcpy(header.epoch, epoch, strlen(epoch));
	message = malloc(sizeof(header) + size + signature_size);
	if (!message)
		return -ENOMEM;
	memcpy(message, &header, sizeof(header));
	if (size)
		memcpy(message + sizeof(header), document, size);
	if (signature_size)
		memcpy(message + sizeof(header) + size, signature, signature_size);
	r = ask(socket_path, LOCAL_DELIVERY_MS, message, sizeof(header) + size + signature_size,
		&done, sizeof(done), problem);
	return r < 0 ? r : read_done(&done, problem);
}

int local_sent(const char *socket_path, int64_t last, struct problem *problem)
{
	struct wire_sent request = { .header = wire_header(WIRE_SENT), .last = last };
	struct wire_done done;
	int r = ask(socket_path, LOCAL_TIMEOUT_MS, &request, sizeof(request), &done, sizeof(done),
		problem);

	return r < 0 ? r : read_done(&done, problem);
}

int local_outbox_ask(const char *socket_path, int *ret_fd, struct problem *problem)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct wire_header request = wire_header(WIRE_OUTBOX);
	struct ucred peer;
	socklen_t size = sizeof(peer);
	_cleanup_(closep) int fd = -EBADF;

	if (strlen(socket_path) >= sizeof(address.sun_path))
		return say_unreachable(socket_path, -ENAMETOOLONG, problem);
	memcpy(address.sun_path, socket_path, strlen(socket_path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return say_unreachable(socket_path, -errno, problem);
	if (peer.uid != 0)
		return say_unreachable(socket_path, -EPERM, problem);
	if (send(fd, &request, sizeof(request), MSG_NOSIGNAL) != (ssize_t)sizeof(request))
		return say_unreachable(socket_path, errno ? -errno : -EPROTO, problem);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int local_outbox_take(int fd, char **ret_body, int64_t *ret_last, struct problem *problem)
{
	_cleanup_(freep) char *message = malloc(WIRE_MAX + 1);
	struct wire_outbox outbox;
	ssize_t got;
	char *body;

	if (!message)
		return -ENOMEM;
	got = recv(fd, message, WIRE_MAX + 1, MSG_TRUNC);
	if (got <= 0)
		return problem_say(problem, -ECONNRESET, "supportaccessd closed its outbox");
	if ((size_t)got < sizeof(outbox) || got > WIRE_MAX)
		return problem_say(problem, -EPROTO, "supportaccessd's outbox is garbage");
	memcpy(&outbox, message, sizeof(outbox));
	if (outbox.header.magic != WIRE_MAGIC || outbox.header.version != WIRE_VERSION ||
		outbox.header.op != WIRE_OUTBOX || outbox.size != (size_t)got - sizeof(outbox) ||
		memchr(message + sizeof(outbox), '\0', outbox.size))
		return problem_say(problem, -EPROTO, "supportaccessd's outbox is garbage");
	body = malloc(outbox.size + 1);
	if (!body)
		return -ENOMEM;
	memcpy(body, message + sizeof(outbox), outbox.size);
	body[outbox.size] = '\0';
	*ret_body = body;
	*ret_last = outbox.last;
	return 0;
}
