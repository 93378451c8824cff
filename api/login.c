/* SPDX-License-Identifier: MIT */

/* The code comes from standard input and never from the command line, where every user of the
 * machine could read it. */

#include "api/login.h"

#include "core/json.h"
#include "lib/text.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>

static int read_line(char ret[static API_TOKEN_MAX + 2], struct problem *problem)
{
	size_t len;

	if (!fgets(ret, API_TOKEN_MAX + 2, stdin))
		return problem_say(problem, -EINVAL,
			"no code on standard input: paste the one-time code that you were given");
	len = strcspn(ret, "\r\n");
	if (len > API_TOKEN_MAX)
		return problem_say(
			problem, -EINVAL, "the code is longer than %d characters", API_TOKEN_MAX);
	ret[len] = '\0';
	return 0;
}

/* On a terminal: asked for, and not shown. */
static int read_code(char ret[static API_TOKEN_MAX + 2], struct problem *problem)
{
	struct termios shown, hidden;
	bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
	int r;

	if (!terminal)
		return read_line(ret, problem);
	hidden = shown;
	hidden.c_lflag &= (tcflag_t)~ECHO;
	fputs("One-time code (not shown): ", stderr);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	r = read_line(ret, problem);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	fputc('\n', stderr);
	return r;
}

/* `needed`: central must say it. */
static int take(struct json_object *answer, const char *key, bool needed, char *ret,
	size_t ret_size, struct problem *problem)
{
	struct json_object *value = NULL;
	const char *text = "";

	if (json_object_object_get_ex(answer, key, &value) &&
		json_object_is_type(value, json_type_string))
		text = json_object_get_string(value);
	if (strlen(text) >= ret_size || (needed && !text[0]))
		return problem_say(problem, -EPROTO, "central's answer has no usable \"%s\"", key);
	memcpy(ret, text, strlen(text) + 1);
	return 0;
}

static int take_answer(struct json_object *answer, const char *role, struct settings *settings,
	struct problem *problem)
{
	int r = take(answer, "role", true, settings->role, sizeof(settings->role), problem);

	if (r == 0 && strcmp(settings->role, role) != 0)
		return problem_say(problem, -EPERM,
			"this code is for the role \"%s\", and here you need one for \"%s\"",
			settings->role, role);
	if (r == 0)
		r = take(answer, "name", true, settings->name, sizeof(settings->name), problem);
	if (r == 0)
		r = take(answer, "customer", false, settings->customer, sizeof(settings->customer),
			problem);
	if (r == 0)
		r = take(answer, "full_name", false, settings->full_name,
			sizeof(settings->full_name), problem);
	if (r == 0)
		r = take(answer, "team", false, settings->team, sizeof(settings->team), problem);
	if (r == 0)
		r = take(answer, "token", true, settings->token, sizeof(settings->token), problem);
	return r;
}

static int keep_path(const char *given, char ret[static PATH_MAX], struct problem *problem)
{
	if (given && !realpath(given, ret))
		return problem_say(problem, -errno, "%s: %s", given, strerror(errno));
	return 0;
}

int login_read(const struct arguments *arguments, struct settings *ret, struct problem *problem)
{
	int r;

	if (text_copy(ret->url, sizeof(ret->url), arguments->words[0]) < 0)
		return problem_say(
			problem, -EINVAL, "the URL is longer than %d bytes", API_URL_MAX);
	r = keep_path(argument(arguments, "key"), ret->key, problem);
	if (r == 0)
		r = keep_path(argument(arguments, "ca-file"), ret->ca_file, problem);
	return r;
}

int login_run(const char *file, const char *role, const char *user_agent, struct settings *settings,
	struct problem *problem)
{
	_cleanup_(json_putp) struct json_object *answer = NULL;
	_cleanup_(api_freep) struct api *api = NULL;
	char code[API_TOKEN_MAX + 2], folder[PATH_MAX];
	int r;

	/* Before the code is used up: a place to keep what it is exchanged for. */
	r = settings_folder(folder, sizeof(folder), problem);
	if (r == 0)
		r = read_code(code, problem);
	if (r < 0)
		return r;
	memcpy(settings->token, code, sizeof(settings->token)); /* read_line kept its limit */
	explicit_bzero(code, sizeof(code));
	r = settings_open(settings, user_agent, &api, problem);
	if (r == 0)
		r = api_post(api, "/v1/login", NULL, &answer, problem);
	if (r == 0 && !answer)
		r = problem_say(problem, -EPROTO, "central answers the login with nothing");
	if (r == 0)
		r = take_answer(answer, role, settings, problem);
	if (r == 0)
		r = settings_save(file, settings, problem);
	return r;
}
