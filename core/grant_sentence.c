/* SPDX-License-Identifier: MIT */

/* The words of a verdict. One row for each: how the first line goes, what the agent can do. The
 * first line fits a log and ends in the stable word. Text of an approver is shown as ASCII on one
 * line; whoever wants it whole reads it in `supportaccess-staff show`. */

#include "core/grant.h"
#include "lib/moment.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define QUOTE_MAX 120

/* What the sentences are made of. */
struct words {
	const struct grant_host *host;
	const struct request *request; /* may be NULL */
	const struct grant *grant;
	char id[SHORT_ID_LEN + 1];
	char since[MOMENT_TEXT_MAX], from[MOMENT_TEXT_MAX], until[MOMENT_TEXT_MAX];
	char quote[QUOTE_MAX + 8]; /* ': "comment"', or empty */
	char decider[DOCUMENT_PRINCIPAL_MAX + DOCUMENT_CUSTOMER_MAX +
		     8]; /* "acme", or "carol of acme" */
};

/* Appends what fits. The array is large enough for every sentence here (a test checks it), so
 * nothing is cut in practice. */
struct buffer {
	char *text;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void put(struct buffer *to, const char *format, ...)
{
	va_list list;
	int n;

	va_start(list, format);
	n = vsnprintf(to->text + to->used, to->size - to->used, format, list);
	va_end(list);
	if (n > 0)
		to->used += (size_t)n < to->size - to->used ? (size_t)n : to->size - to->used - 1;
}

static void quote(const char *text, char *ret)
{
	size_t n = 0;

	ret[0] = '\0';
	if (text[0] == '\0')
		return;
	for (; n < QUOTE_MAX - 3 && text[n]; n++)
		ret[3 + n] = (char)(text[n] >= ' ' && text[n] <= '~' ? text[n] : '?');
	memcpy(ret, ": \"", 3);
	snprintf(ret + 3 + n, 8, "%s\"", text[n] ? "..." : "");
}

static void name_decider(const struct grant_host *host, const char *by, char *ret, size_t size)
{
	bool named = host->show_approvers && by[0];

	snprintf(ret, size, "%s%s%s", named ? by : "", named ? " of " : "", host->customer);
}

static void first_none(const struct words *w, struct buffer *to)
{
	put(to, "nobody has approved support access to %s for you.", w->host->host_name);
}

static void first_pending(const struct words *w, struct buffer *to)
{
	put(to, "not yet. Request %s waits for %s's approval.", w->id, w->host->customer);
}

static void first_unanswered(const struct words *w, struct buffer *to)
{
	put(to, "%s did not answer request %s in time.", w->host->customer, w->id);
}

static void first_denied(const struct words *w, struct buffer *to)
{
	put(to, "%s denied request %s %s%s.", w->decider, w->id, w->since, w->quote);
}

static void first_not_here(const struct words *w, struct buffer *to)
{
	put(to, "request %s is approved for other hosts, not for %s.", w->id, w->host->host_name);
}

static void first_early(const struct words *w, struct buffer *to)
{
	put(to, "request %s is approved, it starts %s.", w->id, w->from);
}

static void first_expired(const struct words *w, struct buffer *to)
{
	put(to, "your access to %s ended %s, as approved.", w->host->host_name, w->since);
}

static void first_revoked(const struct words *w, struct buffer *to)
{
	put(to, "%s ended your access %s%s.", w->decider, w->since, w->quote);
}

static void first_closed(const struct words *w, struct buffer *to)
{
	put(to, "you closed request %s %s.", w->id, w->since);
}

static void first_unbacked(const struct words *w, struct buffer *to)
{
	put(to, "request %s no longer counts: who signed is not vouched for on %s any more.", w->id,
		w->host->host_name);
}

static void first_off(const struct words *w, struct buffer *to)
{
	put(to, "%s has switched support access off on %s.", w->host->customer, w->host->host_name);
}

static void first_clock_behind(const struct words *w, struct buffer *to)
{
	put(to, "the clock of %s is behind: it cannot tell whether your access has ended.",
		w->host->host_name);
}

static void first_clock_ahead(const struct words *w, struct buffer *to)
{
	put(to, "the clock of %s jumped ahead and nobody there has confirmed it.",
		w->host->host_name);
}

static void first_copied(const struct words *w, struct buffer *to)
{
	put(to, "this machine was copied from %s; enrol it again.", w->host->host_name);
}

static void first_store(const struct words *w, struct buffer *to)
{
	put(to, "%s cannot check approvals now (its store is damaged or was put back).",
		w->host->host_name);
}

static void first_broken(const struct words *w, struct buffer *to)
{
	put(to, "%s cannot check approvals now (its supportaccess is not running).",
		w->host->host_name);
}

static void first_service(const struct words *w, struct buffer *to)
{
	put(to, "support accounts of %s log in by ssh only.", w->host->host_name);
}

static void first_too_many(const struct words *w, struct buffer *to)
{
	put(to, "%s has as many support sessions as it allows.", w->host->host_name);
}

static void first_unverified(const struct words *w, struct buffer *to)
{
	put(to, "%s cannot check now who signed (a damaged file of approvers, or no ssh-keygen).",
		w->host->host_name);
}

static void do_request(const struct words *w, struct buffer *to)
{
	put(to, "supportaccess-staff request --customer %s --host %s --reason \"...\"",
		w->host->customer, w->host->host_name);
}

static void do_show(const struct words *w, struct buffer *to)
{
	put(to, "supportaccess-staff show %s", w->id);
}

static void do_contact(const struct words *w, struct buffer *to)
{
	put(to, "contact %s.", w->host->customer);
}

static void do_doctor(const struct words *w, struct buffer *to)
{
	put(to, "ask %s to run: sudo supportaccess doctor", w->host->customer);
}

static void do_clock(const struct words *w, struct buffer *to)
{
	put(to, "ask %s to run: sudo supportaccess clock accept", w->host->customer);
}

static const struct row {
	void (*first)(const struct words *words, struct buffer *to);
	void (*todo)(const struct words *words, struct buffer *to);
} rows[VERDICT_LAST + 1] = {
	[VERDICT_NONE] = { first_none, do_request },
	[VERDICT_PENDING] = { first_pending, do_show },
	[VERDICT_UNANSWERED] = { first_unanswered, do_request },
	[VERDICT_DENIED] = { first_denied, do_show },
	[VERDICT_NOT_HERE] = { first_not_here, do_request },
	[VERDICT_EARLY] = { first_early, do_show },
	[VERDICT_EXPIRED] = { first_expired, do_request },
	[VERDICT_REVOKED] = { first_revoked, do_show },
	[VERDICT_CLOSED] = { first_closed, do_request },
	[VERDICT_UNBACKED] = { first_unbacked, do_request },
	[VERDICT_OFF] = { first_off, do_contact },
	[VERDICT_CLOCK_BEHIND] = { first_clock_behind, do_clock },
	[VERDICT_CLOCK_AHEAD] = { first_clock_ahead, do_clock },
	[VERDICT_COPIED] = { first_copied, do_contact },
	[VERDICT_STORE_CLOSED] = { first_store, do_doctor },
	[VERDICT_BROKEN] = { first_broken, do_doctor },
	[VERDICT_SERVICE] = { first_service, do_contact },
	[VERDICT_TOO_MANY] = { first_too_many, do_contact },
	[VERDICT_UNVERIFIED] = { first_unverified, do_doctor },
};

/* The lines between the first and the last, for those who still wait. */
static void put_details(const struct words *w, int64_t now, struct buffer *to)
{
	char asked[MOMENT_TEXT_MAX], ends[MOMENT_TEXT_MAX];

	if (w->grant->verdict == VERDICT_EARLY)
		put(to, "\n  Ends   %s", w->until);
	if (w->grant->verdict != VERDICT_PENDING || !w->request)
		return;
	moment_show(w->request->created, now, true, true, asked, sizeof(asked));
	moment_show(w->request->pending_until, now, true, false, ends, sizeof(ends));
	put(to, "\n  Asked  %s", asked);
	put(to, "\n  Ends   %s if nobody answers.", ends);
}

static void put_banner(const struct words *w, struct buffer *to)
{
	const char *scope = scope_name(w->grant->scope);

	put(to, "%c%s on %s until %s, approved by %s. [%s]", scope[0] - 'a' + 'A', scope + 1,
		w->host->host_name, w->until, w->decider, w->id);
}

void grant_sentence(const struct grant_host *host, const struct request *request,
	const struct grant *grant, int64_t now, char *ret, size_t ret_size)
{
	struct words w = { .host = host, .request = request, .grant = grant };
	struct buffer to = { ret, ret_size, 0 };
	enum verdict verdict = grant->verdict;

	ret[0] = '\0';
	digest_short_id(&grant->request, w.id);
	moment_show(grant->since, now, true, false, w.since, sizeof(w.since));
	moment_show(grant->from, now, true, true, w.from, sizeof(w.from));
	moment_show(grant->until, now, true, true, w.until, sizeof(w.until));
	quote(grant->text, w.quote);
	name_decider(host, grant->by, w.decider, sizeof(w.decider));
	if (verdict == VERDICT_OK) {
		put_banner(&w, &to);
		return;
	}
	if ((unsigned)verdict > VERDICT_LAST || !rows[verdict].first)
		verdict = VERDICT_BROKEN;
	put(&to, "supportaccess: ");
	rows[verdict].first(&w, &to);
	put(&to, "  [%s]", verdict_word(verdict));
	put_details(&w, now, &to);
	put(&to, "\n  Do     ");
	rows[verdict].todo(&w, &to);
}
