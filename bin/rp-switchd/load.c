#include "load.h"

#include <stdint.h>
#include <stdlib.h>

#include <event2/event.h>

#include "base/clock.h"
#include "gate.h"
#include "metrics.h"

#define EVERY_MS 100
#define LATE_MS 250		/* a client strikes a switch after that */
#define LATE_TIMES 5		/* in a row: not just one hiccup */
#define CALM_TIMES 30

struct load {
	struct gate *gate;
	struct event *tick;
	uint64_t due_ms;
	uint64_t lag_ms;	/* of the last tick */
	unsigned late, calm;	/* in a row */
};

static void
schedule(struct load *load)
{
	static const struct timeval every = { 0, EVERY_MS * 1000 };

	load->due_ms = clock_ms() + EVERY_MS;
	evtimer_add(load->tick, &every);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct load *load = arg;
	uint64_t now_ms = clock_ms();

	(void)fd;
	(void)what;
	load->lag_ms = now_ms > load->due_ms ? now_ms - load->due_ms : 0;
	if (load->lag_ms > LATE_MS) {
		load->late++;
		load->calm = 0;
	} else {
		load->late = 0;
		load->calm++;
	}
	if (load->late == LATE_TIMES)
		gate_set(load->gate, GATE_OVERLOADED, true);
	else if (load->calm == CALM_TIMES)
		gate_set(load->gate, GATE_OVERLOADED, false);
	schedule(load);
}

static void
collect(struct metrics *metrics, struct evbuffer *out, void *arg)
{
	const struct load *load = arg;

	(void)metrics;
	metrics_emit(out, "gauge", "rp_loop_lag_milliseconds", "",
	    "How late the loop was last.", load->lag_ms);
}

struct load *
load_new(struct event_base *loop, struct gate *gate, struct metrics *metrics)
{
	struct load *load = calloc(1, sizeof(*load));

	if (load == NULL)
		return NULL;
	load->gate = gate;
	load->tick = evtimer_new(loop, on_tick, load);
	if (load->tick == NULL) {
		free(load);
		return NULL;
	}
	metrics_collector(metrics, collect, load);
	schedule(load);
	return load;
}

void
load_free(struct load *load)
{
	if (load == NULL)
		return;
	event_free(load->tick);
	free(load);
}
