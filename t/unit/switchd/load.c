/* A late loop or a late relay closes the gate, and a calm time opens it. */
#include "config.h"

#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "ops/gate.h"
#include "ops/load.h"
#include "ops/metrics.h"
#include "unit.h"

static uint64_t dropped;
static unsigned n_pressed;

static uint64_t
count_dropped(void *arg)
{
	(void)arg;
	return dropped;
}

/* Turn the loop, each turn so slow, dropping so many, until the gate is so. */
static uint64_t
until(struct event_base *loop, struct gate *gate, unsigned reasons,
    useconds_t slow_us, uint64_t drop)
{
	uint64_t start_ms = clock_ms();

	while (gate_reasons(gate) != reasons &&
	    clock_ms() - start_ms < 10000) {
		dropped += drop;
		usleep(slow_us);
		event_base_loop(loop, EVLOOP_NONBLOCK);
	}
	ck_assert_uint_eq(gate_reasons(gate), reasons);
	return clock_ms() - start_ms;
}

START_TEST(closes_and_opens)
{
	struct event_base *loop = event_base_new();
	struct metrics *metrics = metrics_new();
	struct gate *gate = gate_new(metrics);
	struct load *load = load_new(loop, gate, metrics);

	gate_set(gate, GATE_STARTING, false);
	load_watch_relay(load, count_dropped, NULL);
	until(loop, gate, GATE_OVERLOADED, 400000, 0);
	/* Not before three seconds without a complaint. */
	ck_assert_uint_ge(until(loop, gate, 0, 1000, 0), 2500);
	until(loop, gate, GATE_RELAY_LATE, 1000, 1);
	ck_assert_uint_ge(until(loop, gate, 0, 1000, 0), 2500);
	load_free(load);
	gate_free(gate);
	metrics_free(metrics);
	event_base_free(loop);
}
END_TEST

/* However slow its turns are, the loop needs few of them to notice. */
START_TEST(counts_time_not_ticks)
{
	struct event_base *loop = event_base_new();
	struct metrics *metrics = metrics_new();
	struct gate *gate = gate_new(metrics);
	struct load *load = load_new(loop, gate, metrics);
	int i;

	gate_set(gate, GATE_STARTING, false);
	for (i = 0; i < 2; i++) {
		usleep(1100000);
		event_base_loop(loop, EVLOOP_NONBLOCK);
	}
	ck_assert_uint_eq(gate_reasons(gate), GATE_OVERLOADED);
	load_free(load);
	gate_free(gate);
	metrics_free(metrics);
	event_base_free(loop);
}
END_TEST

static uint64_t
queue_age(void *arg)
{
	const uint64_t *age_ms = arg;

	return *age_ms;
}

static void
on_press(bool pressed, void *arg)
{
	struct gate *gate = arg;
	static bool was;

	/* It comes first, and ends with the cause, not with the gate's calm. */
	if (pressed && !was)
		ck_assert_uint_eq(gate_reasons(gate), 0);
	if (!pressed && was)
		ck_assert_uint_eq(gate_reasons(gate), GATE_OVERLOADED);
	was = pressed;
	n_pressed += pressed;
}

/* Work that waits elsewhere counts, though the loop itself is on time. */
START_TEST(looks_at_queues)
{
	struct event_base *loop = event_base_new();
	struct metrics *metrics = metrics_new();
	struct gate *gate = gate_new(metrics);
	struct load *load = load_new(loop, gate, metrics);
	uint64_t age_ms = 300, other_ms = 0;

	gate_set(gate, GATE_STARTING, false);
	load_watch_queue(load, queue_age, &age_ms);
	load_watch_queue(load, queue_age, &other_ms);
	load_on_pressure(load, on_press, gate);
	ck_assert_uint_ge(until(loop, gate, GATE_OVERLOADED, 1000, 0), 900);
	ck_assert_uint_ge(n_pressed, 2);
	age_ms = 0;
	until(loop, gate, 0, 1000, 0);
	load_free(load);
	gate_free(gate);
	metrics_free(metrics);
	event_base_free(loop);
}
END_TEST

START_TEST(forgives_a_hiccup)
{
	struct event_base *loop = event_base_new();
	struct metrics *metrics = metrics_new();
	struct gate *gate = gate_new(metrics);
	struct load *load = load_new(loop, gate, metrics);
	int i;

	gate_set(gate, GATE_STARTING, false);
	for (i = 0; i < 3; i++) {
		usleep(400000);
		event_base_loop(loop, EVLOOP_NONBLOCK);
	}
	until(loop, gate, 0, 1000, 0);
	load_free(load);
	gate_free(gate);
	metrics_free(metrics);
	event_base_free(loop);
}
END_TEST

UNIT_SUITE(load, closes_and_opens, counts_time_not_ticks, looks_at_queues,
    forgives_a_hiccup)
