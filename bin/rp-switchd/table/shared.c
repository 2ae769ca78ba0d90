/*
 * shared: slots in the arrays that the tables share with the relay's program in
 * the kernel. See shared.h.
 */
#include "table/shared.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "table/slots.h"

int
shared_new(struct shared **out, const struct inkernel *inkernel)
{
	struct shared *shared;

	*out = NULL;
	if (inkernel == NULL)
		return 0;
	shared = calloc(1, sizeof(*shared));
	if (shared == NULL)
		return -ENOMEM;
	shared->inkernel = inkernel;
	if (slots_new(&shared->traffic, inkernel->n_traffic) < 0 ||
	    slots_new(&shared->shares, inkernel->n_shares) < 0) {
		shared_free(shared);
		return -ENOMEM;
	}
	*out = shared;
	return 0;
}

void
shared_free(struct shared *shared)
{
	if (shared == NULL)
		return;
	slots_free(shared->shares);
	slots_free(shared->traffic);
	free(shared);
}

struct alloc_traffic *
shared_take_traffic(struct shared *shared, uint64_t now_ns)
{
	struct alloc_traffic *traffic;
	uint32_t slot;

	if (shared == NULL)
		return NULL;
	slot = slots_take(shared->traffic, now_ns);
	if (slot == INKERNEL_NONE)
		return NULL;
	traffic = &shared->inkernel->traffic[slot];
	/* Neither the lock nor the serial: old ways may name them. */
	memset(&traffic->packets, 0, sizeof(*traffic) -
	    offsetof(struct alloc_traffic, packets));
	return traffic;
}

struct alloc_share *
shared_take_share(struct shared *shared, uint64_t now_ns)
{
	uint32_t slot;

	if (shared == NULL)
		return NULL;
	slot = slots_take(shared->shares, now_ns);
	if (slot == INKERNEL_NONE)
		return NULL;
	return memset(&shared->inkernel->shares[slot], 0,
	    sizeof(struct alloc_share));
}

/* Return which element of an array `at` is, or INKERNEL_NONE. */
static uint32_t
number(const void *base, uint32_t n, size_t bytes, const void *at)
{
	uintptr_t offset = (uintptr_t)at - (uintptr_t)base;

	return offset / bytes < n ? (uint32_t)(offset / bytes) :
	    INKERNEL_NONE;
}

uint32_t
shared_traffic_slot(const struct inkernel *inkernel,
    const struct alloc_traffic *traffic)
{
	return number(inkernel->traffic, inkernel->n_traffic,
	    sizeof(*traffic), traffic);
}

uint32_t
shared_share_slot(const struct inkernel *inkernel,
    const struct alloc_share *share)
{
	return number(inkernel->shares, inkernel->n_shares, sizeof(*share),
	    share);
}

void
shared_give_traffic(struct shared *shared, const struct alloc_traffic *traffic,
    uint64_t now_ns)
{
	if (shared != NULL)
		slots_give(shared->traffic, shared_traffic_slot(
		    shared->inkernel, traffic), now_ns);
}

void
shared_give_share(struct shared *shared, const struct alloc_share *share,
    uint64_t now_ns)
{
	if (shared != NULL)
		slots_give(shared->shares, shared_share_slot(shared->inkernel,
		    share), now_ns);
}

void
shared_revoke(struct alloc_traffic *traffic)
{
	shared_lock(traffic);
	__atomic_store_n(&traffic->serial, traffic->serial + 1,
	    __ATOMIC_RELEASE);
	shared_unlock(traffic);
}
