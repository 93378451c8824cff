/* SPDX-License-Identifier: MIT */

/* supportaccess-central: the API server, and the verbs of who runs it. */

#include "central/verbs.h"

static const struct option_spec serve_options[] = {
	{ "listen", 'l', "ADDRESS:PORT", "where (127.0.0.1:8480)", false },
	{ "certificate", 0, "FILE", "TLS certificate chain, PEM", false },
	{ "key", 0, "FILE", "its private key, PEM", false },
	{ "token-rate", 0, "N", "requests a second of one token (50); 0: no limit", false },
	{ "address-rate", 0, "N", "requests a second of one address (500); 0: no limit", false },
	OPTION_DATABASE,
	{ 0 },
};
static const struct option_spec backup_options[] = { OPTION_DATABASE, OPTION_JSON, { 0 } };

static const char serve_more[] =
	"Without --certificate and --key it speaks plain HTTP, on loopback only: for a proxy that "
	"does "
	"TLS (then --address-rate 0), or to try it. Logs go to standard error.";

static const struct command commands[] = {
	{ "serve", "", "answer the API", serve_options, 0, 0, run_serve, NULL, serve_more, false },
	{ "customer", "", "customers", NULL, 0, 0, NULL, customer_verbs, NULL, false },
	{ "agent", "", "the vendor's staff", NULL, 0, 0, NULL, agent_verbs, NULL, false },
	{ "approver", "", "customers' approvers", NULL, 0, 0, NULL, approver_verbs, NULL, false },
	{ "host", "", "customers' hosts", NULL, 0, 0, NULL, host_verbs, NULL, false },
	{ "token", "", "tokens", NULL, 0, 0, NULL, token_verbs, NULL, false },
	{ "epoch", "", "the epoch of the feed", NULL, 0, 0, NULL, epoch_verbs, NULL, false },
	{ "backup", "FILE", "copy the database, also while it is in use", backup_options, 1, 1,
		run_backup, NULL, NULL, false },
	{ 0 },
};

int main(int argc, char **argv)
{
	return command_main("supportaccess-central", "relays requests and decisions; opens nothing",
		commands, argc, argv);
}
