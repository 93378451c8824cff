/* SPDX-License-Identifier: MIT */

/* `supportaccess audit verify|export`: the chain of events. */

#include "admin/ask.h"
#include "admin/host.h"
#include "admin/verbs.h"
#include "core/json.h"
#include "host/chain.h"
#include "host/facts.h"

#include <stdio.h>
#include <string.h>

static int run_verify(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(host_done) struct host host = { 0 };
	_cleanup_(json_putp) struct json_object *row = json_object_new_object();
	_cleanup_(freep) char *key = NULL;
	int64_t events = 0, heads = 0;
	int r = host_open("audit", HOST_LOOKS, &host, problem);

	if (r == 0)
		r = store_get(host.store, FACT_PUBLIC_KEY, &key);
	if (r == 0)
		r = chain_verify(host.store, key, &events, &heads, problem);
	if (r < 0)
		return problem_say(problem, r, "cannot verify the chain: %s", strerror(-r));
	json_add_text(row, "host", host.name);
	json_add_number(row, "events", events);
	json_add_number(row, "heads", heads);
	if (argument_given(arguments, "json"))
		output_object(OUTPUT_JSON, row, NULL, host.now);
	else
		printf("The chain of %s holds: %lld events, each linked to the one before, and "
		       "%lld "
		       "signed heads.\nWhether it is the whole chain tell the heads that left this "
		       "host: compare with central.\n",
			host.name, (long long)events, (long long)heads);
	return EXIT_DONE;
}

static int print_event(void *context, const char *bytes, size_t size, const struct event *event)
{
	(void)context, (void)event;
	return fwrite(bytes, 1, size, stdout) == size && putchar('\n') != EOF ? 0 : -EIO;
}

static int run_export(const struct arguments *arguments, struct problem *problem)
{
	_cleanup_(host_done) struct host host = { 0 };
	int r = host_open("audit", HOST_LOOKS, &host, problem);

	(void)arguments;
	if (r == 0)
		r = chain_each(host.store, 0, SIZE_MAX, print_event, NULL);
	return r < 0 ? problem_say(problem, r, "cannot export the chain: %s", strerror(-r))
		     : EXIT_DONE;
}

static const struct option_spec verify_options[] = { { "json", 0, NULL, "print JSON" }, { 0 } };

static const struct command verbs[] = {
	{ "verify", "", "check every link and every signed head", verify_options, 0, 0,
		run_verify },
	{ "export", "", "print the events' exact bytes, one document a line", NULL, 0, 0,
		run_export },
	{ 0 },
};

const struct command verb_audit = { "audit", NULL, "the chain of events", .verbs = verbs };
