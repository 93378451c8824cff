/* SPDX-License-Identifier: MIT */

/* What ssh-keygen is told to read are anonymous files, which it opens again as /proc/self/fd/N:
 * nothing is written to a disk, and the user that it runs as needs no right to any file of ours.
 *
 * Its answer is believed only if its exit status is 0 and its one line says exactly what was
 * asked. Why it refuses is read from what it says to people; there only words are lost when a
 * later version says it differently.
 *
 * When it crashes, or ends as it should not, either the document is to blame, which then must not
 * come again and again, or this machine, which then must not throw documents away. What tells them
 * apart is a signature that is known to hold. */

#include "core/signature.h"

#include "core/document_text.h"
#include "core/signature_run.h"
#include "lib/paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define HOST_IDENTITY "host" /* in the one line that a host's own key is checked against */
#define YEAR_9999     253402300799

/* What is handed over, in this order, as descriptors 3 and up. */
enum { FD_SIGNERS, FD_SIGNATURE, FD_REVOKED, FDS };
static const char *const fd_paths[FDS] = {
	[FD_SIGNERS] = "/proc/self/fd/3",
	[FD_SIGNATURE] = "/proc/self/fd/4",
	[FD_REVOKED] = "/proc/self/fd/5",
};

/* One question to ssh-keygen. */
struct question {
	enum document_type type;
	const char *identity, *bytes;
	const char *source; /* for people: the file that names who may sign */
	const char *user;
	size_t size;
	int fds[FDS];
	char time[sizeof("verify-time=YYYYMMDDHHMMSSZ")];
};

static void question_done(struct question *question)
{
	for (size_t i = 0; i < FDS; i++)
		closep(&question->fds[i]);
}

/* `Good "decision@supportaccess" signature for carol with ED25519 key SHA256:...` and a line end:
 * every byte is accounted for. */
static int read_answer(const struct question *question, const char *answer, struct signed_by *ret)
{
	static const char certificate[] = "-CERT", word[] = " key SHA256:";
	struct signed_by by = { 0 };
	char start[256];
	size_t length, kind;
	int n = snprintf(start, sizeof(start), "Good \"%s\" signature for %s with ",
		document_namespace(question->type), question->identity);

	if (n < 0 || (size_t)n >= sizeof(start) || strncmp(answer, start, (size_t)n) != 0)
		return -EPROTO;
	answer += n;
	kind = strspn(answer, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
	if (kind == 0 || strncmp(answer + kind, word, sizeof(word) - 1) != 0)
		return -EPROTO;
	by.certificate =
		kind >= sizeof(certificate) && strncmp(answer + kind - (sizeof(certificate) - 1),
						       certificate, sizeof(certificate) - 1) == 0;
	answer += kind + strlen(" key ");
	length = strcspn(answer, "\n");
	if (length > FINGERPRINT_MAX || strcmp(answer + length, "\n") != 0)
		return -EPROTO;
	memcpy(by.fingerprint, answer, length);
	if (!document_is_fingerprint(by.fingerprint))
		return -EPROTO;
	*ret = by;
	return 0;
}

static const char *reason_of(const char *said)
{
	static const struct {
		const char *said, *reason;
	} reasons[] = {
		{ "incorrect signature", "the bytes are not those that were signed" },
		{ "namespace does not match", "it was made for another type of document" },
		{ "not a listed principal", "the certificate that signed is in another name" },
		{ "Certificate invalid: expired", "the certificate that signed had expired" },
		{ "Certificate invalid: not yet", "the certificate that signed was not yet valid" },
		{ "key has expired", "the key may no longer sign (valid-before)" },
		{ "key is not yet valid", "the key may not sign yet (valid-after)" },
		{ "not permitted for use in signature",
			"the key may not sign this type of document" },
		{ "missing header", "it is no signature of ssh" },
		{ "incomplete message", "it is no signature of ssh" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strstr(said, reasons[i].said))
			return reasons[i].reason;
	return NULL;
}

static int ask(const struct question *question, bool with_revoked, struct child_result *ret,
	struct problem *problem)
{
	const char *argv[] = { PATH_SSH_KEYGEN, "-Y", "verify", "-f", fd_paths[FD_SIGNERS], "-I",
		question->identity, "-n", document_namespace(question->type), "-s",
		fd_paths[FD_SIGNATURE], "-O", question->time, with_revoked ? "-r" : NULL,
		fd_paths[FD_REVOKED], NULL };
	const struct child child = {
		.path = PATH_SSH_KEYGEN,
		.argv = argv,
		.input = question->bytes,
		.input_size = question->size,
		.fds = question->fds,
		.n_fds = with_revoked ? FDS : FDS - 1,
		.timeout_ms = SIGNATURE_TIMEOUT_MS,
	};

	return signature_run(&child, question->user, ret, problem);
}

/* ssh-keygen does not say that a key is revoked; whether it would do without the revocations does.
 */
static bool is_revoked(const struct question *question)
{
	_cleanup_(child_result_done) struct child_result result = { 0 };

	return question->fds[FD_REVOKED] >= 0 && ask(question, false, &result, NULL) == 0 &&
	       result.status == 0;
}

static int refuse(
	const struct question *question, const struct child_result *result, struct problem *problem)
{
	const char *type = document_type_name(question->type), *reason = reason_of(result->error);

	if (reason)
		return problem_say(problem, -EKEYREJECTED,
			"the signature of the %s by %s does not hold: %s", type, question->identity,
			reason);
	if (is_revoked(question))
		return problem_say(problem, -EKEYREJECTED,
			"the signature of the %s by %s does not hold: the key is revoked", type,
			question->identity);
	return problem_say(problem, -EKEYREJECTED,
		"the signature of the %s by %s does not hold: %s does not name the key that signed",
		type, question->identity, question->source);
}

/* As signature_verify; -EIO when ssh-keygen fails over it, this time. */
static int judge_once(
	const struct question *question, struct signed_by *ret, struct problem *problem)
{
	_cleanup_(child_result_done) struct child_result result = { 0 };
	int r = ask(question, question->fds[FD_REVOKED] >= 0, &result, problem);

	if (r < 0)
		return r == -EMSGSIZE ? -EIO : r;
	if (result.status == 255)
		return refuse(question, &result, problem);
	if (result.status != 0)
		return problem_say(problem, -EIO, "ssh-keygen failed with status %d: %s",
			result.status, result.error);
	r = read_answer(question, result.output, ret);
	return r < 0 ? problem_say(problem, -EIO, "ssh-keygen says what it was not asked: %s",
			       result.output)
		     : 0;
}

static int set_time(struct question *question, int64_t at)
{
	time_t seconds = at;
	struct tm tm;

	if (at <= 0 || at > YEAR_9999 || !gmtime_r(&seconds, &tm))
		return -EINVAL;
	return strftime(question->time, sizeof(question->time), "verify-time=%Y%m%d%H%M%SZ", &tm)
		       ? 0
		       : -EINVAL;
}

static int set_file(int *fd, const char *name, const char *bytes, size_t size)
{
	*fd = child_file(name, bytes, size);
	return *fd < 0 ? *fd : 0;
}

/* Whether ssh-keygen does its work here. */
static bool works(const char *user)
{
	static const char bytes[] = "known", *const known[] = {
		[FD_SIGNERS] = HOST_IDENTITY " ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILV1joDKpoe65pD8"
					     "HATLzpdXTBVz3G3RldA0F8ptQyv5\n",
		[FD_SIGNATURE] =
			"-----BEGIN SSH SIGNATURE-----\n"
			"U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgtXWOgMqmh7rmkPwcBMvOl1dMFX\n"
			"PcbdGV0DQXym1DK/kAAAASaGVhZEBzdXBwb3J0YWNjZXNzAAAAAAAAAAZzaGE1MTIAAABT\n"
			"AAAAC3NzaC1lZDI1NTE5AAAAQL/KEptdNtEx6i62cKuJ3lhB7vlfpwT+32ODW/ni4D0uaD\n"
			"82tu8HFQVAvVverSzP4VY+X7bO709x09tpatpE1AI=\n"
			"-----END SSH SIGNATURE-----\n",
	};
	_cleanup_(question_done) struct question question = {
		.type = DOCUMENT_HEAD,
		.identity = HOST_IDENTITY,
		.bytes = bytes,
		.size = strlen(bytes),
		.source = "a line that is known",
		.user = user,
		.fds = { -EBADF, -EBADF, -EBADF },
	};
	struct signed_by by;
	int r = set_time(&question, 1);

	for (size_t i = FD_SIGNERS; r == 0 && i <= FD_SIGNATURE; i++)
		r = set_file(&question.fds[i], "known", known[i], strlen(known[i]));
	return r == 0 && judge_once(&question, &by, NULL) == 0;
}

static int judge(const struct question *question, struct signed_by *ret, struct problem *problem)
{
	struct problem said;
	int r = -EIO;

	for (int tries = 0; r == -EIO && tries < SIGNATURE_TRIES; tries++) {
		said = PROBLEM_NONE;
		r = judge_once(question, ret, &said);
	}
	if (r == -EIO && works(question->user))
		return problem_say(problem, -EBADMSG,
			"the signature of the %s by %s cannot be judged: %s",
			document_type_name(question->type), question->identity, said.text);
	return r < 0 ? problem_say(problem, r, "%s", said.text) : 0;
}

static int set_signature(
	struct question *question, const char *signature, size_t size, struct problem *problem)
{
	if (size == 0)
		return problem_say(problem, -EKEYREJECTED, "the %s is not signed",
			document_type_name(question->type));
	if (size > SIGNATURE_MAX || question->size > DOCUMENT_MAX)
		return problem_say(problem, -EKEYREJECTED,
			"a signature has at most %d bytes, a document at most %d", SIGNATURE_MAX,
			DOCUMENT_MAX);
	return set_file(&question->fds[FD_SIGNATURE], "signature", signature, size);
}

static int set_signers(
	struct question *question, const struct signers *signers, struct problem *problem)
{
	_cleanup_(freep) char *lines = NULL, *revoked = NULL;
	size_t size;
	int r = signers_read(signers, &lines, &size, problem);

	if (r == 0)
		r = set_file(&question->fds[FD_SIGNERS], "signers", lines, size);
	if (r < 0 || !signers->revoked)
		return r;
	r = trusted_read(signers->revoked, REVOKED_FILE_MAX, &revoked, &size, problem);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return set_file(&question->fds[FD_REVOKED], "revoked", revoked, size);
}

int signature_verify(const struct signers *signers, enum document_type type, const char *identity,
	int64_t at, const char *bytes, size_t size, const char *signature, size_t signature_size,
	struct signed_by *ret, struct problem *problem)
{
	_cleanup_(question_done) struct question question = {
		.type = type,
		.identity = identity,
		.bytes = bytes,
		.size = size,
		.source = signers->file,
		.user = signers->user,
		.fds = { -EBADF, -EBADF, -EBADF },
	};
	int r;

	if (!document_is_principal(identity))
		return problem_say(problem, -EKEYREJECTED,
			"\"%.64s\" cannot be the name of who signed", identity);
	r = set_time(&question, at);
	if (r == 0)
		r = set_signature(&question, signature, signature_size, problem);
	if (r == 0)
		r = set_signers(&question, signers, problem);
	if (r == 0)
		r = judge(&question, ret, problem);
	return r;
}

int signature_verify_key(const char *public_key, enum document_type type, const char *bytes,
	size_t size, const char *signature, size_t signature_size, struct problem *problem)
{
	_cleanup_(question_done) struct question question = {
		.type = type,
		.identity = HOST_IDENTITY,
		.bytes = bytes,
		.size = size,
		.source = "the host's id",
		.fds = { -EBADF, -EBADF, -EBADF },
	};
	_cleanup_(freep) char *line = NULL;
	struct signed_by by;
	int r;

	if (!key_is_plain(public_key))
		return problem_say(
			problem, -EKEYREJECTED, "\"%.64s\" is no public key", public_key);
	if (asprintf(&line, HOST_IDENTITY " namespaces=\"%s\" %s\n", document_namespace(type),
		    public_key) < 0)
		return -ENOMEM;
	/* Neither the line nor a plain key has a time of its own: any would do but 0, "none". */
	r = set_time(&question, 1);
	if (r == 0)
		r = set_signature(&question, signature, signature_size, problem);
	if (r == 0)
		r = set_file(&question.fds[FD_SIGNERS], "signers", line, strlen(line));
	if (r == 0)
		r = judge(&question, &by, problem);
	return r == -EBADMSG ? -EKEYREJECTED : r;
}
