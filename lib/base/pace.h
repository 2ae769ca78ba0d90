/*
 * pace: a rate limit for one party of a call. It may ask for the same thing a
 * number of times in a window, all at once or one by one. The allowance refills
 * evenly over the window. Pure: `now_ms` comes from the caller.
 */
#ifndef RP_BASE_PACE_H
#define RP_BASE_PACE_H

#include <stdint.h>

#define PACE_WINDOW_MS 10000

/* Embedded by its user. All zero means that the whole allowance is there. */
struct pace {
	uint64_t full_ms;	/* when the allowance is full again */
};

/*
 * Take one of `most`, which is 1 to PACE_WINDOW_MS and may differ from call to
 * call. Return how many are left after it. Return -1 if none was left;
 * `*wait_ms` then says how long until there is one.
 */
long pace_take(struct pace *pace, long most, uint64_t now_ms,
    uint32_t *wait_ms);

#endif
