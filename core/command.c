/* SPDX-License-Identifier: MIT */

/* One walk over the command line: verbs down the table until a command that runs, then its
 * options and words. Nothing runs before the whole line was understood. */

#include "core/command.h"

#include "core/command_help.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define PATH_LEN_MAX 128

/* What is left of the command line. */
struct line {
	char **words;
	int n;
	char path[PATH_LEN_MAX]; /* "supportaccess approvers": for help and messages */
};

enum parsed {
	PARSED_RUN,
	PARSED_HELP,
	PARSED_VERSION,
};

static const char *take(struct line *line)
{
	line->n--;
	return *line->words++;
}

static const char *command_name(const void *table, size_t i)
{
	return ((const struct command *)table)[i].name;
}

static const char *option_name(const void *table, size_t i)
{
	return table ? ((const struct option_spec *)table)[i].name : NULL;
}

/* `dashes`: "--" before the names of options. */
static int no_such(struct problem *problem, const char *what, const char *dashes, const char *typed,
	const char *nearest, const char *path)
{
	if (nearest)
		return problem_say(problem, -EINVAL, "no %s \"%s%s\"; did you mean \"%s%s\"?", what,
			dashes, typed, dashes, nearest);
	return problem_say(problem, -EINVAL, "no %s \"%s%s\"; `%s --help` lists all", what, dashes,
		typed, path);
}

/* --- options ------------------------------------------------------------------------------ */

static int keep_value(
	struct arguments *arguments, size_t i, const char *value, struct problem *problem)
{
	const struct option_spec *option = &arguments->options[i];
	size_t *n = &arguments->n_values[i];

	if (!option->repeat)
		*n = 0;
	if (*n == COMMAND_VALUES_MAX)
		return problem_say(problem, -EINVAL, "--%s is given more than %d times",
			option->name, COMMAND_VALUES_MAX);
	arguments->values[i][(*n)++] = value;
	return 0;
}

static int no_value(const struct option_spec *option, struct problem *problem)
{
	return problem_say(problem, -EINVAL, "--%s needs a value: --%s %s", option->name,
		option->name, option->argument);
}

/* `--name`, `--name=VALUE`, `--name VALUE`. */
static int parse_long(
	struct arguments *arguments, const char *typed, struct line *rest, struct problem *problem)
{
	const char *equals = strchr(typed, '=');
	size_t len = equals ? (size_t)(equals - typed) : strlen(typed);
	const struct option_spec *o = arguments->options;
	char name[64];

	for (; o && o->name; o++) {
		size_t i = (size_t)(o - arguments->options);

		if (strlen(o->name) != len || strncmp(o->name, typed, len) != 0)
			continue;
		if (!o->argument && equals)
			return problem_say(problem, -EINVAL, "--%s takes no value", o->name);
		if (!o->argument || equals)
			return keep_value(arguments, i, equals ? equals + 1 : "", problem);
		if (rest->n == 0)
			return no_value(o, problem);
		return keep_value(arguments, i, take(rest), problem);
	}
	snprintf(name, sizeof(name), "%.*s", (int)len, typed);
	return no_such(problem, "option", "--", name,
		command_nearest(name, arguments->options, option_name), rest->path);
}

/* `-n VALUE`, `-nVALUE`, joined switches `-qv`. */
static int parse_letters(struct arguments *arguments, const char *letters, struct line *rest,
	struct problem *problem)
{
	for (; *letters; letters++) {
		const struct option_spec *o = arguments->options;
		size_t i;
		int r;

		while (o && o->name && o->letter != *letters)
			o++;
		if (!o || !o->name)
			return problem_say(problem, -EINVAL, "no option -%c; `%s --help` lists all",
				*letters, rest->path);
		i = (size_t)(o - arguments->options);
		if (o->argument && !letters[1] && rest->n == 0)
			return no_value(o, problem);
		if (o->argument)
			return keep_value(
				arguments, i, letters[1] ? letters + 1 : take(rest), problem);
		r = keep_value(arguments, i, "", problem);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Sorts the rest of the line into options and words. Returns an enum parsed. */
static int parse_rest(const struct command *command, struct line *line, struct arguments *arguments,
	const char **words, struct problem *problem)
{
	bool options = true;

	while (line->n > 0) {
		const char *typed = take(line);
		int r = 0;

		if (options && strcmp(typed, "--") == 0) {
			options = false;
		} else if (options && (!strcmp(typed, "--help") || !strcmp(typed, "-h"))) {
			return PARSED_HELP;
		} else if (options && strcmp(typed, "--version") == 0) {
			return PARSED_VERSION;
		} else if (options && strncmp(typed, "--", 2) == 0) {
			r = parse_long(arguments, typed + 2, line, problem);
		} else if (options && typed[0] == '-' && typed[1]) {
			r = parse_letters(arguments, typed + 1, line, problem);
		} else if (arguments->n_words == COMMAND_WORDS_MAX) {
			r = problem_say(problem, -EINVAL, "more than %d words", COMMAND_WORDS_MAX);
		} else {
			words[arguments->n_words++] = typed;
			options = options && !command->passes_on;
		}
		if (r < 0)
			return r;
	}
	return PARSED_RUN;
}

static int check_words(const struct command *command, const struct arguments *arguments,
	const char *path, struct problem *problem)
{
	const char *words = command->synopsis ? command->synopsis : "";

	if (arguments->n_words < command->words_min)
		return problem_say(problem, -EINVAL, "something is missing: %s %s", path, words);
	if (arguments->n_words > command->words_max)
		return problem_say(problem, -EINVAL, "\"%s\" is too much: %s %s",
			arguments->words[command->words_max], path, words);
	return 0;
}

/* --- verbs -------------------------------------------------------------------------------- */

static const struct command *find_command(const struct command *commands, const char *name)
{
	for (; commands->name; commands++)
		if (strcmp(commands->name, name) == 0)
			return commands;
	return NULL;
}

static void extend_path(struct line *line, const char *verb)
{
	size_t used = strlen(line->path);

	snprintf(line->path + used, sizeof(line->path) - used, " %s", verb);
}

static void print_version(const char *program)
{
	printf("%s %s\n", program, SUPPORTACCESS_VERSION);
}

static int run_command(const char *program, const struct command *command, struct line *line,
	struct problem *problem)
{
	const char *words[COMMAND_WORDS_MAX];
	struct arguments arguments = { .program = program,
		.verb = command->name,
		.words = words,
		.options = command->options };
	int r = parse_rest(command, line, &arguments, words, problem);

	if (r == PARSED_HELP) {
		command_help_verb(stdout, line->path, command);
		return EXIT_DONE;
	}
	if (r == PARSED_VERSION) {
		print_version(program);
		return EXIT_DONE;
	}
	if (r == 0)
		r = check_words(command, &arguments, line->path, problem);
	if (r < 0)
		return EXIT_USAGE;
	r = command->run(&arguments, problem);
	return r < 0 ? exit_code_of(r) : r;
}

/* Follows the verbs down the table. `helping`: they came after `help`. */
static int run_verbs(const char *program, const char *summary, const struct command *commands,
	struct line *line, bool helping, struct problem *problem)
{
	const char *typed = line->n > 0 ? take(line) : NULL;
	const struct command *command;

	if (!typed || strcmp(typed, "--help") == 0 || strcmp(typed, "-h") == 0) {
		bool asked = typed || helping;

		command_help_verbs(asked ? stdout : stderr, line->path, summary, commands);
		return asked ? EXIT_DONE : EXIT_USAGE;
	}
	if (strcmp(typed, "--version") == 0) {
		print_version(program);
		return EXIT_DONE;
	}
	command = find_command(commands, typed);
	if (!command && !helping && strcmp(typed, "help") == 0)
		return run_verbs(program, summary, commands, line, true, problem);
	if (!command) {
		(void)no_such(problem, typed[0] == '-' ? "option before the verb," : "verb", "",
			typed, command_nearest(typed, commands, command_name), line->path);
		return EXIT_USAGE;
	}
	extend_path(line, command->name);
	if (command->verbs)
		return run_verbs(program, command->help, command->verbs, line, helping, problem);
	if (helping) {
		command_help_verb(stdout, line->path, command);
		return EXIT_DONE;
	}
	return run_command(program, command, line, problem);
}

/* A program whose output went nowhere has not done what it was asked. */
static int check_output(const char *program, int code)
{
	bool failed = fflush(stdout) != 0;
	int error = errno;

	if (!failed && !ferror(stdout))
		return code;
	fprintf(stderr, "%s: cannot write to standard output: %s\n", program,
		failed ? strerror(error) : "an earlier write failed");
	return code == EXIT_DONE ? EXIT_FAILED : code;
}

int command_main(const char *program, const char *summary, const struct command *commands, int argc,
	char **argv)
{
	struct line line = { .words = argv + 1, .n = argc > 0 ? argc - 1 : 0 };
	struct problem problem = PROBLEM_NONE;
	int code;

	(void)signal(SIGPIPE, SIG_IGN);
	snprintf(line.path, sizeof(line.path), "%s", program);
	if (commands->name[0])
		code = run_verbs(program, summary, commands, &line, false, &problem);
	else
		code = run_command(program, commands, &line, &problem);
	code = check_output(program, code);
	if (problem.text[0])
		fprintf(stderr, "%s: %s\n", program, problem.text);
	return code;
}

/* --- what `run` asks ---------------------------------------------------------------------- */

static size_t find_values(
	const struct arguments *arguments, const char *name, const char *const **ret_values)
{
	const struct option_spec *o = arguments->options;

	for (size_t i = 0; o && o[i].name; i++) {
		if (strcmp(o[i].name, name) != 0)
			continue;
		*ret_values = arguments->values[i];
		return arguments->n_values[i];
	}
	return 0;
}

const char *argument(const struct arguments *arguments, const char *name)
{
	const char *const *values = NULL;
	size_t n = find_values(arguments, name, &values);

	return n ? values[n - 1] : NULL;
}

bool argument_given(const struct arguments *arguments, const char *name)
{
	return argument(arguments, name) != NULL;
}

size_t argument_all(
	const struct arguments *arguments, const char *name, const char *const **ret_values)
{
	*ret_values = NULL;
	return find_values(arguments, name, ret_values);
}

int exit_code_of(int r)
{
	static const struct {
		int r;
		enum exit_code code;
	} codes[] = { { -ENOENT, EXIT_NOT_FOUND }, { -EPERM, EXIT_REFUSED },
		{ -EACCES, EXIT_REFUSED }, { -EEXIST, EXIT_REFUSED },
		{ -EKEYREJECTED, EXIT_REFUSED }, { -ETIMEDOUT, EXIT_TIMED_OUT },
		{ -ECONNREFUSED, EXIT_UNREACHABLE }, { -ECONNRESET, EXIT_UNREACHABLE },
		{ -EHOSTUNREACH, EXIT_UNREACHABLE }, { -ENETUNREACH, EXIT_UNREACHABLE },
		{ -EINVAL, EXIT_USAGE } };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].r == r)
			return codes[i].code;
	return r >= 0 ? EXIT_DONE : EXIT_FAILED;
}
