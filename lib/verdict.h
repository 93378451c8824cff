/* SPDX-License-Identifier: MIT */
#pragma once

/* What the host says to a login, and the stable word that people search for.
 *
 * The numbers travel on the wire (docs/protocol.md): never renumber, only append. */

enum verdict {
	VERDICT_OK = 0,
	VERDICT_NOT_OURS = 1,      /* another source's account: none of our business */
	VERDICT_NONE = 2,          /* SA-NONE: nobody asked */
	VERDICT_PENDING = 3,       /* SA-PENDING: asked, not decided */
	VERDICT_UNANSWERED = 4,    /* SA-UNANSWERED: the time to decide ran out */
	VERDICT_DENIED = 5,        /* SA-DENIED */
	VERDICT_NOT_HERE = 6,      /* SA-NOTHERE: approved for other hosts */
	VERDICT_EARLY = 7,         /* SA-EARLY: approved, starts later */
	VERDICT_EXPIRED = 8,       /* SA-EXPIRED */
	VERDICT_REVOKED = 9,       /* SA-REVOKED: by an approver, root there or central */
	VERDICT_CLOSED = 10,       /* SA-CLOSED: by the agent */
	VERDICT_UNBACKED = 11,     /* SA-UNBACKED: approver or agent no longer vouched for */
	VERDICT_OFF = 12,          /* SA-OFF: switched off on this host */
	VERDICT_CLOCK_BEHIND = 13, /* SA-CLOCK: the clock is behind the store's high-water mark */
	VERDICT_CLOCK_AHEAD = 14,  /* SA-CLOCK: a great jump forward, not yet accepted */
	VERDICT_COPIED = 15,       /* SA-COPIED: machine-id is not the enrolled one */
	VERDICT_STORE_CLOSED = 16, /* SA-BROKEN: the store is damaged, restored or not writable */
	VERDICT_BROKEN = 17,   /* SA-BROKEN: the daemon did not answer in time, or made no sense */
	VERDICT_SERVICE = 18,  /* SA-SERVICE: only sshd lets support accounts in */
	VERDICT_TOO_MANY = 19, /* SA-BUSY: too many sessions */
	VERDICT_UNVERIFIED = 20, /* SA-BROKEN: who signed is to be judged anew, and cannot be */
};
#define VERDICT_LAST VERDICT_UNVERIFIED

/* The word in brackets at the end of the first line, "SA-PENDING"; "SA-BROKEN" for a number
 * that is none of the above; "SA-OK" for VERDICT_OK. Never NULL. */
const char *verdict_word(enum verdict verdict);
