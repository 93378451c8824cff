/* SPDX-License-Identifier: MIT */
#pragma once

/* How often somebody may be verified in vain.
 *
 * A signature costs a process, and whoever can hand in documents can hand in bad ones in any name.
 * So each name has BUDGET_TRIES in BUDGET_WINDOW_S; what is accepted costs nothing. Names are told
 * apart by BUDGET_PLACES places: garbage in one name keeps the next name's documents out by a
 * chance of one in BUDGET_PLACES, and whoever uses all names makes BUDGET_PLACES * BUDGET_TRIES
 * verifications in that time and no more. */

#include "core/document.h"

#include <stdbool.h>
#include <stdint.h>

#define BUDGET_PLACES   64
#define BUDGET_TRIES    8
#define BUDGET_WINDOW_S 60
#define BUDGET_TIMEOUTS 3 /* of a document whose signature could not be judged in time */

struct budget {
	unsigned char seed[16]; /* so that nobody outside knows who shares a place */
	struct {
		int64_t since;
		unsigned int spent;
	} places[BUDGET_PLACES];
	char late[DIGEST_HEX_LEN + 1]; /* the document that was last not judged in time */
	unsigned int timeouts;
};

/* Fills in the seed: 0 or a negative errno. */
int budget_init(struct budget *budget);

/* Takes one try of `name`, as who signed a document of this type. Returns 0, or the seconds until
 * there is one again. */
int64_t budget_take(struct budget *budget, enum document_type type, const char *name, int64_t now);

/* It was not in vain: gives the last one back. */
void budget_give_back(struct budget *budget, enum document_type type, const char *name);

/* The signature of the document of this digest could not be judged in time. True if it is to be
 * brought again: BUDGET_TIMEOUTS - 1 times, or what ssh-keygen hangs over would hold up all behind
 * it. Of one document at a time, since a feed comes in order. */
bool budget_may_return(struct budget *budget, const char *digest);
