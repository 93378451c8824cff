/* SPDX-License-Identifier: MIT */
#pragma once

/* The local protocol: messages between what runs on one host and supportaccessd.
 *
 * SOCK_SEQPACKET over Unix sockets, one request and one answer per connection, fixed
 * structures in the host's byte order: both ends are on the same machine, and with nothing to
 * parse there is no parser to attack. Every text is NUL-terminated within its array and NUL to
 * its end, every reserved field is zero, or the message is refused. docs/protocol.md says who
 * may send what on which socket.
 *
 * The daemon speaks WIRE_VERSION and the version before it, and answers in the version that it
 * was asked in: an upgrade refuses nobody. */

#include "lib/account.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_MAGIC    0x53415731U /* "SAW1" */
#define WIRE_VERSION  1
#define WIRE_MAX      (64 * 1024) /* bytes of any message, body included */
#define WIRE_TEXT_MAX 1024
#define WIRE_FDS_MAX  4

enum wire_op {
	/* control.sock, from the PAM module */
	WIRE_ACCOUNT = 1, /* may this account log in? wire_login -> wire_verdict */
	WIRE_OPEN = 2,    /* a session begins: wire_login -> wire_verdict and namespaces */
	WIRE_CLOSE = 3,   /* a session is over; sent, not waited for: wire_login -> nothing */

	/* control.sock, from the admin CLI */
	WIRE_CHANGED = 10, /* the store or a file of keys changed: wire_header -> wire_done */
	WIRE_STATUS = 11,  /* wire_header -> wire_status */

	/* session.sock, from the login shell */
	WIRE_SHELL = 20, /* whose session am I in? wire_header -> wire_shell */

	/* courier.sock, from the courier */
	WIRE_HELLO = 30,   /* wire_contact -> wire_hello */
	WIRE_DELIVER = 31, /* wire_deliver, document, signature -> wire_done */
	WIRE_OUTBOX = 32,  /* wire_header -> wire_outbox, body; answered when there is news */
	WIRE_SENT = 33,    /* wire_sent -> wire_done */
};

struct wire_header {
	uint32_t magic;
	uint16_t version;
	uint16_t op;
};

/* What PAM knows of a login. `pid` is never asked: the daemon takes it from the socket. */
struct wire_login {
	struct wire_header header;
	uint32_t uid; /* as the name service gave them, so that the daemon can see that */
	uint32_t gid; /* another source's account came first */
	char user[ACCOUNT_NAME_MAX + 1];
	char service[32];
	char terminal[32];
	char remote_host[256];
};

/* The answer to WIRE_ACCOUNT and WIRE_OPEN. After WIRE_OPEN of a read-only session three
 * descriptors come with it, in this order: mount, IPC and pid namespace, to be entered in that
 * order; else none. */
struct wire_verdict {
	struct wire_header header;
	uint32_t verdict;         /* enum verdict */
	uint32_t descriptors;     /* how many come with the message */
	char text[WIRE_TEXT_MAX]; /* why not, for the person: at most 5 lines of ASCII */
};

struct wire_done {
	struct wire_header header;
	int32_t result; /* 0, or a negative errno */
	uint32_t reserved;
	char text[WIRE_TEXT_MAX]; /* why, if not 0 */
};

struct wire_status {
	struct wire_header header;
	uint32_t sessions;
	uint32_t grants;
	int64_t started;                  /* when the daemon started */
	int64_t contact;                  /* when central last answered; 0: never */
	char contact_text[WIRE_TEXT_MAX]; /* what went wrong last; empty: nothing */
};

/* The answer to WIRE_SHELL. Not VERDICT_OK: the shell refuses. */
struct wire_shell {
	struct wire_header header;
	uint32_t verdict; /* enum verdict */
	uint32_t scope;   /* enum scope */
	uint32_t max_processes;
	char session[32];
	char home[64];
	char shell[128];          /* the real shell */
	char text[WIRE_TEXT_MAX]; /* the banner, or why not */
};

/* What the courier says of its contact with central. */
struct wire_contact {
	struct wire_header header;
	int64_t contact;          /* when central last answered; 0: never since start */
	char text[WIRE_TEXT_MAX]; /* what went wrong last; empty: nothing */
};

/* What the courier needs to know to ask for the feed. */
struct wire_hello {
	struct wire_header header;
	int64_t cursor; /* the last item that was taken in */
	char epoch[64]; /* of the feed; empty: never asked */
	char host_id[64];
	uint32_t documents; /* bit N-1: document version N is known */
	uint32_t reserved;
};

/* One item of the feed; `document` and then `signature` bytes follow the structure. With no
 * bytes at all it only moves the cursor. A new epoch starts the cursor anew. */
struct wire_deliver {
	struct wire_header header;
	int64_t cursor;
	char epoch[64];
	uint32_t document_size;
	uint32_t signature_size;
};

/* Events to upload: `size` bytes follow, the body for POST /v1/events as it is to be sent. */
struct wire_outbox {
	struct wire_header header;
	int64_t last; /* to be named in WIRE_SENT */
	uint32_t size;
	uint32_t reserved;
};

struct wire_sent {
	struct wire_header header;
	int64_t last;
};

/* True if a daemon of version `newest` answers what is asked in `version`: its own, and the one
 * before. There is no version 0. */
bool wire_speaks(uint16_t newest, uint16_t version);

/* Fills a header. */
static inline struct wire_header wire_header(enum wire_op op)
{
	return (struct wire_header){ WIRE_MAGIC, WIRE_VERSION, (uint16_t)op };
}

/* Asks the daemon one thing and waits at most `timeout_ms` in all for connecting, sending and
 * receiving. `request` and `*ret_answer` begin with a wire_header.
 *
 * Up to WIRE_FDS_MAX descriptors are received into `ret_fds`, close-on-exec; without `ret_fds`
 * any are closed. The peer must be root: a socket that someone else listens on is -EPERM.
 * Leaves no descriptor open but those; installs no signal handler; does not raise SIGPIPE.
 *
 * Returns 0 and `*ret_size` (bytes of the answer, a whole header of the version and operation
 * asked), or a negative errno: -ETIMEDOUT, -ECONNREFUSED and -ENOENT when nobody listens,
 * -EPERM, -EPROTO for an answer of another version, operation or shape. */
int wire_ask(const char *socket_path, int timeout_ms, const void *request, size_t request_size,
	void *ret_answer, size_t answer_max, size_t *ret_size, int *ret_fds, size_t *ret_n_fds);

/* Sends one message and does not wait for an answer: 0 or a negative errno. */
int wire_tell(const char *socket_path, int timeout_ms, const void *request, size_t request_size);

/* True if `text` of `size` bytes is NUL-terminated and NUL from there to its end. */
bool wire_text_is_clean(const char *text, size_t size);

/* True if the message is a whole wire_login, its texts clean and its name one of ours. */
bool wire_login_is_sound(const void *message, size_t size);
