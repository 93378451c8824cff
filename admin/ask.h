/* SPDX-License-Identifier: MIT */
#pragma once

/* Questions, and who may answer them. */

#include "core/command.h"
#include "core/output.h"

/* Asks on the terminal unless --yes was given. Returns 0 for yes; -ECANCELED for anything else;
 * -EPERM with the line to paste when nobody can be asked. Never called inside a transaction. */
int ask(const struct arguments *arguments, struct problem *problem, const char *question, ...)
	__attribute__((format(printf, 3, 4)));

/* Refuses a caller whose login uid is a support account's, whatever it became since: an admin
 * session must not let itself in for longer. 0 or -EPERM. */
int ask_may_open(const char *verb, struct problem *problem);

/* 0, or -EPERM with what to do. */
int ask_is_root(const char *verb, struct problem *problem);

/* The name behind the login uid, for events; "root" when there is none. */
void ask_caller(char *ret, size_t ret_size);
