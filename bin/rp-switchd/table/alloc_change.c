/*
 * alloc_change: change existing allocations: refresh, permit, bind, delete, end
 * a call. Called by the turn folder; takes the table's mutex.
 */
#include "table/alloc_private.h"

#include <errno.h>

#include "base/clock.h"

/* Change a time, and return whether it is earlier now. */
static bool
set_end(uint64_t *end_ns, uint64_t expires_ns)
{
	bool earlier = expires_ns < *end_ns;

	__atomic_store_n(end_ns, expires_ns, __ATOMIC_RELAXED);
	return earlier;
}

/* Prolong one address. An expired one does not come back. */
static bool
prolong_one(uint64_t *end_ns, uint64_t expires_ns, uint64_t now_ns)
{
	return *end_ns > now_ns && set_end(end_ns, expires_ns);
}

/*
 * Prolong one address or each, and the allocation until the last of both ends.
 * A life may be shorter than before: what the kernel was taught is then wrong.
 */
static void
prolong(struct alloc *a, sa_family_t family, uint64_t expires_ns,
    uint64_t now_ns)
{
	struct alloc_second *second = a->second;
	bool earlier = false;

	if (second != NULL) {
		if (family != second->relayed.sa.sa_family)
			earlier |= prolong_one(&second->first_expires_ns,
			    expires_ns, now_ns);
		if (family != a->relayed.sa.sa_family)
			earlier |= prolong_one(&second->expires_ns,
			    expires_ns, now_ns);
		expires_ns = second->expires_ns > second->first_expires_ns ?
		    second->expires_ns : second->first_expires_ns;
	}
	earlier |= set_end(&a->expires_ns, expires_ns);
	if (earlier)
		alloc_revoke(a);
}

int
alloc_refresh(struct alloc_table *table, struct alloc *a, sa_family_t family,
    uint32_t lifetime_s, uint64_t now_ns)
{
	int err = -ENOENT;

	pthread_mutex_lock(&table->mutex);
	if (!a->gone) {
		prolong(a, family, now_ns + lifetime_s * CLOCK_S, now_ns);
		if (a->expires_ns > now_ns)
			alloc_schedule(table, a);
		else
			alloc_remove(table, a);
		err = 0;
	}
	pthread_mutex_unlock(&table->mutex);
	return err;
}

int
alloc_permit(struct alloc_table *table, struct alloc *a,
    const struct addr peers[], size_t n, uint64_t now_ns)
{
	int err = -ENOENT;

	pthread_mutex_lock(&table->mutex);
	if (!a->gone)
		err = perm_install(&a->perms, table->reclaim, peers, n,
		    now_ns);
	pthread_mutex_unlock(&table->mutex);
	return err;
}

int
alloc_bind(struct alloc_table *table, struct alloc *a, uint16_t number,
    const struct addr *peer, uint64_t now_ns)
{
	int err = -ENOENT;

	pthread_mutex_lock(&table->mutex);
	if (!a->gone)
		err = chan_bind(&a->chans, table->reclaim, number, peer,
		    a->space == ALLOC_SIBLINGS ? alloc_sibling(a, peer,
		    now_ns) : NULL, now_ns);
	/* A binding is a permission too (RFC 8656 12.2). */
	if (err == 0)
		err = perm_install(&a->perms, table->reclaim, peer, 1, now_ns);
	if (err == 0)
		perm_prolong(a->perms, peer, now_ns +
		    table->limits.channel_permit_s * CLOCK_S);
	pthread_mutex_unlock(&table->mutex);
	return err;
}

void
alloc_delete(struct alloc_table *table, struct alloc *a)
{
	pthread_mutex_lock(&table->mutex);
	if (!a->gone)
		alloc_remove(table, a);
	pthread_mutex_unlock(&table->mutex);
}

void
alloc_settle_share(struct alloc_call *call)
{
	uint64_t half = 0;

	if (call->n_parties > 2 || call->nameless)
		half = 1;
	if (call->ringing)
		half = 2;
	__atomic_store_n(&call->share->half, half, __ATOMIC_RELAXED);
}

void
alloc_ring_call(struct alloc_table *table, const char *name)
{
	struct alloc_call *call;

	pthread_mutex_lock(&table->mutex);
	call = alloc_get_call(table, name);
	if (call != NULL) {
		call->ringing = true;
		alloc_settle_share(call);
	}
	pthread_mutex_unlock(&table->mutex);
}

void
alloc_answer_call(struct alloc_table *table, const char *name)
{
	struct alloc_call *call;

	pthread_mutex_lock(&table->mutex);
	call = alloc_find_call(table, name);
	if (call != NULL) {
		call->ringing = false;
		alloc_settle_share(call);
		alloc_settle(table, call);
	}
	pthread_mutex_unlock(&table->mutex);
}

void
alloc_end_call(struct alloc_table *table, const char *name)
{
	struct alloc_call *call;

	pthread_mutex_lock(&table->mutex);
	tombstones_add(&table->ended, tuple_hash_text(name, &table->seed),
	    clock_ns());
	call = alloc_find_call(table, name);
	if (call != NULL)
		alloc_remove_call(table, call);
	pthread_mutex_unlock(&table->mutex);
}
