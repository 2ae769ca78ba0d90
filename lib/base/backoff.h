/*
 * backoff: how long to wait before the next try: doubled each time from first
 * to most, with up to a quarter taken off at random so that many do not march
 * in step.
 */
#ifndef RP_BASE_BACKOFF_H
#define RP_BASE_BACKOFF_H

#include <stdint.h>

struct backoff {
	uint32_t first_ms;
	uint32_t most_ms;
	uint32_t tries;		/* zero to begin with */
};

/* The next wait in milliseconds; counts the try. */
uint32_t backoff_next_ms(struct backoff *b);

/* It worked: start over with first_ms. */
void backoff_reset(struct backoff *b);

#endif
