/* SPDX-License-Identifier: MIT */

/* `supportaccess`: the customer's command line, on a host as root and on an approver's laptop. */

#include "admin/verbs.h"

int main(int argc, char **argv)
{
	const struct command commands[] = {
		verb_status,
		verb_requests,
		verb_show,
		verb_approve,
		verb_deny,
		verb_revoke,
		verb_history,
		verb_off,
		verb_on,
		verb_sessions,
		verb_kill,
		verb_audit,
		verb_explain,
		verb_doctor,
		verb_enroll,
		verb_enable,
		verb_disable,
		verb_leave,
		verb_approvers,
		verb_config,
		verb_clock,
		verb_login,
		{ 0 },
	};

	return command_main("supportaccess",
		"decide who of your vendor's support may log in, and see what they did", commands,
		argc, argv);
}
