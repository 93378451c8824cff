/* SPDX-License-Identifier: MIT */

/* Sits where supportaccessd should, for end-to-end tests, and answers until it is killed.
 *
 *	fake_daemon SOCKET WAY	WAY as in the table
 *
 * Whatever it says, it says that everybody may log in. */

#include "tests/unit/fake_daemon.h"

#include "lib/verdict.h"

static const struct {
	const char *name;
	enum fake_way way;
	uid_t uid;
} ways[] = {
	{ "answers", FAKE_ANSWERS, 0 },
	{ "nobodys", FAKE_ANSWERS, 65534 },
	{ "hangs", FAKE_HANGS, 0 },
	{ "deaf", FAKE_IS_DEAF, 0 },
	{ "dies", FAKE_HANGS_UP, 0 }, /* at each question */
	{ "garbage", FAKE_SAYS_GARBAGE, 0 },
	{ "later-version", FAKE_SPEAKS_LATER_VERSION, 0 },
};

int main(int argc, char **argv)
{
	struct fake_daemon fake = { .verdict = VERDICT_OK };

	for (size_t i = 0; argc == 3 && i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(ways[i].name, argv[2]) != 0)
			continue;
		fake.way = ways[i].way;
		(void)unlink(argv[1]);
		fake_serve(&fake, fake_listen(argv[1], ways[i].uid));
	}
	fprintf(stderr, "usage: fake_daemon SOCKET WAY\n");
	return 2;
}
