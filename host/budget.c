/* SPDX-License-Identifier: MIT */

/* A table of fixed size and not a list of names: who invents names must not make it grow, nor push
 * others out of it. It lives as long as its process; that a restart forgives is no help to anybody
 * who cannot restart us. */

#include "host/budget.h"

#include "core/digest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

int budget_init(struct budget *budget)
{
	*budget = (struct budget){ 0 };
	if (getrandom(budget->seed, sizeof(budget->seed), 0) != (ssize_t)sizeof(budget->seed))
		return -EIO;
	return 0;
}

static size_t place_of(const struct budget *budget, enum document_type type, const char *name)
{
	unsigned char text[sizeof(budget->seed) + 1 + DOCUMENT_PRINCIPAL_MAX];
	size_t length = strnlen(name, DOCUMENT_PRINCIPAL_MAX);
	struct digest digest = { 0 };

	memcpy(text, budget->seed, sizeof(budget->seed));
	text[sizeof(budget->seed)] = (unsigned char)type;
	memcpy(text + sizeof(budget->seed) + 1, name, length);
	(void)digest_compute(text, sizeof(budget->seed) + 1 + length, &digest);
	return digest.bytes[0] % BUDGET_PLACES;
}

int64_t budget_take(struct budget *budget, enum document_type type, const char *name, int64_t now)
{
	size_t i = place_of(budget, type, name);
	int64_t age = now - budget->places[i].since;

	if (age < 0 || age >= BUDGET_WINDOW_S) { /* also when the clock was set back */
		budget->places[i].since = now;
		budget->places[i].spent = 0;
		age = 0;
	}
	if (budget->places[i].spent >= BUDGET_TRIES)
		return BUDGET_WINDOW_S - age;
	budget->places[i].spent++;
	return 0;
}

void budget_give_back(struct budget *budget, enum document_type type, const char *name)
{
	size_t i = place_of(budget, type, name);

	if (budget->places[i].spent > 0)
		budget->places[i].spent--;
}

bool budget_may_return(struct budget *budget, const char *digest)
{
	if (strcmp(budget->late, digest) != 0) {
		(void)snprintf(budget->late, sizeof(budget->late), "%s", digest);
		budget->timeouts = 0;
	}
	return ++budget->timeouts < BUDGET_TIMEOUTS;
}
