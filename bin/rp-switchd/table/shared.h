/*
 * shared: what the tables need of the relay's program in the kernel. Its arrays
 * hold the traffic of allocations, the shares of parties, calls and users, and
 * all rates; a slot of an array is taken and given back here. See inkernel.h
 * for what is in them.
 */
#ifndef RP_SWITCHD_SHARED_H
#define RP_SWITCHD_SHARED_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "table/inkernel.h"

struct slots;

/*
 * The arrays, all zero at first, and how to tell the program of a way. They
 * must stay valid while a table has them.
 */
struct inkernel {
	struct alloc_traffic *traffic;
	uint32_t n_traffic;
	struct alloc_share *shares;
	uint32_t n_shares;
	struct alloc_rate_limit *rates;	/* ALLOC_RATE_LIMITS */
	/*
	 * Learn a way, which may replace one of the same key. Any relay thread
	 * may call it. Return 0 or a negative errno.
	 */
	int (*learn)(void *arg, const struct inkernel_key *key,
	    const struct inkernel_chan *chan);
	/* Forget a way, if it is known. Any thread may call it. */
	void (*forget)(void *arg, const struct inkernel_key *key);
	void *arg;
};

struct shared {
	const struct inkernel *inkernel;
	struct slots *traffic, *shares;
};

/* Keep account of the arrays' slots. NULL makes none, and is taken for none. */
int shared_new(struct shared **out, const struct inkernel *inkernel);
void shared_free(struct shared *shared);

/*
 * Take a slot, all zero but for the serial. NULL: there is none, and the caller
 * uses memory of its own. It is given back when no thread sees it any more, and
 * is not taken again for a while, because the program may be in it. Memory of the
 * caller's own may be given back too: nothing happens.
 */
struct alloc_traffic *shared_take_traffic(struct shared *shared,
    uint64_t now_ns);
struct alloc_share *shared_take_share(struct shared *shared, uint64_t now_ns);
void shared_give_traffic(struct shared *shared,
    const struct alloc_traffic *traffic, uint64_t now_ns);
void shared_give_share(struct shared *shared, const struct alloc_share *share,
    uint64_t now_ns);

/* Return the slot's number, or INKERNEL_NONE if it is not in the array. */
uint32_t shared_traffic_slot(const struct inkernel *inkernel,
    const struct alloc_traffic *traffic);
uint32_t shared_share_slot(const struct inkernel *inkernel,
    const struct alloc_share *share);

/*
 * Lock a slot of the array. The program holds it for less than a microsecond,
 * and does not wait for it: what it cannot lock it passes up.
 */
static inline void
shared_lock(struct alloc_traffic *traffic)
{
	while (__atomic_exchange_n(&traffic->lock, 1, __ATOMIC_ACQUIRE) != 0)
		(void)sched_yield();
}

static inline void
shared_unlock(struct alloc_traffic *traffic)
{
	__atomic_store_n(&traffic->lock, 0, __ATOMIC_RELEASE);
}

/*
 * Revoke the ways from and to a slot. The cause must be visible before, so
 * that nobody learns a way of the new serial from a state that is over.
 */
void shared_revoke(struct alloc_traffic *traffic);

#endif
