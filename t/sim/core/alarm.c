/* alarm: a heap of what is due, and the time. See private.h and sim.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/fiber.h"
#include "core/world.h"

struct sim_world sim_world;

static bool
is_before(const struct sim_alarm *a, const struct sim_alarm *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void
put(size_t place, struct sim_alarm *alarm)
{
	sim_world.heap[place] = alarm;
	alarm->place = place;
}

static void
rise(size_t place)
{
	struct sim_alarm *alarm = sim_world.heap[place];

	while (place > 1 && is_before(alarm, sim_world.heap[place / 2])) {
		put(place, sim_world.heap[place / 2]);
		place /= 2;
	}
	put(place, alarm);
}

static void
sink(size_t place)
{
	struct sim_alarm *alarm = sim_world.heap[place];
	size_t child;

	while ((child = 2 * place) <= sim_world.n_heap) {
		if (child < sim_world.n_heap && is_before(
		    sim_world.heap[child + 1], sim_world.heap[child]))
			child++;
		if (!is_before(sim_world.heap[child], alarm))
			break;
		put(place, sim_world.heap[child]);
		place = child;
	}
	put(place, alarm);
}

void
sim_alarm_init(struct sim_alarm *alarm, void (*run)(void *arg), void *arg)
{
	*alarm = (struct sim_alarm){ .run = run, .arg = arg };
}

void
sim_alarm_stop(struct sim_alarm *alarm)
{
	size_t place = alarm->place;
	struct sim_alarm *last;

	if (place == 0)
		return;
	alarm->place = 0;
	last = sim_world.heap[sim_world.n_heap--];
	if (last == alarm)
		return;
	put(place, last);
	rise(place);
	sink(last->place);
}

void
sim_alarm_set(struct sim_alarm *alarm, uint64_t at)
{
	sim_alarm_stop(alarm);
	if (at == SIM_NEVER)
		return;
	if (sim_world.n_heap + 2 > sim_world.heap_room) {
		sim_world.heap_room = 2 * sim_world.heap_room + 64;
		sim_world.heap = realloc(sim_world.heap,
		    sim_world.heap_room * sizeof(sim_world.heap[0]));
		if (sim_world.heap == NULL)
			abort();
	}
	alarm->at = at > sim_world.now ? at : sim_world.now;
	alarm->order = ++sim_world.order;
	put(++sim_world.n_heap, alarm);
	rise(sim_world.n_heap);
}

bool
sim_alarm_is_set(const struct sim_alarm *alarm)
{
	return alarm->place != 0;
}

bool
sim_alarm_next(uint64_t until)
{
	struct sim_alarm *alarm;

	if (sim_world.n_heap == 0 || sim_world.heap[1]->at > until)
		return false;
	alarm = sim_world.heap[1];
	sim_world.now = alarm->at;
	sim_alarm_stop(alarm);
	alarm->run(alarm->arg);
	return true;
}

uint64_t
sim_now(void)
{
	return sim_world.now;
}

void
sim_stop(void)
{
	sim_world.stop = true;
}

void
sim_run(uint64_t until)
{
	sim_world.stop = false;
	while (!sim_world.stop && sim_alarm_next(until))
		;
	if (!sim_world.stop && until != SIM_NEVER && sim_world.now < until)
		sim_world.now = until;
}

struct order {
	struct sim_alarm alarm;
	void (*run)(void *arg);
	void *arg;
};

static void
on_order(void *arg)
{
	struct order order = *(struct order *)arg;

	free(arg);
	if (!sim_world.ending)
		order.run(order.arg);
}

void
sim_alarm_reset(void)
{
	size_t i;

	for (i = 1; i <= sim_world.n_heap; i++)
		if (sim_world.heap[i]->run == on_order)
			free(sim_world.heap[i]->arg);
	free(sim_world.heap);
}

void
sim_at(uint64_t at, void (*run)(void *arg), void *arg)
{
	struct order *order = calloc(1, sizeof(*order));

	if (order == NULL)
		abort();
	order->run = run;
	order->arg = arg;
	sim_alarm_init(&order->alarm, on_order, order);
	sim_alarm_set(&order->alarm, at);
}

void
sim_begin(uint64_t seed)
{
	sim_world = (struct sim_world){
		.seed = seed, .hash = 0xcbf29ce484222325u, .next_pid = 100,
		.usual = { .delay_us = 10000 }
	};
	TAILQ_INIT(&sim_world.processes);
}

void
sim_end(void)
{
	sim_process_reset();
	sim_spawn_reset();
	sim_file_reset();
	sim_tcp_reset();
	sim_udp_reset();
	sim_machine_reset();
	sim_alarm_reset();
	sim_memory_reset();
	sim_fiber_reset();
	free(sim_world.kept);
	memset(&sim_world, 0, sizeof(sim_world));
}
