/* SPDX-License-Identifier: MIT */

/* One loop over three things that wait: the poll that central holds, the upload, and the
 * daemon's outbox. Each has a pace of its own, so that a daemon that is away does not slow the
 * contact with central, nor the other way round. What failed is simply asked for again: of the
 * daemon, which gives again what was not acknowledged. */

#include "courier/courier.h"

#include "api/client.h"
#include "core/json.h"
#include "courier/feed.h"
#include "courier/local.h"
#include "courier/pace.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define IDLE_MS       60000
#define EXCHANGE_MS   30000
#define PATH_SIZE_MAX 512

struct courier {
	const struct courier_settings *settings;
	CURLM *multi;

	struct api *poll;
	bool polling;
	int64_t poll_began_ms, held_ms;
	struct pace poll_pace, delivery_pace;
	struct hold hold;
	struct feed feed;

	struct api *upload;
	struct pace outbox_pace;
	bool daemon_was_away; /* the outbox could not be read, and nothing was delivered since */
	int outbox;
	char *body; /* being uploaded */
	int64_t last;

	int64_t contact; /* when central last answered */
	struct problem trouble, told;
};

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now = { 0 };

	(void)clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t now_ms(void)
{
	return clock_ms(CLOCK_BOOTTIME);
}

static void back_off(struct pace *pace)
{
	pace_failed(pace, now_ms(), arc4random());
}

/* Logs a trouble once, not at every try. */
static void tell(struct courier *courier, const struct problem *trouble)
{
	if (strcmp(courier->told.text, trouble->text) == 0)
		return;
	courier->told = *trouble;
	fprintf(stderr, "supportaccess-courier: %s\n",
		trouble->text[0] ? trouble->text : "central answers again");
}

static void close_outbox(struct courier *courier)
{
	closep(&courier->outbox);
	courier->outbox = -EBADF;
}

/* Whatever central had too much of, it is left alone by both exchanges: the outbox is asked again
 * afterwards. Returns true if it asks for that. */
static bool leave_alone(struct courier *courier, struct api *api)
{
	int64_t wait_s = api_wait_s(api);

	if (wait_s == 0)
		return false;
	pace_asked(&courier->poll_pace, now_ms(), wait_s);
	pace_asked(&courier->outbox_pace, now_ms(), wait_s);
	close_outbox(courier);
	return true;
}

/* --- the feed ----------------------------------------------------------------------------- */

/* Where the feed stands is asked of the daemon each time: it is the one that must not forget. */
static int greet(struct courier *courier, struct problem *problem)
{
	struct wire_hello hello;
	int r = local_hello(courier->settings->socket_path, courier->contact, courier->trouble.text,
		&hello, problem);

	if (r < 0)
		return r;
	courier->feed.cursor = hello.cursor;
	memcpy(courier->feed.epoch, hello.epoch, sizeof(courier->feed.epoch));
	return 0;
}

static int start(struct courier *courier, struct api *api, const char *method, const char *path,
	const char *body, int64_t held_ms, struct problem *problem)
{
	int r = api_prepare(api, method, path, body, held_ms, problem);

	if (r < 0)
		return r;
	return curl_multi_add_handle(courier->multi, api_handle(api)) == CURLM_OK ? 0 : -ENOMEM;
}

static int start_poll(struct courier *courier, struct problem *problem)
{
	_cleanup_(freep) char *epoch = NULL;
	char path[PATH_SIZE_MAX];
	int r = greet(courier, problem);

	if (r < 0)
		return r;
	epoch = api_escape(courier->feed.epoch);
	if (!epoch)
		return -ENOMEM;
	/* The first one only finds out whether central is there. */
	courier->held_ms = courier->contact ? courier->hold.hold_ms : 0;
	snprintf(path, sizeof(path), "/v1/feed?after=%lld&epoch=%s&wait=%lld",
		(long long)courier->feed.cursor, epoch, (long long)courier->held_ms / 1000);
	r = start(courier, courier->poll, "GET", path, NULL, courier->held_ms, problem);
	if (r < 0)
		return r;
	courier->polling = true;
	courier->poll_began_ms = now_ms();
	return 0;
}

/* Central answered, or did not: the daemon hears of it with the next greeting, and of a trouble
 * at once. What waits to be sent need not wait longer when central is back. */
static void note_contact(struct courier *courier, int r, const struct problem *problem)
{
	struct problem ignored = PROBLEM_NONE;
	bool trouble = courier->trouble.text[0];

	courier->trouble = r < 0 ? *problem : PROBLEM_NONE;
	if (r < 0)
		(void)greet(courier, &ignored);
	else
		courier->contact = clock_ms(CLOCK_REALTIME) / 1000;
	if (r >= 0 && trouble)
		pace_hurry(&courier->outbox_pace, now_ms());
	tell(courier, &courier->trouble);
}

static int start_epoch(struct courier *courier, struct problem *problem)
{
	return local_deliver(
		courier->settings->socket_path, courier->feed.epoch, 0, NULL, 0, NULL, 0, problem);
}

static bool is_cut(int r)
{
	return r == -ECONNRESET || r == -ETIMEDOUT || r == -EIO;
}

static void take_poll(struct courier *courier, int64_t elapsed_ms)
{
	if (courier->held_ms && elapsed_ms >= courier->held_ms)
		hold_kept(&courier->hold);
	if (elapsed_ms < courier->held_ms && feed_is_empty(&courier->feed))
		pace_in_vain(&courier->poll_pace, now_ms());
	else
		pace_succeeded(&courier->poll_pace);
}

static void end_poll(struct courier *courier, int curl_code)
{
	_cleanup_(json_putp) struct json_object *answer = NULL;
	struct problem problem = PROBLEM_NONE;
	int64_t elapsed_ms = now_ms() - courier->poll_began_ms;
	bool anew;
	int r = api_finish(courier->poll, curl_code, &answer, &problem);

	courier->polling = false;
	if (!leave_alone(courier, courier->poll) && is_cut(r) && courier->contact &&
		hold_cut(&courier->hold, elapsed_ms) && r != -ETIMEDOUT)
		return; /* nothing to tell: what stands between did it */
	if (r == 0)
		r = feed_take(&courier->feed, answer, &problem);
	anew = r == FEED_ANEW;
	if (anew)
		r = start_epoch(courier, &problem);
	else if (r == FEED_TAKEN)
		answer = NULL;
	note_contact(courier, r, &problem);
	if (r < 0 || anew) /* one epoch after the other would be a loop without a pause */
		back_off(&courier->poll_pace);
	else
		take_poll(courier, elapsed_ms);
}

static void deliver(struct courier *courier)
{
	struct problem problem = PROBLEM_NONE;

	while (feed_is_waiting(&courier->feed)) {
		if (feed_deliver_next(&courier->feed, courier->settings->socket_path, &problem) <
			0) {
			tell(courier, &problem);
			back_off(&courier->delivery_pace);
			return;
		}
		pace_succeeded(&courier->delivery_pace);
		if (courier->daemon_was_away) /* and is back, with something to say */
			pace_hurry(&courier->outbox_pace, now_ms());
		courier->daemon_was_away = false;
	}
}

/* --- the outbox --------------------------------------------------------------------------- */

static void give_up_upload(struct courier *courier, const struct problem *problem)
{
	tell(courier, problem);
	close_outbox(courier);
	free(courier->body);
	courier->body = NULL;
	back_off(&courier->outbox_pace);
}

static void ask_outbox(struct courier *courier)
{
	struct problem problem = PROBLEM_NONE;

	if (local_outbox_ask(courier->settings->socket_path, &courier->outbox, &problem) == 0)
		return;
	courier->daemon_was_away = true;
	give_up_upload(courier, &problem);
}

static void take_outbox(struct courier *courier)
{
	struct problem problem = PROBLEM_NONE;
	int r = local_outbox_take(courier->outbox, &courier->body, &courier->last, &problem);

	close_outbox(courier);
	courier->daemon_was_away = courier->daemon_was_away || r < 0;
	if (r == 0)
		r = start(
			courier, courier->upload, "POST", "/v1/events", courier->body, 0, &problem);
	if (r < 0) {
		give_up_upload(courier, &problem);
		return;
	}
	if (courier->outbox_pace.failures == 0) /* news, a reason to try whatever waits */
		pace_hurry(&courier->poll_pace, now_ms());
}

/* Whoever answered, only one who names what we sent has it. */
static int check_sent(
	const struct courier *courier, struct json_object *answer, struct problem *problem)
{
	struct json_object *last = NULL;

	if (answer && json_object_object_get_ex(answer, "last", &last) &&
		json_object_is_type(last, json_type_int) &&
		json_object_get_int64(last) >= courier->last)
		return 0;
	return problem_say(
		problem, -EPROTO, "central does not say that it has the events that it was sent");
}

/* A central that was put back from a backup says where its knowledge ends, and gets the rest. */
static void end_upload(struct courier *courier, int curl_code)
{
	_cleanup_(json_putp) struct json_object *answer = NULL;
	struct problem problem = PROBLEM_NONE, ignored = PROBLEM_NONE;
	int64_t known = 0;
	bool gap;
	int r = api_finish(courier->upload, curl_code, &answer, &problem);

	(void)leave_alone(courier, courier->upload);
	gap = r < 0 && api_problem_number(courier->upload, "chain-gap", "last", &known) == 0;
	if (r == 0)
		r = check_sent(courier, answer, &problem);
	if (r == 0)
		r = local_sent(courier->settings->socket_path, courier->last, &problem);
	else if (gap)
		(void)local_sent(courier->settings->socket_path, known, &ignored);
	if (r < 0) {
		give_up_upload(courier, &problem);
		return;
	}
	free(courier->body);
	courier->body = NULL;
	pace_succeeded(&courier->outbox_pace);
	pace_hurry(&courier->poll_pace, now_ms());
}

/* --- the loop ----------------------------------------------------------------------------- */

/* Starts whatever may start now. */
static void start_due(struct courier *courier)
{
	struct problem problem = PROBLEM_NONE;
	int64_t now = now_ms();

	if (feed_is_waiting(&courier->feed) && now >= courier->delivery_pace.next_ms)
		deliver(courier);
	if (!courier->polling && !feed_is_waiting(&courier->feed) &&
		now >= courier->poll_pace.next_ms && start_poll(courier, &problem) < 0) {
		tell(courier, &problem);
		back_off(&courier->poll_pace);
	}
	if (courier->outbox < 0 && !courier->body && now >= courier->outbox_pace.next_ms)
		ask_outbox(courier);
}

static int64_t sooner(int64_t wait_ms, bool waits, const struct pace *pace, int64_t now)
{
	int64_t left = pace->next_ms > now ? pace->next_ms - now : 0;

	return waits && left < wait_ms ? left : wait_ms;
}

static int next_wait(const struct courier *courier)
{
	bool delivering = feed_is_waiting(&courier->feed);
	int64_t now = now_ms(), wait_ms = IDLE_MS;

	wait_ms = sooner(wait_ms, delivering, &courier->delivery_pace, now);
	wait_ms = sooner(wait_ms, !courier->polling && !delivering, &courier->poll_pace, now);
	wait_ms =
		sooner(wait_ms, courier->outbox < 0 && !courier->body, &courier->outbox_pace, now);
	return (int)wait_ms;
}

/* Ends every exchange that is done. */
static void end_done(struct courier *courier)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(courier->multi, &left))) {
		CURL *handle = message->easy_handle;
		int code = (int)message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_multi_remove_handle(courier->multi, handle);
		if (handle == api_handle(courier->poll))
			end_poll(courier, code);
		else
			end_upload(courier, code);
	}
}

/* What is done is ended before the waiting begins: nothing would wake us for it. */
static void turn(struct courier *courier)
{
	struct curl_waitfd outbox = { .events = CURL_WAIT_POLLIN };
	unsigned int n;
	int running;

	(void)curl_multi_perform(courier->multi, &running);
	end_done(courier);
	start_due(courier);
	outbox.fd = courier->outbox;
	n = courier->outbox >= 0 ? 1 : 0;
	(void)curl_multi_poll(courier->multi, n ? &outbox : NULL, n, next_wait(courier), NULL);
	if (n && outbox.revents)
		take_outbox(courier);
}

int courier_run(const struct courier_settings *settings, struct problem *problem)
{
	struct courier courier = { .settings = settings, .outbox = -EBADF };
	struct api_settings api = { .url = settings->url,
		.token = settings->token,
		.proxy = settings->proxy,
		.ca_file = settings->ca_file,
		.user_agent = "supportaccess-courier/" SUPPORTACCESS_VERSION,
		.timeout_ms = EXCHANGE_MS };
	int r;

	r = api_open(&api, &courier.poll, problem);
	if (r == 0)
		r = api_open(&api, &courier.upload, problem);
	if (r < 0)
		return r;
	courier.multi = curl_multi_init();
	if (!courier.multi)
		return -ENOMEM;
	hold_init(&courier.hold, settings->hold_ms);
	for (;;)
		turn(&courier);
}
