/*
 * turnstats: add up the counters of all relay threads, and write them as
 * metrics. See turnstats.h.
 */
#include "turn/turnstats.h"

#include <stddef.h>
#include <stdio.h>

#include "base/counter.h"
#include "ops/metrics.h"

static const char *const passed_names[INKERNEL_REASONS_N] = {
#define X(id, name) [INKERNEL_##id] = name,
	INKERNEL_REASONS(X)
#undef X
};

/* Write one line per counter. */
static void
emit(struct buffer *out, const char *name, const char *label,
    const char *value, const char *help, uint64_t count)
{
	char labels[64] = "";

	if (label != NULL)
		snprintf(labels, sizeof(labels), "%s=\"%s\"", label, value);
	metrics_emit(out, "counter", name, labels, help, count);
}

/*
 * Add two structs of counters. All counters have this one type, so they add as
 * arrays.
 */
static void
add_counts(void *sum, const void *counts, size_t bytes)
{
	const uint64_t *from = counts;
	uint64_t *to = sum;
	size_t i;

	for (i = 0; i < bytes / sizeof(*to); i++)
		to[i] += counter_get(&from[i]);
}

static void
emit_drops(struct buffer *out, const struct relay_counts *relay,
    const struct turnreq_counts *req)
{
	static const char name[] = "rp_relay_dropped_total";
	static const char help[] =
	    "Datagrams dropped without an answer, by reason.";
	size_t i;

	for (i = 0; i < RELAY_DROP_REASONS; i++)
		emit(out, name, "reason", relay_drop_names[i], help,
		    relay->dropped[i]);
	emit(out, name, "reason", "malformed", help, req->malformed);
	emit(out, name, "reason", "fingerprint", help, req->fingerprint);
	emit(out, name, "reason", "unexpected", help, req->unexpected);
	emit(out, name, "reason", "rationed", help, req->rationed);
	emit(out, name, "reason", "no_answer", help, req->no_answer);
}

static void
emit_streams(struct buffer *out, const struct streams_counts *counts)
{
	static const char frames[] = "rp_relay_stream_frames_dropped_total";
	static const char help[] =
	    "Frames to TCP and TLS clients dropped, by reason.";
	size_t i;

	emit(out, "rp_relay_streams_total", NULL, NULL,
	    "TCP and TLS connections accepted.", counts->accepted);
	metrics_emit(out, "gauge", "rp_relay_streams", "",
	    "TCP and TLS connections open.", counts->open);
	emit(out, frames, "reason", "slow", help, counts->slow);
	emit(out, frames, "reason", "gone", help, counts->gone);
	for (i = 0; i < STREAMS_CUT_REASONS; i++)
		emit(out, "rp_relay_streams_cut_total", "reason",
		    streams_cut_names[i],
		    "TCP and TLS connections refused or closed by the relay.",
		    counts->cut[i]);
}

static void
emit_requests(struct buffer *out, const struct turnreq_counts *req)
{
	char code[8];
	size_t i;

	for (i = 0; i < TURNREQ_METHODS; i++)
		emit(out, "rp_turn_requests_total", "method",
		    turnreq_method_names[i],
		    "TURN requests answered with success.", req->ok[i]);
	for (i = 0; i < TURNREQ_ERROR_CODES; i++) {
		snprintf(code, sizeof(code), "%u", turnreq_error_codes[i]);
		emit(out, "rp_turn_errors_total", "code", code,
		    "TURN requests answered with an error.", req->errors[i]);
	}
	for (i = 0; i < TURNREQ_FAULTS; i++)
		emit(out, "rp_turn_logins_refused_total", "reason",
		    turnreq_fault_names[i],
		    "TURN requests refused for their credentials.",
		    req->faults[i]);
	emit(out, "rp_turn_keys_tried_total", NULL, NULL,
	    "Keys tried on requests without an allocation.", req->keys_tried);
}

static void
emit_flows(struct buffer *out, const struct relay_flow flows[CALLSTATS_FLOWS])
{
	char labels[CALLSTATS_FLOWS][64];
	unsigned i;

	for (i = 0; i < CALLSTATS_FLOWS; i++) {
		snprintf(labels[i], sizeof(labels[i]),
		    "transport=\"%s\",family=\"%s\"",
		    callstats_via_text(CALLSTATS_FLOW_VIA(i)),
		    CALLSTATS_FLOW_IPV6(i) ? "ipv6" : "ipv4");
		metrics_emit(out, "counter", "rp_relay_packets_total",
		    labels[i], "Datagrams relayed, by the client's transport "
		    "and family.", flows[i].packets);
	}
	for (i = 0; i < CALLSTATS_FLOWS; i++)
		metrics_emit(out, "counter", "rp_relay_bytes_total",
		    labels[i], "Bytes of payload relayed, by the client's "
		    "transport and family.", flows[i].bytes);
}

void
turnstats_add_relay(struct turnstats *stats, const struct relay_counts *counts)
{
	add_counts(&stats->relay, counts, sizeof(*counts));
}

void
turnstats_add_kernel(struct turnstats *stats,
    const struct inkernel_counts *counts)
{
	struct relay_counts *relay = &stats->relay;

	add_counts(relay->flows, counts->flows, sizeof(relay->flows));
	relay->rtp_packets += counts->rtp_packets;
	relay->rtp_expected += counts->rtp_expected;
}

void
turnstats_add_req(struct turnstats *stats, const struct turnreq_counts *counts)
{
	add_counts(&stats->req, counts, sizeof(*counts));
}

void
turnstats_add_streams(struct turnstats *stats,
    const struct streams_counts *counts)
{
	add_counts(&stats->streams, counts, sizeof(*counts));
}

static void
emit_limited(struct buffer *out, const struct alloc_limited *limited)
{
	static const char name[] = "rp_relay_allocations_limited_total";
	static const char help[] = "Allocations at a limit: a party or call "
	    "holds or makes too many; a silent one was evicted; a user holds "
	    "or makes too many; a network, a service or all hold too many.";

	emit(out, name, "why", "held", help, limited->held);
	emit(out, name, "why", "paced", help, limited->paced);
	emit(out, name, "why", "evicted", help, limited->evicted);
	emit(out, name, "why", "user", help, limited->user);
	emit(out, name, "why", "user_paced", help, limited->user_paced);
	emit(out, name, "why", "prefix", help, limited->prefix);
	emit(out, name, "why", "service", help, limited->service);
	emit(out, name, "why", "total", help, limited->total);
}

void
turnstats_add_service(struct turnstats *stats, unsigned service,
    const char *name, const struct alloc_service_counts *counts)
{
	struct turnstats_service *s = &stats->services[service];

	snprintf(s->name, sizeof(s->name), "%s", name);
	add_counts(&s->counts, counts, sizeof(*counts));
}

/* Write one line for each service. */
static void
emit_service(struct buffer *out, const struct turnstats *stats,
    const char *kind, const char *metric, const char *label, size_t offset,
    const char *help)
{
	const struct turnstats_service *s;
	char labels[TURNSTATS_NAME + 64];
	size_t i;

	for (i = 0; i < ALLOC_SERVICES; i++) {
		s = &stats->services[i];
		if (s->name[0] == '\0')
			continue;
		snprintf(labels, sizeof(labels), "service=\"%s\"%s", s->name,
		    label);
		metrics_emit(out, kind, metric, labels, help,
		    *(const uint64_t *)((const char *)&s->counts + offset));
	}
}

static void
emit_services(struct buffer *out, const struct turnstats *stats)
{
	static const char limited[] = "rp_relay_service_limited_total";
	static const char dropped[] = "rp_relay_service_dropped_total";
	static const char limited_help[] = "Allocations refused to users of a "
	    "service, by limit.";
	static const char dropped_help[] = "Datagrams of a service's users "
	    "dropped, by whose rate they exceed.";
	static const struct {
		const char *label;
		size_t at;
	} limits[] = {
		{ ",limit=\"user\"",
		    offsetof(struct alloc_service_counts, over_user) },
		{ ",limit=\"service\"",
		    offsetof(struct alloc_service_counts, over_service) }
	}, rates[] = {
		{ ",rate=\"user\"", offsetof(struct alloc_service_counts,
		    dropped[ALLOC_RATE_USER]) },
		{ ",rate=\"service\"", offsetof(struct alloc_service_counts,
		    dropped[ALLOC_RATE_SERVICE]) },
		{ ",rate=\"total\"", offsetof(struct alloc_service_counts,
		    dropped[ALLOC_RATE_TOTAL]) }
	};
	size_t i;

	emit_service(out, stats, "gauge", "rp_relay_service_allocations", "",
	    offsetof(struct alloc_service_counts, allocations),
	    "Allocations held by users of a service.");
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		emit_service(out, stats, "counter", limited, limits[i].label,
		    limits[i].at, limited_help);
	for (i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		emit_service(out, stats, "counter", dropped, rates[i].label,
		    rates[i].at, dropped_help);
}

static void
emit_devices(struct buffer *out, const struct kernel_stats *kernel)
{
	static const char name[] = "rp_relay_kernel_attached";
	static const char help[] =
	    "1 for each device that the kernel's program is attached to.";
	const struct kernel_device *device;
	char labels[64];
	size_t i;

	if (kernel->n_devices == 0)
		metrics_emit(out, "gauge", name, "device=\"\",mode=\"off\"",
		    help, 0);
	for (i = 0; i < kernel->n_devices; i++) {
		device = &kernel->devices[i];
		snprintf(labels, sizeof(labels), "device=\"%.15s\",mode=\"%s\"",
		    device->name, kernel_mode_text(device->mode));
		metrics_emit(out, "gauge", name, labels, help, 1);
	}
}

static void
emit_kernel(struct buffer *out, const struct kernel_stats *kernel)
{
	static const char packets[] = "rp_relay_kernel_packets_total";
	static const char packets_help[] = "Datagrams relayed in the kernel, "
	    "by family. They are in rp_relay_packets_total, too.";
	const struct relay_flow *flows = kernel->counts.flows;
	size_t i;

	emit(out, packets, "family", "ipv4", packets_help,
	    flows[CALLSTATS_FLOW(CALLSTATS_UDP, false)].packets);
	emit(out, packets, "family", "ipv6", packets_help,
	    flows[CALLSTATS_FLOW(CALLSTATS_UDP, true)].packets);
	for (i = 0; i < INKERNEL_REASONS_N; i++)
		emit(out, "rp_relay_kernel_passed_total", "reason",
		    passed_names[i], "ChannelData that the kernel's program "
		    "left to the relay, by reason.", kernel->counts.passed[i]);
	emit_devices(out, kernel);
	metrics_emit(out, "gauge", "rp_relay_kernel_entries", "",
	    "Channels that the kernel relays by.", kernel->entries);
	emit(out, "rp_relay_kernel_full_total", NULL, NULL,
	    "Channels that the kernel did not take, because it has as many as "
	    "it can.", kernel->full);
	emit(out, "rp_relay_kernel_refused_total", NULL, NULL,
	    "Programs, devices and channels that the kernel refused.",
	    kernel->refused);
}

void
turnstats_write(const struct turnstats *stats, struct buffer *out)
{
	emit_flows(out, stats->relay.flows);
	emit(out, "rp_relay_rtp_packets_total", NULL, NULL,
	    "RTP packets that came from clients.", stats->relay.rtp_packets);
	emit(out, "rp_relay_rtp_expected_total", NULL, NULL,
	    "RTP packets expected, according to their sequence numbers.",
	    stats->relay.rtp_expected);
	emit(out, "rp_relay_batches_total", NULL, NULL,
	    "Batches of datagrams received.", stats->relay.batches);
	emit_drops(out, &stats->relay, &stats->req);
	emit_requests(out, &stats->req);
	emit_streams(out, &stats->streams);
	emit(out, "rp_relay_overruns_total", NULL, NULL,
	    "Datagrams the kernel dropped because the relay was late.",
	    stats->overruns);
	metrics_emit(out, "gauge", "rp_relay_allocations", "",
	    "Allocations held.", stats->allocations);
	emit_limited(out, &stats->limited);
	emit_services(out, stats);
	emit_kernel(out, &stats->kernel);
	metrics_emit(out, "gauge", "rp_relay_allocations_max", "",
	    "Limit of allocations.", stats->max_allocations);
	metrics_emit(out, "gauge", "rp_relay_streams_max", "",
	    "Limit of TCP and TLS connections, as the descriptors allow.",
	    stats->max_streams);
}
