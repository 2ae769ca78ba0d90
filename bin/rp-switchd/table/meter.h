/*
 * meter: a token bucket that several threads take from without a lock. It is
 * one word: the time at which it will be full again (GCRA). A cost is the time
 * in which the bucket gains what is taken, so that a meter knows no rate. All
 * zero is a full bucket.
 */
#ifndef RP_SWITCHD_METER_H
#define RP_SWITCHD_METER_H

#include <stdbool.h>
#include <stdint.h>

struct meter {
	uint64_t full_ns;
};

/* Return the time in the meter after a cost. */
static inline uint64_t
meter_after(uint64_t full_ns, uint64_t cost_ns, uint64_t now_ns)
{
	return (full_ns > now_ns ? full_ns : now_ns) + cost_ns;
}

/*
 * Would that cost fit, where a full bucket is worth `depth_ns`? Another thread
 * may take it first.
 */
static inline bool
meter_has(const struct meter *meter, uint64_t cost_ns, uint64_t depth_ns,
    uint64_t now_ns)
{
	uint64_t full_ns = __atomic_load_n(&meter->full_ns, __ATOMIC_RELAXED);

	return meter_after(full_ns, cost_ns, now_ns) <= now_ns + depth_ns;
}

/* Take it. Threads that take at once all count; none waits for another. */
static inline void
meter_take(struct meter *meter, uint64_t cost_ns, uint64_t now_ns)
{
	uint64_t full_ns = __atomic_load_n(&meter->full_ns, __ATOMIC_RELAXED);

	while (!__atomic_compare_exchange_n(&meter->full_ns, &full_ns,
	    meter_after(full_ns, cost_ns, now_ns), true, __ATOMIC_RELAXED,
	    __ATOMIC_RELAXED))
		continue;
}

#endif
