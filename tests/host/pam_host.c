/* SPDX-License-Identifier: MIT */

/* What sshd asks of a PAM stack, in a small program that valgrind can follow.
 *
 *	pam_host CONFDIR SERVICE USER	account, open_session, close_session
 *
 * Prints each answer's number, and what a person would read; fails when more descriptors are open
 * afterwards than before. */

#include <dirent.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>

static int show(
	int n, const struct pam_message **messages, struct pam_response **ret, void *context)
{
	(void)context;
	for (int i = 0; i < n; i++)
		printf("%s\n", messages[i]->msg);
	*ret = calloc((size_t)n, sizeof(**ret));
	return *ret ? PAM_SUCCESS : PAM_BUF_ERR;
}

static int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		(void)closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	static const struct pam_conv conversation = { show, NULL };
	static int (*const questions[])(
		pam_handle_t *, int) = { pam_acct_mgmt, pam_open_session, pam_close_session };
	pam_handle_t *pam = NULL;
	int code = PAM_ABORT, open_before = count_descriptors();

	if (argc != 4 ||
		pam_start_confdir(argv[2], argv[3], &conversation, argv[1], &pam) != PAM_SUCCESS ||
		pam_set_item(pam, PAM_RHOST, "127.0.0.1") != PAM_SUCCESS) {
		fprintf(stderr, "usage: pam_host CONFDIR SERVICE USER\n");
		return 2;
	}
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		code = questions[i](pam, 0);
		printf("%d\n", code);
	}
	if (pam_end(pam, code) != PAM_SUCCESS || count_descriptors() > open_before) {
		fprintf(stderr, "pam_host: something is left open\n");
		return 1;
	}
	return 0;
}
