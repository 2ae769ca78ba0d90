/*
 * coalesce: when to wait a moment for a fuller batch. A batch costs its system
 * calls and its waking up, however full it is. Above COALESCE_PPS packets a
 * second a relay thread waits until a batch of COALESCE_BATCH has gathered,
 * but for a bounded time; below, waiting would cost more than it saves, and
 * nothing is ever delayed. Pure.
 */
#ifndef RP_SWITCHD_COALESCE_H
#define RP_SWITCHD_COALESCE_H

#include <stdint.h>

#define COALESCE_PPS 10000
#define COALESCE_BATCH 24
#define COALESCE_WINDOW_MS 10	/* in which packets are counted */

struct coalesce {
	uint64_t most_ns;		/* between the starts of two batches */
	uint64_t window_ns;		/* since when packets are counted */
	uint64_t in_window;
	uint64_t interval_ns;		/* 0: as they come */
};

/* most_us 0: never wait. */
void coalesce_init(struct coalesce *c, unsigned most_us);

/*
 * A batch of n out of at most max, received at now_ns, has been sent on: wait
 * for the next until then, or, if 0, not at all.
 */
uint64_t coalesce_until(struct coalesce *c, unsigned n, unsigned max,
    uint64_t now_ns);

#endif
