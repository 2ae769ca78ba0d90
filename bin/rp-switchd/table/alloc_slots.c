/*
 * alloc_slots: slots of allocations and calls in the arrays that the kernel
 * sees. Called by alloc, alloc_add and alloc_change.
 */
#include "table/alloc_private.h"

#include <stdlib.h>

#include "base/clock.h"
#include "table/taught.h"

struct alloc_share *
alloc_take_share(struct shared *shared, struct alloc_share *own)
{
	struct alloc_share *share = shared_take_share(shared, clock_ns());

	return share != NULL ? share : own;
}

void
alloc_leave_kernel(struct alloc *a)
{
	if (a->taught == NULL)
		return;
	taught_forget_all(a->shared->inkernel, a);
	shared_give_traffic(a->shared, a->traffic, clock_ns());
	free(a->taught);
}

void
alloc_enter_kernel(struct alloc *a, struct shared *shared, uint64_t now_ns)
{
	struct taught *taught;

	a->traffic = &a->own;
	a->shared = shared;
	if (shared == NULL)
		return;
	taught = calloc(1, sizeof(*taught));
	if (taught == NULL)
		return;
	a->traffic = shared_take_traffic(shared, now_ns);
	if (a->traffic == NULL) {
		a->traffic = &a->own;
		free(taught);
		return;
	}
	a->taught = taught;
}

void
alloc_revoke(struct alloc *a)
{
	if (a->traffic != &a->own)
		shared_revoke(a->traffic);
}
