/*
 * handshakes: count failed TLS handshakes. Called by signal_server and by the
 * relay's streams. See handshakes.h.
 */
#include "ops/handshakes.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/counter.h"
#include "base/log.h"
#include "ops/metrics.h"
#include "wire/addr.h"

struct handshakes {
	uint64_t *failed[HANDSHAKES_PORTS][TLS_FAILURE_REASONS];
};

static const char *const ports[HANDSHAKES_PORTS] = { "call", "answer", "turn" };

struct handshakes *
handshakes_new(struct metrics *metrics)
{
	struct handshakes *h = calloc(1, sizeof(*h));
	char labels[64];
	int port, reason;

	if (h == NULL)
		exit(1);
	for (port = 0; port < HANDSHAKES_PORTS; port++)
		for (reason = 0; reason < TLS_FAILURE_REASONS; reason++) {
			snprintf(labels, sizeof(labels),
			    "port=\"%s\",reason=\"%s\"", ports[port],
			    tls_failure_names[reason]);
			h->failed[port][reason] = metrics_counter(metrics,
			    "rp_tls_handshake_failures_total", labels,
			    "TLS handshakes that failed, by port and reason.");
		}
	return h;
}

void
handshakes_free(struct handshakes *handshakes)
{
	free(handshakes);
}

uint64_t
handshakes_count(const struct handshakes *handshakes,
    enum handshakes_port port, enum tls_failure reason)
{
	const uint64_t *count = handshakes->failed[port][reason];

	return count != NULL ? counter_get(count) : 0;
}

void
handshakes_set(struct handshakes *handshakes, enum handshakes_port port,
    enum tls_failure reason, uint64_t count)
{
	uint64_t *of = handshakes->failed[port][reason];

	if (of != NULL)
		*of = count;
}

void
handshakes_failed(struct handshakes *handshakes, enum handshakes_port port,
    enum tls_failure reason, const char *why, const struct addr *peer)
{
	char kind[32], text[LOG_TEXT], from[ADDR_TEXT];

	if (handshakes == NULL || reason == TLS_FAILURE_NONE)
		return;
	counter_add(handshakes->failed[port][reason], 1);
	if (!log_is_debug())
		return;
	snprintf(kind, sizeof(kind), "%s %s", ports[port],
	    tls_failure_names[reason]);
	log_failure("tls_failed", kind, "port=%s reason=%s why=%s peer=%s",
	    ports[port], tls_failure_names[reason], log_text(text, why),
	    addr_format(peer, from));
}
