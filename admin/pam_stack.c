/* SPDX-License-Identifier: MIT */

/* A stack is a list of modules, each with what follows from its answers. Ours must be reached
 * whatever the others say, and heeded when it is. */

#include "admin/pam_stack.h"

#include "lib/cleanup.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MODULE    "pam_supportaccess.so"
#define LINES_MAX 64

struct pam_line {
	char control[256];
	char module[128];
};

/* Reads "type control module ..."; `[...]` is one control. */
static bool read_line(const char *line, size_t length, const char *type, struct pam_line *ret)
{
	_cleanup_(freep) char *copy = strndup(line, length);
	char *at = copy, *end;

	if (!copy)
		return false;
	at += strspn(at, " \t-");
	if (strncmp(at, type, strlen(type)) != 0 || !strchr(" \t", at[strlen(type)]))
		return false;
	at += strlen(type);
	at += strspn(at, " \t");
	end = *at == '[' ? strchr(at, ']') : at + strcspn(at, " \t") - 1;
	if (!end || end < at)
		return false;
	snprintf(ret->control, sizeof(ret->control), "%.*s", (int)(end - at + 1), at);
	at = end + 1;
	at += strspn(at, " \t");
	snprintf(ret->module, sizeof(ret->module), "%.*s", (int)strcspn(at, " \t"), at);
	return ret->module[0] != '\0';
}

static size_t read_lines(
	const char *text, const char *type, struct pam_line lines[static LINES_MAX])
{
	size_t n = 0;

	while (*text && n < LINES_MAX) {
		size_t length = strcspn(text, "\n");

		n += read_line(text, length, type, &lines[n]);
		text += length + (text[length] == '\n');
	}
	return n;
}

/* How many lines a success of this one skips. */
static size_t success_jumps(const char *control)
{
	const char *jump = strstr(control, "success=");
	size_t n = 0;

	if (jump)
		for (jump += strlen("success="); *jump >= '0' && *jump <= '9'; jump++)
			n = n * 10 + (size_t)(*jump - '0');
	return n;
}

static bool ends_stack(const char *control)
{
	return strcmp(control, "sufficient") == 0 || strstr(control, "success=done") != NULL;
}

static bool is_heeded(const char *control)
{
	if (strcmp(control, "required") == 0 || strcmp(control, "requisite") == 0)
		return true;
	return strstr(control, "default=bad") || strstr(control, "default=die");
}

enum pam_place pam_stack_judge(const char *text, const char *type)
{
	struct pam_line lines[LINES_MAX];
	size_t n = read_lines(text, type, lines), ours = 0;

	while (ours < n && !strstr(lines[ours].module, MODULE))
		ours++;
	if (ours == n)
		return PAM_PLACE_MISSING;
	if (!is_heeded(lines[ours].control))
		return PAM_PLACE_TOOTHLESS;
	for (size_t i = 0; i < ours; i++)
		if (ends_stack(lines[i].control) || i + success_jumps(lines[i].control) >= ours)
			return PAM_PLACE_JUMPED;
	for (size_t i = ours + 1; i < n && strcmp(type, "session") == 0; i++)
		if (strstr(lines[i].module, "pam_systemd.so") ||
			strstr(lines[i].module, "pam_mkhomedir.so"))
			return PAM_PLACE_EARLY;
	return PAM_PLACE_RIGHT;
}
