/*
 * drain: refuse new calls and watch the running ones end, against one clock.
 * See drain.h.
 */
#include "ops/drain.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/loop.h"
#include "ops/gate.h"

struct drain {
	struct gate *gate;
	struct drain_handlers handlers;
	void *arg;
	struct loop_event *force;		/* timer */
	struct loop_event *look;	/* checks whether a call is left */
	uint64_t began_ms;		/* 0: no drain */
	uint64_t force_at_ms;		/* of the timer; 0: not set */
	bool stop, drained;
	bool final;			/* not to be taken back */
};

static void
on_force(void *arg)
{
	struct drain *d = arg;

	log_info("drain_forced", "calls=%lu after_ms=%ld",
	    (unsigned long)d->handlers.calls(d->arg), (long)drain_ms(d));
	d->handlers.force(d->arg);
}

static void
on_look(void *arg)
{
	struct drain *d = arg;

	if (d->began_ms == 0 || d->handlers.calls(d->arg) > 0)
		return;
	if (!d->drained) {
		d->drained = true;
		log_info("drained", "after_ms=%ld", (long)drain_ms(d));
		d->handlers.drained(d->arg);
	}
	if (d->stop)
		d->handlers.stop(d->arg);
}

int
drain_new(struct drain **out, struct event_base *loop, struct gate *gate,
    const struct drain_handlers *handlers, void *arg)
{
	struct drain *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return -ENOMEM;
	d->gate = gate;
	d->handlers = *handlers;
	d->arg = arg;
	d->force = loop_timer_new(loop, on_force, d);
	d->look = loop_timer_new(loop, on_look, d);
	if (d->force == NULL || d->look == NULL) {
		drain_free(d);
		return -ENOMEM;
	}
	*out = d;
	return 0;
}

void
drain_free(struct drain *drain)
{
	if (drain == NULL)
		return;
	loop_event_free(drain->force);
	loop_event_free(drain->look);
	free(drain);
}

static void
begin_draining(struct drain *d)
{
	if (d->began_ms == 0) {
		d->began_ms = clock_ms();
		d->force_at_ms = 0;
		d->drained = false;
		d->stop = false;
		gate_set(d->gate, GATE_DRAINING, true);
	}
	/* Check from the loop, so that the request is answered first. */
	loop_timer_set_ms(d->look, 0);
}

static void
force_at(struct drain *d, uint64_t at_ms)
{
	uint64_t now_ms = clock_ms();

	d->force_at_ms = at_ms;
	loop_timer_set_ms(d->force, at_ms > now_ms ? at_ms - now_ms : 0);
}

void
drain_begin(struct drain *drain, const struct drain_request *request)
{
	struct drain *d = drain;

	begin_draining(d);
	d->stop = d->stop || request->stop;
	d->final = d->final || request->final;
	if (request->force_after_ms >= 0)
		force_at(d, d->began_ms + (uint64_t)request->force_after_ms);
}

void
drain_stop(struct drain *drain, uint64_t grace_ms)
{
	struct drain *d = drain;
	uint64_t at_ms = clock_ms() + grace_ms;

	begin_draining(d);
	d->stop = d->final = true;
	if (at_ms > d->force_at_ms)
		force_at(d, at_ms);
}

int
drain_end(struct drain *drain)
{
	if (drain->final)
		return -ESHUTDOWN;
	if (drain->began_ms == 0)
		return 0;
	drain->began_ms = 0;
	loop_event_stop(drain->force);
	loop_event_stop(drain->look);
	gate_set(drain->gate, GATE_DRAINING, false);
	return 0;
}

void
drain_call_ended(struct drain *drain)
{
	if (drain->began_ms != 0)
		loop_timer_set_ms(drain->look, 0);
}

int64_t
drain_ms(const struct drain *drain)
{
	return drain->began_ms == 0 ? -1 :
	    (int64_t)(clock_ms() - drain->began_ms);
}
