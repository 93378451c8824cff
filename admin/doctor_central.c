/* SPDX-License-Identifier: MIT */

/* The way to central: reachable, its certificate, what stands between. */

#include "admin/doctor.h"
#include "admin/files.h"
#include "api/client.h"
#include "api/libcurl.h"
#include "core/json.h"
#include "lib/moment.h"
#include "lib/paths.h"

#include <stdio.h>
#include <string.h>

#define CERTIFICATE_SOON (14 * 24 * 60 * 60)

/* A field of the certificate that central showed ("Expire date:"), or NULL. */
static const char *certificate_field(CURL *curl, const char *name)
{
	struct curl_certinfo *info = NULL;

	if (libcurl.easy_getinfo(curl, CURLINFO_CERTINFO, &info) != CURLE_OK || !info ||
		info->num_of_certs < 1)
		return NULL;
	for (struct curl_slist *item = info->certinfo[0]; item; item = item->next)
		if (strncmp(item->data, name, strlen(name)) == 0)
			return item->data + strlen(name);
	return NULL;
}

static void judge_certificate(struct doctor *doctor, CURL *curl)
{
	const char *end = certificate_field(curl, "Expire date:");
	const char *issuer = certificate_field(curl, "Issuer:");
	char when[MOMENT_TEXT_MAX];
	time_t moment;

	if (!end)
		return; /* plain HTTP to this machine itself */
	moment = libcurl.getdate(end, NULL);
	moment_show(moment, doctor->host->now, false, true, when, sizeof(when));
	doctor_say(doctor,
		moment - doctor->host->now < CERTIFICATE_SOON ? DOCTOR_WARNING : DOCTOR_OK,
		moment - doctor->host->now < CERTIFICATE_SOON ? "tell your vendor" : NULL,
		"its certificate ends %s; issued by %s (another issuer than your vendor says means "
		"that something in between reads along)",
		when, issuer ? issuer : "?");
}

static void ask_central(struct doctor *doctor, struct api *api, const char *url)
{
	_cleanup_(json_putp) struct json_object *answer = NULL;
	struct problem problem = PROBLEM_NONE;
	CURL *curl = api_handle(api);
	int r = api_prepare(api, "GET", "/v1/whoami", NULL, 0, &problem);

	if (r == 0) {
		libcurl.easy_setopt(curl, CURLOPT_CERTINFO, 1L);
		r = api_finish(api, (int)libcurl.easy_perform(curl), &answer, &problem);
	}
	if (r < 0) {
		doctor_say(doctor, DOCTOR_FAULT,
			"proxy= and ca_file= in supportaccess.conf say how to get there", "%s",
			problem.text);
		return;
	}
	doctor_say(doctor, DOCTOR_OK, NULL, "%s knows this host as %s%s%s", url,
		json_text(answer, "name"), *doctor->host->config.proxy ? ", by proxy " : "",
		doctor->host->config.proxy);
	judge_certificate(doctor, curl);
}

void doctor_central(struct doctor *doctor)
{
	_cleanup_(api_freep) struct api *api = NULL;
	_cleanup_(freep) char *token = NULL;
	struct problem problem = PROBLEM_NONE;
	struct api_settings settings = { .user_agent = "supportaccess/" SUPPORTACCESS_VERSION,
		.timeout_ms = API_TIMEOUT_MS };

	if (!doctor->host)
		return;
	if (!*doctor->host->config.central || files_first_line(PATH_COURIER_TOKEN, &token) < 0) {
		doctor_say(doctor, DOCTOR_NOT_YET, "supportaccess enroll URL",
			"this host has left central, or was never enrolled");
		return;
	}
	settings.url = doctor->host->config.central;
	settings.token = token;
	settings.proxy = doctor->host->config.proxy;
	settings.ca_file = doctor->host->config.ca_file;
	if (api_open(&settings, &api, &problem) < 0)
		doctor_say(doctor, DOCTOR_FAULT, NULL, "%s", problem.text);
	else
		ask_central(doctor, api, settings.url);
}
