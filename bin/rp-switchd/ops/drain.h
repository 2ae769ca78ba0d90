/*
 * drain: refuse new calls, let the running ones end, and report when none is
 * left. A second drain_begin continues the same drain: the clock is not
 * restarted.
 */
#ifndef RP_SWITCHD_DRAIN_H
#define RP_SWITCHD_DRAIN_H

#include <stdbool.h>
#include <stdint.h>

struct drain;
struct event_base;
struct gate;

/* Called from the loop or from within drain_begin. None may call drain_free. */
struct drain_handlers {
	/* Return the number of calls that have not ended. */
	uint64_t (*calls)(void *arg);
	/* Hang up all calls, as "moved", so that clients redial. */
	void (*force)(void *arg);
	/* No call is left; called once per drain. */
	void (*drained)(void *arg);
	/* No call is left, and the switch was asked to stop then. */
	void (*stop)(void *arg);
};

int drain_new(struct drain **out, struct event_base *loop, struct gate *gate,
    const struct drain_handlers *handlers, void *arg);
void drain_free(struct drain *drain);

/* A request to drain. Each part keeps what was asked before. */
struct drain_request {
	/* Hang up this long after the drain began; -1: never, or as before. */
	int64_t force_after_ms;
	bool stop;		/* exit when no call is left */
	bool final;		/* refuse drain_end from now on */
};

/* Close the gate at once. */
void drain_begin(struct drain *drain, const struct drain_request *request);

/*
 * Drain for good, and stop when no call is left. The calls are hung up
 * `grace_ms` from now, or when a drain that runs already would do so, whichever
 * is later.
 */
void drain_stop(struct drain *drain, uint64_t grace_ms);

/*
 * Open the gate again. Nothing happens without a drain.
 *
 *   -ESHUTDOWN  the switch is being stopped, and the drain goes on
 */
int drain_end(struct drain *drain);

/* Note that a call has ended. */
void drain_call_ended(struct drain *drain);

/* Return the milliseconds since the drain began; -1 if there is none. */
int64_t drain_ms(const struct drain *drain);

#endif
