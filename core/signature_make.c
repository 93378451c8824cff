/* SPDX-License-Identifier: MIT */

/* Signing is the person's own ssh: their agent, their token, their passphrase. The environment
 * keeps what ssh-keygen needs to find and ask them, and nothing else. */

#include "core/signature.h"
#include "core/signature_run.h"
#include "lib/paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const kept[] = { "HOME", "SSH_AUTH_SOCK", "SSH_SK_PROVIDER", "TERM",
	"SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY",
	"XDG_RUNTIME_DIR" };
#define KEPT (sizeof(kept) / sizeof(kept[0]))

struct environment {
	char *own[KEPT];
	const char *envp[KEPT + 3];
};

static void environment_done(struct environment *environment)
{
	for (size_t i = 0; i < KEPT; i++)
		free(environment->own[i]);
}

static int environment_make(struct environment *ret)
{
	size_t n = 0;

	ret->envp[n++] = "PATH=/usr/bin:/bin";
	ret->envp[n++] = "LC_ALL=C.UTF-8";
	for (size_t i = 0; i < KEPT; i++) {
		const char *value = getenv(kept[i]);

		if (!value)
			continue;
		if (asprintf(&ret->own[i], "%s=%s", kept[i], value) < 0) {
			ret->own[i] = NULL;
			return -ENOMEM;
		}
		ret->envp[n++] = ret->own[i];
	}
	ret->envp[n] = NULL;
	return 0;
}

int signature_make(const char *key_path, enum document_type type, bool interactive,
	const char *bytes, size_t size, char **ret_signature, size_t *ret_size,
	struct problem *problem)
{
	const char *const argv[] = { PATH_SSH_KEYGEN, "-q", "-Y", "sign", "-f", key_path, "-n",
		document_namespace(type), NULL };
	_cleanup_(child_result_done) struct child_result result = { 0 };
	_cleanup_(environment_done) struct environment environment = { 0 };
	struct child child = {
		.path = PATH_SSH_KEYGEN,
		.argv = argv,
		.input = bytes,
		.input_size = size,
		.timeout_ms = interactive ? -1 : SIGNATURE_TIMEOUT_MS,
		.interactive = interactive,
	};
	int r = environment_make(&environment);

	if (r < 0)
		return r;
	child.envp = environment.envp;
	r = signature_run(&child, NULL, &result, problem);
	if (r < 0)
		return r;
	if (result.status != 0)
		return problem_say(problem, -ENOKEY, "ssh-keygen could not sign with %s%s%s",
			key_path, result.error_size > 0 ? ": " : "", result.error);
	if (result.output_size == 0 || result.output_size > SIGNATURE_MAX)
		return problem_say(problem, -EMSGSIZE,
			"the signature made with %s has %zu bytes, at most %d are allowed",
			key_path, result.output_size, SIGNATURE_MAX);
	*ret_signature = TAKE_PTR(result.output);
	*ret_size = result.output_size;
	return 0;
}
