/* SPDX-License-Identifier: MIT */
#pragma once

/* Files of who may sign, in the form of ssh-keygen(1) ALLOWED SIGNERS: approvers and agents.
 *
 *	carol namespaces="decision@supportaccess,revocation@supportaccess" ssh-ed25519 AAAA
 *	* cert-authority,namespaces="request@supportaccess" ssh-ed25519 AAAA
 *
 * A file and those of a directory beside it, in the order of their names; a file there whose name
 * has a dot or ends in ~ is what editors and packages leave behind and is not read. Each must be
 * root's, or ours when we are not root, and writable for its owner alone: whoever can write to it
 * decides who may open this host. A line that cannot be understood is an error and not skipped. */

#include "core/key.h"
#include "core/problem.h"

#define SIGNERS_FILE_MAX  (256 * 1024) /* bytes of all files together */
#define SIGNERS_FILES_MAX 64           /* files in the directory */
#define SIGNERS_LINE_MAX  8192
#define REVOKED_FILE_MAX  (1024 * 1024)

struct signers {
	const char *file;      /* e.g. /etc/supportaccess/approvers; missing is empty */
	const char *directory; /* further files; NULL or missing: none */
	const char *revoked;   /* KRL or list of keys; NULL or missing: none */
	const char *user;      /* to run ssh-keygen as when we are root; NULL: as we are */
};

/* One line. Texts live as long as the call that gives it. */
struct signer {
	const char *file;
	size_t line;
	const char *principals; /* "carol", "carol,dan", "*" */
	bool authority;         /* cert-authority: its certificates' principals, not its own key */
	const char *namespaces, *valid_after, *valid_before; /* "" if there is none */
	const char *key;                                     /* "type base64" */
	const char *comment;                                 /* may be "" */
	char fingerprint[FINGERPRINT_MAX + 1];
};

/* Reads a file that only root, or we ourselves, could have written. 0; -ENOENT without a problem
 * said; -EPERM for another's or one that others may write; -EFBIG beyond `max`. NUL-terminated;
 * the caller frees `*ret`. */
int trusted_read(
	const char *path, size_t max, char **ret, size_t *ret_size, struct problem *problem);

/* The bytes of all files, one behind the other, every line checked. The caller frees `*ret`. */
int signers_read(
	const struct signers *signers, char **ret, size_t *ret_size, struct problem *problem);

/* Calls `each` for every signer. A return other than 0 ends it and is returned. */
int signers_list(const struct signers *signers,
	int (*each)(void *context, const struct signer *signer), void *context,
	struct problem *problem);

/* Understands one line: 0; 1 for an empty one or a comment; -EINVAL. Keeps nothing of `line`,
 * which it takes apart: the texts of `*ret` lie in it. */
int signer_parse(char *line, struct signer *ret, struct problem *problem);
