/*
 * pushwatch: count the starts of push.command that fail in a row, and close the
 * gate for them. Called by pushpipe. See pushwatch.h.
 */
#include "push/pushwatch.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "net/loop.h"
#include "ops/gate.h"

struct pushwatch {
	struct gate *gate;
	struct loop_event *lasted;	/* it has run for long enough */
	unsigned failures;		/* in a row */
	bool up, closed;
	bool relapsed;	/* the gate was opened for a run that did not last */
};

static void
set_gate(struct pushwatch *watch, bool closed)
{
	watch->closed = closed;
	gate_set(watch->gate, GATE_NO_PUSH, closed);
}

/*
 * Open the gate, on probation: the next failure closes it at once. Or, if it
 * was open, forget the failures.
 */
static void
on_lasted(void *arg)
{
	struct pushwatch *watch = arg;

	if (watch->closed && !watch->relapsed) {
		watch->relapsed = true;
		watch->failures = PUSHWATCH_FAILURES - 1;
		loop_timer_set_ms(watch->lasted, PUSHWATCH_STEADY_MS -
		    PUSHWATCH_BACK_MS);
	} else {
		watch->relapsed = false;
		watch->failures = 0;
	}
	if (watch->closed)
		set_gate(watch, false);
}

void
pushwatch_up(struct pushwatch *watch)
{
	watch->up = true;
	loop_timer_set_ms(watch->lasted, watch->closed && !watch->relapsed ?
	    PUSHWATCH_BACK_MS : PUSHWATCH_STEADY_MS);
}

void
pushwatch_down(struct pushwatch *watch)
{
	watch->up = false;
	loop_event_stop(watch->lasted);
	if (watch->closed || ++watch->failures < PUSHWATCH_FAILURES)
		return;
	log_error("push_child_fails", "starts=%u", watch->failures);
	set_gate(watch, true);
}

bool
pushwatch_is_up(const struct pushwatch *watch)
{
	return watch->up;
}

int
pushwatch_new(struct pushwatch **out, struct event_base *loop,
    struct gate *gate)
{
	struct pushwatch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		return -ENOMEM;
	watch->gate = gate;
	watch->lasted = loop_timer_new(loop, on_lasted, watch);
	if (watch->lasted == NULL) {
		free(watch);
		return -ENOMEM;
	}
	*out = watch;
	return 0;
}

void
pushwatch_free(struct pushwatch *watch)
{
	if (watch == NULL)
		return;
	loop_event_free(watch->lasted);
	free(watch);
}
