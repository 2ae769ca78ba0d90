/*
 * meter: a token bucket that several threads take from without a lock. It is
 * one word: the time at which it will be full again (GCRA). A cost is the time
 * in which the bucket gains what is taken, so that a meter knows no rate. All
 * zero is a full bucket. The relay's program in the kernel includes it too.
 */
#ifndef RP_SWITCHD_METER_H
#define RP_SWITCHD_METER_H

#include <stdbool.h>
#include <stdint.h>

struct meter {
	uint64_t full_ns;
};

#ifdef __bpf__
/* Each loop has an end there. So many others at once are out of the question. */
#define METER_TRIES 16
/* Its compiler has no atomic loads. An aligned word is loaded whole. */
#define METER_LOAD(word) (*(const volatile uint64_t *)(word))
#else
#define METER_TRIES UINT32_MAX
#define METER_LOAD(word) __atomic_load_n(word, __ATOMIC_RELAXED)
#endif

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
	return meter_after(METER_LOAD(&meter->full_ns), cost_ns, now_ns) <=
	    now_ns + depth_ns;
}

/* Take it. Threads that take at once all count; none waits for another. */
static inline void
meter_take(struct meter *meter, uint64_t cost_ns, uint64_t now_ns)
{
	uint64_t full_ns = METER_LOAD(&meter->full_ns);
	uint32_t i;

	for (i = 0; i < METER_TRIES; i++)
		if (__atomic_compare_exchange_n(&meter->full_ns, &full_ns,
		    meter_after(full_ns, cost_ns, now_ns), false,
		    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return;
}

#endif
