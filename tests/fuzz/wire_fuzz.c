/* SPDX-License-Identifier: MIT */

/* Any bytes as a message of the local protocol: as what a login says to the daemon, and as what a
 * daemon answers to who asks. The answers come over a real socket, from a thread that sends the
 * input to whoever connects. */

#include "lib/wire.h"
#include "tests/fuzz/fuzz.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

#define TIMEOUT_MS 5000

static struct {
	uint8_t bytes[WIRE_MAX];
	size_t size;
} input;

static void *serve(void *context)
{
	const int *listening = context;
	char question[WIRE_MAX];

	for (;;) {
		_cleanup_(closep) int fd = accept4(*listening, NULL, NULL, SOCK_CLOEXEC);

		REQUIRE(fd >= 0);
		if (recv(fd, question, sizeof(question), 0) > 0)
			(void)send(fd, input.bytes, input.size, MSG_NOSIGNAL);
	}
	return NULL;
}

static const char *server(void)
{
	static struct sockaddr_un address = { .sun_family = AF_UNIX };
	static int listening;
	char folder[] = "/tmp/supportaccess-fuzz-XXXXXX";
	pthread_t thread;

	if (address.sun_path[0])
		return address.sun_path;
	REQUIRE(mkdtemp(folder));
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", folder);
	listening = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	REQUIRE(listening >= 0);
	REQUIRE(bind(listening, (struct sockaddr *)&address, sizeof(address)) == 0);
	REQUIRE(listen(listening, 1) == 0);
	REQUIRE(pthread_create(&thread, NULL, serve, &listening) == 0);
	return address.sun_path;
}

static void ask(const uint8_t *data, size_t size)
{
	struct wire_login question = { .header = wire_header(WIRE_ACCOUNT) };
	struct wire_verdict answer;
	size_t answer_size = 0;
	int r;

	input.size = size < sizeof(input.bytes) ? size : sizeof(input.bytes);
	memcpy(input.bytes, data, input.size);
	r = wire_ask(server(), TIMEOUT_MS, &question, sizeof(question), &answer, sizeof(answer),
		&answer_size, NULL, NULL);
	REQUIRE(r != -ETIMEDOUT);
	if (r < 0)
		return;
	REQUIRE(answer_size >= sizeof(answer.header) && answer_size == size);
	REQUIRE(answer.header.magic == WIRE_MAGIC && answer.header.version == WIRE_VERSION);
	REQUIRE(answer.header.op == WIRE_ACCOUNT);
	if (answer_size == sizeof(answer) && wire_text_is_clean(answer.text, sizeof(answer.text)))
		REQUIRE(strlen(answer.text) < sizeof(answer.text));
}

static void say(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *bytes = fuzz_bytes(data, size);
	const struct wire_login *login = (void *)bytes;

	if (!wire_login_is_sound(bytes, size))
		return;
	REQUIRE(size == sizeof(*login));
	REQUIRE(account_name_is_ours(login->user) &&
		text_is_plain(login->user, strlen(login->user)));
	REQUIRE(strlen(login->remote_host) < sizeof(login->remote_host));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	say(data, size);
	ask(data, size);
	return 0;
}
