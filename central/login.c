/* SPDX-License-Identifier: MIT */

/* A one-time code becomes a token; and who is asking. */

#include "central/handlers.h"

#include "central/secrets.h"
#include "lib/moment.h"

#define TOKEN_LENGTH (90 * 24 * 3600) /* of people; a new login before the end overlaps */

static struct json_object *describe(const struct identity *who)
{
	struct json_object *json = json_object_new_object();

	if (json && answer_add_text(json, "role", role_name(who->role)) == 0 &&
		answer_add_text(json, "name", who->name) == 0 &&
		answer_add_text(json, "customer", who->customer) == 0 &&
		answer_add_text(json, "full_name", who->full_name) == 0 &&
		answer_add_text(json, "team", who->team) == 0)
		return json;
	(void)json_object_put(json);
	return NULL;
}

int whoami_get(struct exchange *x)
{
	return answer_json(x, MHD_HTTP_OK, describe(&x->who));
}

static int refuse_code(struct exchange *x, int outcome)
{
	if (outcome == CENTRAL_USED)
		return answer_fault(x, FAULT_CODE_USED,
			"a code works once; ask for a new one (supportaccess-central agent code, "
			"or "
			"approver code)");
	return answer_fault(x, FAULT_CODE,
		outcome == CENTRAL_ENDED ? "the code has ended; ask for a new one"
					 : "the code is not known here");
}

int login_post(struct exchange *x)
{
	char code[DIGEST_HEX_LEN + 1];
	struct json_object *json;
	struct secret token;
	int64_t now = moment_now();
	int r;

	if (secret_hash_code(x->bearer, code) < 0)
		return refuse_code(x, CENTRAL_NOT_FOUND);
	r = secret_make_token(&token);
	if (r < 0)
		return r;
	r = central_code_login(
		x->server->central, code, token.hash, now + TOKEN_LENGTH, now, &x->who);
	if (r != CENTRAL_DONE) {
		x->who = (struct identity){ .role = ROLE_NONE };
		return r < 0 ? r : refuse_code(x, r);
	}
	json = describe(&x->who);
	if (json && (answer_add_text(json, "token", token.text) < 0 ||
			    answer_add_number(json, "ends", now + TOKEN_LENGTH) < 0)) {
		(void)json_object_put(json);
		return -ENOMEM;
	}
	return answer_json(x, MHD_HTTP_OK, json);
}
