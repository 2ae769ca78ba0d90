/*
 * drain: refuses new calls, lets the running ones end, and says when none is
 * left. Begun twice it goes on as before: the clock is not started again.
 */
#ifndef RP_SWITCHD_DRAIN_H
#define RP_SWITCHD_DRAIN_H

#include <stdbool.h>
#include <stdint.h>

struct drain;
struct event_base;
struct gate;

/* Called from the loop or from within drain_begin; none may call drain_free. */
struct drain_handlers {
	/* Calls that are not over. */
	uint64_t (*calls)(void *arg);
	/* Hang up on all of them, as "moved", so that clients dial again. */
	void (*force)(void *arg);
	/* No call is left; once a drain. */
	void (*drained)(void *arg);
	/* The same, and the switch was asked to stop then. */
	void (*stop)(void *arg);
};

int drain_new(struct drain **out, struct event_base *loop, struct gate *gate,
    const struct drain_handlers *handlers, void *arg);
void drain_free(struct drain *drain);

/*
 * Close the gate at once. force_after_ms: from the drain's beginning; -1: not
 * at all, or as was asked before. stop: so too.
 */
void drain_begin(struct drain *drain, int64_t force_after_ms, bool stop);

/* Open the gate again; nothing if there is no drain. */
void drain_end(struct drain *drain);

/* A call has ended. */
void drain_call_ended(struct drain *drain);

/* Milliseconds since the drain began; -1: there is none. */
int64_t drain_ms(const struct drain *drain);

#endif
