/* SPDX-License-Identifier: MIT */

/* Numbers in the text form of Prometheus. Numbers only: anyone may read them. */

#include "central/handlers.h"

#include <stdio.h>

#define METRIC_MAX 160

struct metric {
	const char *name, *kind, *labels;
	int64_t value;
};

int metrics_get(struct exchange *x)
{
	const struct server_counters *counters = &x->server->counters;
	struct central_counts counts;
	int r;

	r = central_count(x->server->central, &counts);
	if (r < 0)
		return r;

	const struct metric metrics[] = {
		{ "hosts", "gauge", "", counts.hosts },
		{ "requests", "gauge", "", counts.requests },
		{ "documents", "gauge", "", counts.documents },
		{ "events", "gauge", "", counts.events },
		{ "connections_waiting", "gauge", "", (int64_t)x->server->n_waiting },
		{ "documents_accepted_total", "counter", "", counters->documents },
		{ "events_accepted_total", "counter", "", counters->events },
		{ "limited_total", "counter", "", counters->limited },
		{ "waits_total", "counter", "", counters->waited },
		{ "answers_total", "counter", "{class=\"2xx\"}", counters->answers[2] },
		{ "answers_total", NULL, "{class=\"4xx\"}", counters->answers[4] },
		{ "answers_total", NULL, "{class=\"5xx\"}", counters->answers[5] },
	};
	char text[2 * METRIC_MAX * sizeof(metrics) / sizeof(metrics[0])];
	size_t used = 0;

	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		const struct metric *m = &metrics[i];

		if (m->kind)
			used += (size_t)snprintf(text + used, sizeof(text) - used,
				"# TYPE supportaccess_%s %s\n", m->name, m->kind);
		used += (size_t)snprintf(text + used, sizeof(text) - used,
			"supportaccess_%s%s %lld\n", m->name, m->labels, (long long)m->value);
	}
	return answer_text(x, "text/plain; version=0.0.4", text);
}
