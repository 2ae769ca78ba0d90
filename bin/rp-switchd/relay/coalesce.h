/*
 * coalesce: when to wait a moment for a fuller batch. A batch costs its system
 * calls and its wake-up, however full it is. Above COALESCE_PPS packets per
 * second a relay thread waits, for a bounded time, until a batch of
 * COALESCE_BATCH has gathered. Below, waiting would cost more than it saves,
 * and nothing is ever delayed. Pure.
 */
#ifndef RP_SWITCHD_COALESCE_H
#define RP_SWITCHD_COALESCE_H

#include <stdint.h>

#define COALESCE_PPS 10000
#define COALESCE_BATCH 24
#define COALESCE_WINDOW_MS 10	/* the interval of counting packets */

struct coalesce {
	uint64_t most_ns;		/* between the starts of two batches */
	uint64_t window_ns;		/* the beginning of the count */
	uint64_t in_window;
	uint64_t interval_ns;		/* 0: do not wait */
};

/* Initialize. With `most_us` 0 it never waits. */
void coalesce_init(struct coalesce *c, unsigned most_us);

/*
 * Record that a batch of `n` out of at most `max`, received at `now_ns`, has
 * been forwarded. Return the time until which to wait for the next, or 0 not to
 * wait.
 */
uint64_t coalesce_until(struct coalesce *c, unsigned n, unsigned max,
    uint64_t now_ns);

#endif
