/* SPDX-License-Identifier: MIT */

/* One thread does all: libmicrohttpd in its epoll mode without a thread of its own, its epoll
 * descriptor polled here beside the signals and the watch on the database. So there is nothing to
 * lock, a long poll costs a suspended connection, and what another process wrote (an admin's verb,
 * another instance) wakes whoever waits. */

#include "central/serve.h"

#include "central/exchange.h"
#include "central/listen.h"
#include "central/log.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#define CONNECTIONS_MAX   16384
#define IDLE_SECONDS      75
#define STOP_MS           3000 /* for those who are being answered when the server stops */
#define PEM_MAX           (64 * 1024)
#define CONNECTION_MEMORY (32 * 1024)
#define TLS_PRIORITIES    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

static int read_pem(const char *path, char **ret, struct problem *problem)
{
	_cleanup_(closep) int fd = -EBADF;
	_cleanup_(freep) char *text = malloc(PEM_MAX + 1);
	ssize_t size;

	if (!text)
		return -ENOMEM;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	size = fd < 0 ? -1 : read(fd, text, PEM_MAX + 1);
	if (size < 0)
		return problem_say(problem, -errno, "%s: cannot be read: %m", path);
	if (size > PEM_MAX)
		return problem_say(problem, -EFBIG, "%s: larger than %d bytes", path, PEM_MAX);
	text[size] = '\0';
	*ret = TAKE_PTR(text);
	return 0;
}

static int check_address(
	const struct serve_settings *settings, struct listen_address *ret, struct problem *problem)
{
	if (listen_parse(settings->listen, ret) < 0)
		return problem_say(problem, -EINVAL,
			"\"%s\" is no ADDRESS:PORT with a numeric address, as 127.0.0.1:8480 or "
			"[::]:443",
			settings->listen);
	if (!settings->certificate != !settings->key)
		return problem_say(problem, -EINVAL,
			"--certificate and --key belong together: one of them is missing");
	if (!settings->certificate && !listen_is_loopback(ret))
		return problem_say(problem, -EINVAL,
			"%s is not loopback: tokens would travel in clear. Give --certificate and "
			"--key, or listen on 127.0.0.1 behind a proxy that does TLS",
			settings->listen);
	return 0;
}

/* Each waiting host holds a descriptor. */
static void raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int start_daemon(struct server *server, int fd, const char *certificate, const char *key,
	struct problem *problem)
{
	const unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (key ? MHD_USE_TLS : 0);
	const struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)certificate },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)TLS_PRIORITIES },
		{ MHD_OPTION_END, 0, NULL },
	};
	const struct MHD_OptionItem plain[] = { { MHD_OPTION_END, 0, NULL } };

	server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, exchange_handle, server,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, exchange_new, server,
		MHD_OPTION_NOTIFY_COMPLETED, exchange_completed, server,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_ARRAY,
		key ? tls : plain, MHD_OPTION_END);
	if (!server->daemon)
		return problem_say(problem, -EINVAL,
			key ? "the server cannot start: are --certificate and --key PEM files that "
			      "belong together?"
			    : "the server cannot start");
	return 0;
}

static int signals_open(void)
{
	sigset_t signals;
	int fd;

	(void)signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

/* How long nothing is to do. libmicrohttpd looks at resumed connections when it runs, but does not
 * say that it wants to. */
static int shortest(struct server *server)
{
	int64_t waiting = exchange_expire(server);
	MHD_UNSIGNED_LONG_LONG connection;

	if (server->resumed) {
		server->resumed = false;
		return 0;
	}
	if (MHD_get_timeout(server->daemon, &connection) == MHD_YES &&
		(waiting < 0 || (int64_t)connection < waiting))
		waiting = (int64_t)connection;
	return waiting > INT32_MAX ? INT32_MAX : (int)waiting;
}

static int notice_others(struct server *server)
{
	if (!central_changed_elsewhere(server->central))
		return 0;
	exchange_wake(server, NULL);
	return central_epoch(server->central, server->epoch);
}

static int loop(struct server *server, int signals)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd fds[] = {
		{ .fd = info->epoll_fd, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
		{ .fd = central_watch(server->central), .events = POLLIN },
	};

	while (!fds[1].revents) {
		if (poll(fds, 3, shortest(server)) < 0 && errno != EINTR)
			return -errno;
		if (fds[2].revents && notice_others(server) < 0)
			log_line(LOG_LEVEL_ERROR,
				"supportaccess-central: the database cannot be read");
		if (MHD_run(server->daemon) != MHD_YES)
			return -EIO;
	}
	return 0;
}

/* Whoever waits gets an answer, whoever is being answered gets the rest of it. */
static void stop(struct server *server)
{
	int64_t end = exchange_now_ms() + STOP_MS;
	MHD_socket fd = MHD_quiesce_daemon(server->daemon);

	server->stopping = true;
	exchange_wake(server, NULL);
	do
		(void)MHD_run_wait(server->daemon, 20);
	while (server->n_open && exchange_now_ms() < end);
	exchange_wake(server, NULL);
	MHD_stop_daemon(server->daemon);
	if (fd >= 0)
		(void)close(fd);
}

static int run(struct server *server, const struct listen_address *address, const char *certificate,
	const char *key, struct problem *problem)
{
	_cleanup_(closep) int listening = -EBADF;
	_cleanup_(closep) int signals = signals_open();
	char where[80];
	int r;

	if (signals < 0)
		return signals;
	r = listen_open(address, &listening, where, sizeof(where));
	if (r < 0)
		return problem_say(problem, r, "cannot listen: %s", strerror(-r));
	r = start_daemon(server, listening, certificate, key, problem);
	if (r < 0)
		return r;
	listening = -EBADF; /* the daemon's now; stop() gets it back */
	log_line(LOG_LEVEL_NOTICE, "supportaccess-central: serves %s://%s", key ? "https" : "http",
		where);
	r = loop(server, signals);
	stop(server);
	log_line(LOG_LEVEL_NOTICE, "supportaccess-central: stopped");
	return r;
}

int serve(const struct serve_settings *settings, struct problem *problem)
{
	_cleanup_(central_freep) struct central *central = NULL;
	_cleanup_(freep) char *certificate = NULL, *key = NULL;
	_cleanup_(freep) struct server *server = calloc(1, sizeof(*server));
	struct listen_address address;
	int r;

	if (!server)
		return -ENOMEM;
	r = check_address(settings, &address, problem);
	if (r == 0 && settings->key)
		r = read_pem(settings->certificate, &certificate, problem);
	if (r == 0 && settings->key)
		r = read_pem(settings->key, &key, problem);
	if (r == 0)
		r = central_open(settings->database, true, &central, problem);
	if (r == 0)
		r = central_epoch(central, server->epoch);
	if (r < 0)
		return r;
	if (central_watch(central) < 0)
		return problem_say(problem, central_watch(central),
			"the folder of %s cannot be watched", settings->database);
	server->central = central;
	server->token_rate = settings->token_rate;
	server->address_rate = settings->address_rate;
	raise_limits();
	return run(server, &address, certificate, key, problem);
}
