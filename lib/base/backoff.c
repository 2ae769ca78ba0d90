/*
 * backoff: pauses that double up to a maximum, with a random part. See
 * backoff.h.
 */
#include "base/backoff.h"

#include "base/crypto.h"

uint32_t
backoff_next_ms(struct backoff *b)
{
	uint64_t wait = b->first_ms;
	uint32_t i;

	for (i = 0; i < b->tries && wait < b->most_ms; i++)
		wait *= 2;
	if (wait > b->most_ms)
		wait = b->most_ms;
	b->tries++;
	return (uint32_t)wait - crypto_random_between(0, (uint32_t)wait / 4);
}

void
backoff_reset(struct backoff *b)
{
	b->tries = 0;
}
