/*
 * backoff: how long to wait before the next try. The wait doubles each time
 * from `first_ms` to `most_ms`. Up to a quarter is taken off at random, so that
 * many clients do not retry in step.
 */
#ifndef RP_BASE_BACKOFF_H
#define RP_BASE_BACKOFF_H

#include <stdint.h>

struct backoff {
	uint32_t first_ms;
	uint32_t most_ms;
	uint32_t tries;		/* zero to begin with */
};

/* Return the next wait in milliseconds, and count the try. */
uint32_t backoff_next_ms(struct backoff *b);

/* Start over with `first_ms`, after a try that succeeded. */
void backoff_reset(struct backoff *b);

#endif
