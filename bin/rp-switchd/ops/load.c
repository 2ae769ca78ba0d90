/*
 * load: measure how long work waits for the loop, and whether the relay is late,
 * and set the gate's reasons with hysteresis. See load.h.
 */
#include "ops/load.h"

#include <stdlib.h>

#include "base/clock.h"
#include "net/loop.h"
#include "ops/gate.h"
#include "ops/metrics.h"

#define EVERY_MS 100
#define LATE_MS 250		/* clients strike slower switches */
/*
 * Being late for so long closes the gate. A hiccup, such as a pause of the
 * virtual machine, is over by then. Datagrams that are lost are speech, so that
 * the relay has less time.
 */
#define LATE_FOR_MS 1000
#define RELAY_LATE_FOR_MS 500
#define CALM_MS 3000

/* A reason to close the gate, with its hysteresis. */
struct watch {
	enum gate_reason reason;
	uint64_t for_ms;	/* the time after which it closes the gate */
	uint64_t bad_ms;	/* the time that was bad, less what was good */
	uint64_t last_ms;	/* when it was bad last */
	bool bad;		/* at the last look */
};

struct queue {
	uint64_t (*age_ms)(void *arg);
	void *arg;
};

struct load {
	struct gate *gate;
	struct loop_event *look;	/* goes before all other work */
	struct loop_event *mark;	/* waits as all other work does */
	uint64_t due_ms;		/* of the mark */
	uint64_t waited_ms;		/* how late it was, since the last look */
	uint64_t age_ms;		/* of the oldest work, at the last look */
	uint64_t looked_ms;
	struct watch loop, relay;
	struct queue queues[LOAD_QUEUES];
	int n_queues;
	uint64_t (*dropped)(void *arg);
	void *arg;
	uint64_t dropped_before;
	void (*press)(bool pressed, void *arg);
	void *press_arg;
};

/* Judge the time since the last look by its two ends. */
static void
watch_look(struct load *load, struct watch *watch, bool bad, uint64_t now_ms)
{
	uint64_t passed_ms = now_ms - load->looked_ms;

	if (bad && watch->bad)
		watch->bad_ms += passed_ms;
	else if (!bad)
		watch->bad_ms -= passed_ms < watch->bad_ms ? passed_ms :
		    watch->bad_ms;
	if (watch->bad_ms > watch->for_ms)
		watch->bad_ms = watch->for_ms;
	watch->bad = bad;
	if (bad)
		watch->last_ms = now_ms;
	if (bad && watch->bad_ms >= watch->for_ms)
		gate_set(load->gate, watch->reason, true);
	else if (now_ms - watch->last_ms >= CALM_MS)
		gate_set(load->gate, watch->reason, false);
}

static uint64_t
late_ms(const struct load *load, uint64_t now_ms)
{
	return now_ms > load->due_ms ? now_ms - load->due_ms : 0;
}

static int
set_mark(struct load *load)
{
	load->due_ms = clock_ms() + EVERY_MS;
	return loop_timer_set_ms(load->mark, EVERY_MS);
}

/* The mark has had its turn. */
static void
on_mark(void *arg)
{
	struct load *load = arg;
	uint64_t waited_ms = late_ms(load, clock_ms());

	if (waited_ms > load->waited_ms)
		load->waited_ms = waited_ms;
	set_mark(load);
}

/* Return the age of the oldest work that waits, or waited since the last look. */
static uint64_t
oldest_ms(struct load *load, uint64_t now_ms)
{
	uint64_t age_ms = load->waited_ms, other_ms;
	int i;

	load->waited_ms = 0;
	if (late_ms(load, now_ms) > age_ms)
		age_ms = late_ms(load, now_ms);
	for (i = 0; i < load->n_queues; i++) {
		other_ms = load->queues[i].age_ms(load->queues[i].arg);
		if (other_ms > age_ms)
			age_ms = other_ms;
	}
	return age_ms;
}

static void
on_look(void *arg)
{
	struct load *load = arg;
	uint64_t now_ms = clock_ms(), dropped = 0;

	load->age_ms = oldest_ms(load, now_ms);
	if (load->press != NULL)
		load->press(load->age_ms > LATE_MS, load->press_arg);
	watch_look(load, &load->loop, load->age_ms > LATE_MS, now_ms);
	if (load->dropped != NULL)
		dropped = load->dropped(load->arg);
	watch_look(load, &load->relay, dropped > load->dropped_before, now_ms);
	load->dropped_before = dropped;
	load->looked_ms = now_ms;
}

static void
collect_load(struct metrics *metrics, struct buffer *out, void *arg)
{
	const struct load *load = arg;

	(void)metrics;
	metrics_emit_real(out, "gauge", "rp_loop_lag_seconds", "",
	    "Age of the oldest work that waited, at the latest look.",
	    (double)load->age_ms / 1000);
}

struct load *
load_new(struct event_base *loop, struct gate *gate, struct metrics *metrics)
{
	struct load *load = calloc(1, sizeof(*load));

	if (load == NULL)
		return NULL;
	load->gate = gate;
	load->loop.reason = GATE_OVERLOADED;
	load->loop.for_ms = LATE_FOR_MS;
	load->relay.reason = GATE_RELAY_LATE;
	load->relay.for_ms = RELAY_LATE_FOR_MS;
	load->looked_ms = clock_ms();
	load->look = loop_ticker_new(loop, on_look, load);
	load->mark = loop_timer_new(loop, on_mark, load);
	if (load->look == NULL || load->mark == NULL) {
		load_free(load);
		return NULL;
	}
	loop_event_first(load->look);
	if (loop_timer_set_ms(load->look, EVERY_MS) < 0 || set_mark(load) < 0) {
		load_free(load);
		return NULL;
	}
	metrics_collector(metrics, collect_load, load);
	return load;
}

void
load_free(struct load *load)
{
	if (load == NULL)
		return;
	loop_event_free(load->look);
	loop_event_free(load->mark);
	free(load);
}

void
load_watch_relay(struct load *load, uint64_t (*dropped)(void *arg), void *arg)
{
	load->dropped = dropped;
	load->arg = arg;
	load->dropped_before = dropped(arg);
}

void
load_watch_queue(struct load *load, uint64_t (*age_ms)(void *arg), void *arg)
{
	if (load->n_queues == LOAD_QUEUES)
		return;
	load->queues[load->n_queues++] = (struct queue){ age_ms, arg };
}

void
load_on_pressure(struct load *load, void (*press)(bool pressed, void *arg),
    void *arg)
{
	load->press = press;
	load->press_arg = arg;
}
