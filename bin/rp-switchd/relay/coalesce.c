/*
 * coalesce: decide until when a relay thread waits for a fuller batch. Pure;
 * called once per batch. See coalesce.h.
 */
#include "relay/coalesce.h"

#include "base/clock.h"

void
coalesce_init(struct coalesce *c, unsigned most_us)
{
	*c = (struct coalesce){ .most_ns = (uint64_t)most_us * 1000 };
}

/* Return how long a batch of the wanted size takes to gather at this rate. */
static uint64_t
interval_of(const struct coalesce *c, uint64_t passed_ns)
{
	uint64_t ns;

	if (c->in_window <= passed_ns * COALESCE_PPS / CLOCK_S)
		return 0;
	ns = passed_ns * COALESCE_BATCH / c->in_window;
	return ns < c->most_ns ? ns : c->most_ns;
}

uint64_t
coalesce_until(struct coalesce *c, unsigned n, unsigned max, uint64_t now_ns)
{
	uint64_t passed_ns = now_ns - c->window_ns;

	c->in_window += n;
	if (passed_ns >= COALESCE_WINDOW_MS * CLOCK_MS) {
		c->interval_ns = interval_of(c, passed_ns);
		c->window_ns = now_ns;
		c->in_window = 0;
	}
	/* After a full batch more packets wait already. */
	if (c->interval_ns == 0 || n == max)
		return 0;
	return now_ns + c->interval_ns;
}
