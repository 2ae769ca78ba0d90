/*
 * handshakes: count failed TLS handshakes, and those that wait. Called by
 * signal_server and by the relay's streams. See handshakes.h.
 */
#include "ops/handshakes.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/counter.h"
#include "base/log.h"
#include "net/workers.h"
#include "ops/metrics.h"
#include "wire/addr.h"

#define MS_PER_S 1000.0

struct handshakes {
	uint64_t *failed[HANDSHAKES_PORTS][TLS_FAILURE_REASONS];
	struct workers_lane *lane[HANDSHAKES_PORTS];	/* NULL: none */
	struct handshakes_wait told[HANDSHAKES_PORTS];	/* without a lane */
};

static const char *const ports[HANDSHAKES_PORTS] = {
	"call", "answer", "turn", "web"
};

struct handshakes_wait
handshakes_wait(const struct handshakes *handshakes,
    enum handshakes_port port)
{
	struct workers_lane *lane = handshakes->lane[port];

	if (lane == NULL)
		return handshakes->told[port];
	return (struct handshakes_wait){
		workers_waiting(lane), workers_waited_ms(lane)
	};
}

void
handshakes_tell(struct handshakes *handshakes, enum handshakes_port port,
    struct handshakes_wait wait)
{
	handshakes->told[port] = wait;
}

static void
collect_waiting(struct metrics *metrics, struct buffer *out, void *arg)
{
	const struct handshakes *h = arg;
	char labels[64];
	int port;

	(void)metrics;
	for (port = 0; port < HANDSHAKES_PORTS; port++) {
		snprintf(labels, sizeof(labels), "port=\"%s\"", ports[port]);
		metrics_emit(out, "gauge", "rp_tls_handshakes_waiting", labels,
		    "TLS handshakes that wait for a thread, by port.",
		    handshakes_wait(h, (enum handshakes_port)port).n);
	}
	for (port = 0; port < HANDSHAKES_PORTS; port++) {
		snprintf(labels, sizeof(labels), "port=\"%s\"", ports[port]);
		metrics_emit_real(out, "gauge",
		    "rp_tls_handshakes_waited_seconds", labels,
		    "How long the first of them has waited.",
		    (double)handshakes_wait(h,
		    (enum handshakes_port)port).ms / MS_PER_S);
	}
}

void
handshakes_watch(struct handshakes *handshakes, enum handshakes_port port,
    struct workers_lane *lane)
{
	if (handshakes != NULL)
		handshakes->lane[port] = lane;
}

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
	metrics_collector(metrics, collect_waiting, h);
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
