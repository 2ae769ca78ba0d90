/*
 * load: measure how late the loop and the relay are, every 100 ms, and set the
 * gate's reasons with hysteresis. See load.h.
 */
#include "ops/load.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"
#include "net/loop.h"
#include "ops/gate.h"
#include "ops/metrics.h"

#define EVERY_MS 100
#define LATE_MS 250		/* clients strike slower switches */
#define BAD_TIMES 5		/* in a row, to ignore a single hiccup */
#define CALM_TIMES 30

/* A reason to close the gate, with its hysteresis. */
struct watch {
	enum gate_reason reason;
	unsigned bad, calm;	/* ticks in a row */
};

struct load {
	struct gate *gate;
	struct loop_event *tick;
	uint64_t due_ms;
	uint64_t lag_ms;	/* of the last tick */
	struct watch loop, relay;
	uint64_t (*dropped)(void *arg);
	void *arg;
	uint64_t dropped_before;
};

static void
schedule(struct load *load)
{
	load->due_ms = clock_ms() + EVERY_MS;
	loop_timer_set_ms(load->tick, EVERY_MS);
}

static void
watch_tick(struct load *load, struct watch *watch, bool bad)
{
	watch->bad = bad ? watch->bad + 1 : 0;
	watch->calm = bad ? 0 : watch->calm + 1;
	if (watch->bad == BAD_TIMES)
		gate_set(load->gate, watch->reason, true);
	else if (watch->calm == CALM_TIMES)
		gate_set(load->gate, watch->reason, false);
}

static void
on_tick(void *arg)
{
	struct load *load = arg;
	uint64_t now_ms = clock_ms(), dropped = 0;

	load->lag_ms = now_ms > load->due_ms ? now_ms - load->due_ms : 0;
	watch_tick(load, &load->loop, load->lag_ms > LATE_MS);
	if (load->dropped != NULL)
		dropped = load->dropped(load->arg);
	watch_tick(load, &load->relay, dropped > load->dropped_before);
	load->dropped_before = dropped;
	schedule(load);
}

static void
collect_load(struct metrics *metrics, struct buffer *out, void *arg)
{
	const struct load *load = arg;

	(void)metrics;
	metrics_emit_real(out, "gauge", "rp_loop_lag_seconds", "",
	    "Delay of the event loop at its latest tick.",
	    (double)load->lag_ms / 1000);
}

struct load *
load_new(struct event_base *loop, struct gate *gate, struct metrics *metrics)
{
	struct load *load = calloc(1, sizeof(*load));

	if (load == NULL)
		return NULL;
	load->gate = gate;
	load->loop.reason = GATE_OVERLOADED;
	load->relay.reason = GATE_RELAY_LATE;
	load->tick = loop_timer_new(loop, on_tick, load);
	if (load->tick == NULL) {
		free(load);
		return NULL;
	}
	metrics_collector(metrics, collect_load, load);
	schedule(load);
	return load;
}

void
load_free(struct load *load)
{
	if (load == NULL)
		return;
	loop_event_free(load->tick);
	free(load);
}

void
load_watch_relay(struct load *load, uint64_t (*dropped)(void *arg), void *arg)
{
	load->dropped = dropped;
	load->arg = arg;
	load->dropped_before = dropped(arg);
}
