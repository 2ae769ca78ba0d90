/*
 * counter: a number that one thread alone changes and any thread reads. One
 * writer needs neither a lock nor a locked instruction; the access is atomic
 * only so that no reader sees half of it. These are inline, because the relay
 * counts each packet.
 */
#ifndef RP_BASE_COUNTER_H
#define RP_BASE_COUNTER_H

#include <stdint.h>

static inline uint64_t
counter_get(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/* Add `n`; for the counter's own thread only. */
static inline void
counter_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/* Subtract `n`, likewise, from a number that goes down too. */
static inline void
counter_sub(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter - n, __ATOMIC_RELAXED);
}

#endif
