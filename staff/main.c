/* SPDX-License-Identifier: MIT */

#include "staff/staff.h"

static const struct option_spec login_options[] = {
	STAFF_KEY_OPTION,
	{ "ca-file", 0, "FILE", "trust these certificates for central" },
	{ "json", 0, NULL, "print JSON" },
	{ 0 },
};

static const struct option_spec hosts_options[] = { STAFF_FORMAT_OPTIONS, { 0 } };

static const struct option_spec request_options[] = {
	{ "customer", 'c', "NAME", "whose hosts" },
	{ "host", 'H', "NAME", "which host; again for each further one", true },
	{ "scope", 's', "SCOPE", "read-only (the default), read-write or admin" },
	{ "for", 'f', "LENGTH",
		"how long: 4h, 3d ...; else 3d read-only, 8h read-write, 4h admin" },
	{ "from", 0, "TIME", "not before: 18:30, \"2026-11-26 14:02\"" },
	{ "reason", 'r', "TEXT", "why; the customer reads it before deciding" },
	{ "ticket", 't', "TICKET", "the ticket that this is about" },
	{ "tried", 0, "TEXT", "what was tried without access" },
	{ "again", 0, "ID", "as that request; what is given besides takes its place" },
	STAFF_KEY_OPTION,
	STAFF_FORMAT_OPTIONS,
	{ 0 },
};

static const struct option_spec list_options[] = {
	{ "customer", 'c', "NAME", "only requests to this customer" },
	{ "all", 'a', NULL, "also those that are over" },
	STAFF_FORMAT_OPTIONS,
	{ 0 },
};

static const struct option_spec show_options[] = {
	{ "wait", 'w', NULL, "until it is decided" },
	STAFF_FORMAT_OPTIONS,
	{ 0 },
};

static const struct option_spec close_options[] = {
	{ "summary", 0, "TEXT", "what was done; the customer reads it" },
	STAFF_KEY_OPTION,
	STAFF_FORMAT_OPTIONS,
	{ 0 },
};

static const struct command commands[] = {
	{ "login", "URL", "log in to central with the one-time code on standard input",
		login_options, 1, 1, staff_login },
	{ "hosts", "CUSTOMER", "list a customer's hosts", hosts_options, 1, 1, staff_hosts },
	{ "request", NULL, "ask a customer for access", request_options, 0, 0, staff_request,
		.more = "Example:\n"
			"  supportaccess-staff request --customer acme --host db1 --for 3d \\\n"
			"    --reason \"Index rebuild fails after 9.4 upgrade\" --ticket 4711" },
	{ "list", NULL, "list your requests", list_options, 0, 0, staff_list },
	{ "show", "ID", "show one request, and what hosts confirmed", show_options, 1, 1,
		staff_show },
	{ "close", "ID", "say that you are done: ends your sessions of it", close_options, 1, 1,
		staff_close },
	{ "ssh", "CUSTOMER/HOST [ARGUMENTS]", "log in; arguments are those of ssh(1)", NULL, 1,
		COMMAND_WORDS_MAX, staff_ssh, .passes_on = true },
	{ 0 },
};

int main(int argc, char **argv)
{
	return command_main(STAFF_PROGRAM,
		"Asks customers for access to their hosts, and logs in where it was given.",
		commands, argc, argv);
}
