/*
 * gate: a set of reasons to take no new calls, with their names and the
 * callback for a change. See gate.h.
 */
#include "ops/gate.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "ops/metrics.h"

struct gate {
	unsigned reasons;
	uint64_t *closed_for[GATE_REASONS];	/* how often closed, by
						 * reason */
	void (*changed)(bool open, void *arg);
	void *arg;
};

/* The gravest first, which an operator needs to know before the others. */
static const struct {
	enum gate_reason reason;
	const char *text;
} names[GATE_REASONS] = {
	{ GATE_STARTING, "starting" },
	{ GATE_DRAINING, "draining" },
	{ GATE_NO_DIRECTORY, "no-directory" },
	{ GATE_NO_PUSH, "no-push" },
	{ GATE_NO_DESCRIPTORS, "no-descriptors" },
	{ GATE_CONNECTIONS, "connections" },
	{ GATE_OVERLOADED, "overloaded" },
	{ GATE_RELAY_LATE, "relay-late" },
	{ GATE_FULL, "full" }
};

static void
collect_gate(struct metrics *metrics, struct buffer *out, void *arg)
{
	const struct gate *gate = arg;
	char labels[64];
	size_t i;

	(void)metrics;
	metrics_emit(out, "gauge", "rp_gate_open", "",
	    "1 while new calls are taken.", gate->reasons == 0);
	for (i = 0; i < GATE_REASONS; i++) {
		snprintf(labels, sizeof(labels), "reason=\"%s\"",
		    names[i].text);
		metrics_emit(out, "gauge", "rp_gate_closed", labels,
		    "1 while new calls are refused, by reason.",
		    (gate->reasons & names[i].reason) != 0);
	}
}

struct gate *
gate_new(struct metrics *metrics)
{
	struct gate *gate = calloc(1, sizeof(*gate));
	char labels[64];
	size_t i;

	if (gate == NULL)
		return NULL;
	gate->reasons = GATE_STARTING;
	for (i = 0; i < GATE_REASONS; i++) {
		snprintf(labels, sizeof(labels), "reason=\"%s\"",
		    names[i].text);
		gate->closed_for[i] = metrics_counter(metrics,
		    "rp_gate_closings_total", labels,
		    "How often a reason to refuse new calls came up.");
	}
	metrics_collector(metrics, collect_gate, gate);
	return gate;
}

void
gate_free(struct gate *gate)
{
	free(gate);
}

void
gate_on_change(struct gate *gate, void (*changed)(bool open, void *arg),
    void *arg)
{
	gate->changed = changed;
	gate->arg = arg;
}

void
gate_set(struct gate *gate, enum gate_reason reason, bool closed)
{
	unsigned before = gate->reasons;
	size_t i;

	gate->reasons = closed ? before | reason : before & ~(unsigned)reason;
	if (gate->reasons == before)
		return;
	for (i = 0; i < GATE_REASONS; i++)
		if (closed && names[i].reason == reason)
			++*gate->closed_for[i];
	log_info("gate", "open=%d %s=%s", gate->reasons == 0,
	    closed ? "closed_by" : "no_longer", gate_reason_text(reason));
	if (gate->changed != NULL)
		gate->changed(gate->reasons == 0, gate->arg);
}

bool
gate_is_open(const struct gate *gate)
{
	return gate->reasons == 0;
}

unsigned
gate_reasons(const struct gate *gate)
{
	return gate->reasons;
}

const char *
gate_reason_text(unsigned reasons)
{
	size_t i;

	for (i = 0; i < GATE_REASONS; i++)
		if (reasons & names[i].reason)
			return names[i].text;
	return "";
}
