/* SPDX-License-Identifier: MIT */

/* Takes the lock of the login shell away: publishes the view anew with another shell.
 *
 *	view_shell VIEW NAME SHELL	NAME's shell is SHELL, all else stays as it was */

#include "lib/cleanup.h"
#include "lib/view.h"

#include <stdio.h>
#include <string.h>

#define ACCOUNTS_MAX 64

static int fail(const char *what, int r)
{
	fprintf(stderr, "view_shell: %s: %s\n", what, strerror(-r));
	return 1;
}

int main(int argc, char **argv)
{
	_cleanup_(view_close) struct view view = VIEW_NONE;
	struct view_account accounts[ACCOUNTS_MAX];
	static char texts[ACCOUNTS_MAX][VIEW_TEXT_MAX];
	bool found = false;
	size_t n = 0;
	int r;

	if (argc != 4)
		return fail("usage: view_shell VIEW NAME SHELL", -EINVAL);
	r = view_open(argv[1], 0, &view);
	if (r < 0)
		return fail(argv[1], r);
	while (n < ACCOUNTS_MAX &&
		view_account_at(&view, n, texts[n], sizeof(texts[n]), &accounts[n]) == 0) {
		if (strcmp(accounts[n].name, argv[2]) == 0) {
			accounts[n].shell = argv[3];
			found = true;
		}
		n++;
	}
	if (!found)
		return fail(argv[2], -ENOENT);
	r = view_publish(argv[1], accounts, n);
	return r < 0 ? fail(argv[1], r) : 0;
}
