/* SPDX-License-Identifier: MIT */
#pragma once

/* Verbs of a command line, as a table.
 *
 *	static const struct option_spec approve_options[] = {
 *		{ "for", 'f', "DURATION", "narrow to at most this long" },
 *		{ "json", 0, NULL, "print JSON" },
 *		{ 0 },
 *	};
 *	static const struct command commands[] = {
 *		{ "approve", "[ID]", "approve a request", approve_options, 0, 1, run_approve },
 *		{ 0 },
 *	};
 *
 * A group ("approvers add") is a command whose `verbs` are a table. Help is made from the table:
 * `--help` anywhere, `help [VERB]`, and `--version`. An unknown verb or option is an error that
 * names the nearest one. A program without verbs is a table with one command, whose name is "".
 *
 * Options stand before or after words: `--name VALUE`, `--name=VALUE`, `-n VALUE`, `-nVALUE`;
 * switches may be joined (`-qv`). `--` ends them, `-` alone is a word. */

#include "core/problem.h"

#include <stdbool.h>
#include <stddef.h>

/* Exit codes of all programs. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NOT_FOUND = 3,
	EXIT_REFUSED = 4,
	EXIT_TIMED_OUT = 5,
	EXIT_UNREACHABLE = 6,
	EXIT_IN_PART = 7,
};

#define COMMAND_OPTIONS_MAX 24
#define COMMAND_VALUES_MAX  64 /* of one repeatable option */
#define COMMAND_WORDS_MAX   256

struct option_spec {
	const char *name;
	char letter;          /* 0: none */
	const char *argument; /* "DURATION"; NULL: a switch */
	const char *help;
	bool repeat; /* may be given several times */
};

struct arguments {
	const char *program, *verb;
	const char *const *words; /* without options */
	size_t n_words;
	/* private */
	const struct option_spec *options;
	const char *values[COMMAND_OPTIONS_MAX][COMMAND_VALUES_MAX];
	size_t n_values[COMMAND_OPTIONS_MAX];
};

struct command {
	const char *name;
	const char *synopsis; /* of its words: "ID", "[ID]", "URL [-]" */
	const char *help;     /* one line */
	const struct option_spec *options;
	size_t words_min, words_max;
	/* An exit code, or a negative errno, which exit_code_of makes one of. */
	int (*run)(const struct arguments *arguments, struct problem *problem);
	const struct command *verbs; /* of a group; then `run` is NULL */
	const char *more;            /* further help: what happens, examples; NULL: none */
	bool passes_on; /* its options end at its first word: the rest is another program's */
};

/* Runs one command line: the whole of a program's main. A problem that `run` said is printed as
 * `PROGRAM: SENTENCE` on standard error. Checks that what was printed reached standard output (a
 * full disk or closed pipe is EXIT_FAILED); for that SIGPIPE is ignored. */
int command_main(const char *program, const char *summary, const struct command *commands, int argc,
	char **argv);

/* The value of an option, the last one given; NULL if it was not, or if the verb has no such
 * option: what verbs share may ask for what only some of them have. */
const char *argument(const struct arguments *arguments, const char *name);
bool argument_given(const struct arguments *arguments, const char *name);
/* All values of a repeatable option. */
size_t argument_all(
	const struct arguments *arguments, const char *name, const char *const **ret_values);

/* Turns a negative errno of ours into an exit code: -ENOENT is 3, -EPERM and -EACCES 4,
 * -ETIMEDOUT 5, -ECONNREFUSED, -ECONNRESET, -EHOSTUNREACH, -ENETUNREACH 6, -EINVAL 2, others 1. */
int exit_code_of(int r);
