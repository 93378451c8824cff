/* SPDX-License-Identifier: MIT */

/* supportaccess-central serve, backup and epoch …: what concerns the database as a whole. */

#include "central/verbs.h"

#include "central/serve.h"
#include "lib/moment.h"

#include <stdio.h>
#include <string.h>

#define LISTEN_DEFAULT       "127.0.0.1:8480"
#define TOKEN_RATE_DEFAULT   50
#define ADDRESS_RATE_DEFAULT 500
#define RATE_MAX             1000000

static int read_rate(
	const struct arguments *arguments, const char *name, int64_t *rate, struct problem *problem)
{
	const char *text = argument(arguments, name);
	int64_t value = 0;

	if (!text)
		return 0;
	for (const char *at = text; *at >= '0' && *at <= '9' && value <= RATE_MAX; at++)
		value = value * 10 + (*at - '0');
	if (!*text || text[strspn(text, "0123456789")] || value > RATE_MAX)
		return problem_say(problem, -EINVAL,
			"--%s %s is no number of requests a second, 0 to %d", name, text, RATE_MAX);
	*rate = value;
	return 0;
}

int run_serve(const struct arguments *arguments, struct problem *problem)
{
	const char *listen = argument(arguments, "listen");
	const char *database = argument(arguments, "database");
	struct serve_settings settings = {
		.listen = listen ? listen : LISTEN_DEFAULT,
		.database = database ? database : DATABASE_DEFAULT,
		.certificate = argument(arguments, "certificate"),
		.key = argument(arguments, "key"),
		.token_rate = TOKEN_RATE_DEFAULT,
		.address_rate = ADDRESS_RATE_DEFAULT,
	};
	int r;

	r = read_rate(arguments, "token-rate", &settings.token_rate, problem);
	if (r == 0)
		r = read_rate(arguments, "address-rate", &settings.address_rate, problem);
	return r < 0 ? r : serve(&settings, problem);
}

int run_backup(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(central_freep) struct central *central = NULL;
	const char *path = arguments->words[0];
	int r;

	r = verb_open(arguments, false, &central, problem);
	if (r == 0)
		r = central_backup(central, path, problem);
	if (r < 0)
		return r;
	return verb_said(arguments, true,
		"%s is a whole copy. Put back in the database's place it gets a new epoch, by "
		"which "
		"hosts notice it.",
		path);
}

static int show(const struct arguments *arguments, struct central *central, bool changed)
{
	char epoch[CENTRAL_EPOCH_LEN + 1];
	int r = central_epoch(central, epoch);

	if (r < 0)
		return r;
	if (output_asked(arguments) == OUTPUT_JSON)
		printf("{\"schema\": 1, \"changed\": %s, \"epoch\": \"%s\"}\n",
			changed ? "true" : "false", epoch);
	else
		printf("%s\n", epoch);
	return EXIT_DONE;
}

static int run_epoch_show(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(central_freep) struct central *central = NULL;
	int r = verb_open(arguments, false, &central, problem);

	return r < 0 ? r : show(arguments, central, false);
}

static int run_epoch_new(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(central_freep) struct central *central = NULL;
	int r;

	r = verb_open(arguments, false, &central, problem);
	if (r == 0)
		r = central_epoch_new(central);
	return r < 0 ? r : show(arguments, central, true);
}

static const struct option_spec options[] = { OPTION_DATABASE, OPTION_JSON, { 0 } };

const struct command epoch_verbs[] = {
	{ "new", "", "after a file system was put back: hosts read the feed from its start",
		options, 0, 0, run_epoch_new, NULL, NULL, false },
	{ "show", "", "print the epoch of the feed", options, 0, 0, run_epoch_show, NULL, NULL,
		false },
	{ 0 },
};
