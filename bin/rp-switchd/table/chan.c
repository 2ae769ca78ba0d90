/*
 * chan: channels of one allocation in sets that are copied to grow, and the
 * links to the peer's channels. See chan.h.
 */
#include "table/chan.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"
#include "table/reclaim.h"

struct chan_set {
	struct reclaim_item item;
	size_t n;
	struct chan chans[];
};

uint64_t
chan_until(const struct chan *chan)
{
	return __atomic_load_n(&chan->expires_ns, __ATOMIC_RELAXED);
}

static bool
bound(const struct chan *chan, uint64_t now_ns)
{
	return now_ns < chan_until(chan);
}

const struct chan *
chan_find(struct chan_set *const *set, uint16_t number, uint64_t now_ns)
{
	const struct chan_set *chans = __atomic_load_n(set, __ATOMIC_ACQUIRE);
	size_t i;

	if (chans == NULL)
		return NULL;
	for (i = 0; i < chans->n; i++)
		if (chans->chans[i].number == number)
			return bound(&chans->chans[i], now_ns) ?
			    &chans->chans[i] : NULL;
	return NULL;
}

struct alloc *
chan_to(const struct chan *chan)
{
	return __atomic_load_n(&chan->to, __ATOMIC_ACQUIRE);
}

uint16_t
chan_number(struct chan_set *const *set, const struct alloc *to,
    sa_family_t family, uint64_t now_ns)
{
	const struct chan_set *chans = __atomic_load_n(set, __ATOMIC_ACQUIRE);
	size_t i;

	if (chans == NULL)
		return 0;
	for (i = 0; i < chans->n; i++)
		if (chan_to(&chans->chans[i]) == to &&
		    chans->chans[i].peer.sa.sa_family == family &&
		    bound(&chans->chans[i], now_ns))
			return chans->chans[i].number;
	return 0;
}

uint16_t
chan_number_of(struct chan_set *const *set, const struct addr *peer,
    uint64_t now_ns)
{
	const struct chan_set *chans = __atomic_load_n(set, __ATOMIC_ACQUIRE);
	size_t i;

	if (chans == NULL)
		return 0;
	for (i = 0; i < chans->n; i++)
		if (addr_equal(&chans->chans[i].peer, peer) &&
		    bound(&chans->chans[i], now_ns))
			return chans->chans[i].number;
	return 0;
}

/* Copy the unexpired channels, with room for one more. */
static struct chan_set *
copy_set(const struct chan_set *old, uint64_t now_ns)
{
	size_t i, n_old = old != NULL ? old->n : 0;
	struct chan_set *set;

	set = malloc(sizeof(*set) + (n_old + 1) * sizeof(set->chans[0]));
	if (set == NULL)
		return NULL;
	set->item.end = NULL;
	set->n = 0;
	for (i = 0; i < n_old; i++)
		if (bound(&old->chans[i], now_ns))
			set->chans[set->n++] = old->chans[i];
	return set;
}

/*
 * Find the channel itself, or NULL; -EEXIST if either half is bound otherwise.
 */
static int
find_bound(struct chan_set *set, uint16_t number, const struct addr *peer,
    uint64_t now_ns, struct chan **out)
{
	size_t i;

	*out = NULL;
	for (i = 0; set != NULL && i < set->n; i++) {
		struct chan *chan = &set->chans[i];
		bool same_peer = addr_equal(&chan->peer, peer);

		if (!bound(chan, now_ns))
			continue;
		if ((chan->number == number) != same_peer)
			return -EEXIST;
		if (same_peer)
			*out = chan;
	}
	return 0;
}

int
chan_bind(struct chan_set **set, struct reclaim *reclaim, uint16_t number,
    const struct addr *peer, struct alloc *to, uint64_t now_ns)
{
	uint64_t expires_ns = now_ns + CHAN_LIFETIME_S * CLOCK_S;
	struct chan_set *old = *set, *new;
	struct chan *chan;

	if (find_bound(old, number, peer, now_ns, &chan) < 0)
		return -EEXIST;
	if (chan != NULL) {
		__atomic_store_n(&chan->expires_ns, expires_ns,
		    __ATOMIC_RELAXED);
		return 0;
	}
	new = copy_set(old, now_ns);
	if (new == NULL)
		return -ENOMEM;
	if (new->n == CHAN_MAX) {
		free(new);
		return -ENOSPC;
	}
	new->chans[new->n++] = (struct chan){
		.expires_ns = expires_ns, .to = to, .peer = *peer,
		.number = number
	};
	/* There is a set at every moment. */
	__atomic_store_n(set, new, __ATOMIC_RELEASE);
	if (old != NULL)
		reclaim_later(reclaim, &old->item);
	return 0;
}

void
chan_link(struct chan_set *set, const struct addr *peer, struct alloc *to)
{
	size_t i;

	for (i = 0; set != NULL && i < set->n; i++)
		if (addr_equal(&set->chans[i].peer, peer))
			__atomic_store_n(&set->chans[i].to, to,
			    __ATOMIC_RELEASE);
}

void
chan_unlink(struct chan_set *set, const struct alloc *to)
{
	size_t i;

	for (i = 0; set != NULL && i < set->n; i++)
		if (set->chans[i].to == to)
			__atomic_store_n(&set->chans[i].to, NULL,
			    __ATOMIC_RELAXED);
}

void
chan_free_later(struct chan_set **set, struct reclaim *reclaim)
{
	struct chan_set *old = *set;

	if (old == NULL)
		return;
	__atomic_store_n(set, NULL, __ATOMIC_RELAXED);
	reclaim_later(reclaim, &old->item);
}
