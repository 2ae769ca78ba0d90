/*
 * pace: how often one party of a call may ask for the same thing: so many times
 * in a window, all at once or one by one. What was taken comes back evenly over
 * the window. Pure: now_ms is the caller's.
 */
#ifndef RP_BASE_PACE_H
#define RP_BASE_PACE_H

#include <stdint.h>

#define PACE_WINDOW_MS 10000

/* Embedded in what it is for; zeroed to begin with: all may be taken. */
struct pace {
	uint64_t full_ms;	/* when all may be taken at once again */
};

/*
 * Take one of most, which is 1 to PACE_WINDOW_MS and may be another than the
 * last time. How many are left after it; -1: there was none. Then *wait_ms says
 * how long until there is one.
 */
long pace_take(struct pace *pace, long most, uint64_t now_ms,
    uint32_t *wait_ms);

#endif
