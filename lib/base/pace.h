/*
 * pace: a rate limit for one client, as a token bucket. It may ask for the same
 * thing a number of times in a window, all at once or one by one. The allowance
 * refills evenly over the window. Pure: `now_ms` comes from the caller.
 */
#ifndef RP_BASE_PACE_H
#define RP_BASE_PACE_H

#include <stdint.h>

#define PACE_WINDOW_MS 10000	/* for the requests of a party of a call */

/* Embedded by its user. All zero means that the whole allowance is there. */
struct pace {
	uint64_t full_ms;	/* when the allowance is full again */
};

/*
 * Take one of `most` in `window_ms`. `most` is 1 to `window_ms` and may differ
 * from call to call. Return how many are left after it. Return -1 if none was
 * left; `*wait_ms` then says how long until there is one.
 */
long pace_take(struct pace *pace, long most, uint32_t window_ms,
    uint64_t now_ms, uint32_t *wait_ms);

#endif
