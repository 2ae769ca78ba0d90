/*
 * teach: describe ways to the kernel, each until the first of all the times at
 * which something ends that it needs. See teach.h.
 */
#include "relay/teach.h"

#include <arpa/inet.h>
#include <stdbool.h>

#include "table/alloc.h"
#include "table/taught.h"

static uint32_t
serial_of(const struct alloc *a)
{
	return __atomic_load_n(&a->traffic->serial, __ATOMIC_ACQUIRE);
}

static bool
is_gone(const struct alloc *a)
{
	return __atomic_load_n(&a->gone, __ATOMIC_RELAXED);
}

/* Is it a link-local address? The kernel is not taught by which link. */
static bool
has_link(const struct addr *addr)
{
	size_t ip_bytes;
	const uint8_t *ip = addr_ip(addr, &ip_bytes);

	return ip_bytes == 16 && ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80;
}

static bool
is_possible(const struct alloc *from, const struct alloc *to)
{
	return from->taught != NULL && to->taught != NULL &&
	    from->inbox == NULL && to->inbox == NULL &&
	    from->client.sa.sa_family == to->client.sa.sa_family &&
	    !has_link(&from->client) && !has_link(&to->client);
}

static uint64_t
earliest(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Return when the way ends, or 0 if that is now. */
static uint64_t
way_until(const struct teach_way *way, uint64_t now_ns)
{
	sa_family_t family = way->source->sa.sa_family;
	const struct chan *back;
	uint64_t until_ns;

	back = chan_find(&way->to->chans, way->number, now_ns);
	if (back == NULL || is_gone(way->from) || is_gone(way->to))
		return 0;
	until_ns = earliest(chan_until(way->chan), chan_until(back));
	until_ns = earliest(until_ns, alloc_until(way->from, family));
	until_ns = earliest(until_ns, alloc_until(way->to, family));
	until_ns = earliest(until_ns, perm_until(&way->to->perms,
	    way->source));
	return until_ns > now_ns ? until_ns : 0;
}

/*
 * Describe the meters that the sender's datagrams are taken from. Return false
 * if the kernel does not have one of them.
 */
static bool
describe_shares(struct inkernel_chan *chan, const struct inkernel *inkernel,
    const struct alloc *from)
{
	chan->party = chan->service = INKERNEL_NONE;
	chan->call = shared_share_slot(inkernel, alloc_call_share(from));
	if (from->service != NULL)
		chan->service = (uint32_t)(from->service->rate -
		    inkernel->rates);
	if (from->share != NULL) {
		chan->party = shared_share_slot(inkernel, from->share);
		if (chan->party == INKERNEL_NONE)
			return false;
	}
	return chan->call != INKERNEL_NONE;
}

/*
 * May it be taught now? The place is then this way's, and a failure is noted, so
 * that no other thread does it too. `old` is what was there.
 */
static bool
claim(const struct teach_way *way, const struct inkernel_chan *chan,
    struct taught_way *old, uint64_t now_ns)
{
	uint16_t number = way->chan->number;
	struct taught_way *place = taught_way(way->from->taught, number);
	bool holds = now_ns < place->expires_ns &&
	    place->from_serial == chan->from_serial;

	*old = *place;
	if (holds && (place->number != number ||
	    place->to_serial == chan->to_serial))
		return false;
	if (place->number != 0 && place->expires_ns == 0 &&
	    now_ns < place->tried_ns + TAUGHT_PAUSE_NS)
		return false;
	*place = (struct taught_way){ .tried_ns = now_ns, .number = number };
	return true;
}

/* Note that it was learnt, unless another thread has the place by now. */
static void
note_learnt(const struct teach_way *way, const struct inkernel_chan *chan)
{
	uint16_t number = way->chan->number;
	struct taught_way *place = taught_way(way->from->taught, number);

	alloc_lock_traffic(way->from);
	if (place->number == number) {
		place->expires_ns = chan->expires_ns;
		place->from_serial = chan->from_serial;
		place->to_serial = chan->to_serial;
	}
	alloc_unlock_traffic(way->from);
}

static void
describe_ends(struct inkernel_chan *chan, const struct inkernel *inkernel,
    const struct teach_way *way)
{
	const struct alloc *to = way->to;

	taught_addr(chan->client, &chan->client_port, &to->client);
	taught_addr(chan->local, &chan->local_port, &to->local);
	chan->number = htons(way->number);
	chan->flow = way->from->flow;
	chan->from = shared_traffic_slot(inkernel, way->from->traffic);
	chan->to = shared_traffic_slot(inkernel, to->traffic);
}

void
teach_way(const struct inkernel *inkernel, const struct teach_way *way,
    uint64_t now_ns)
{
	struct inkernel_chan chan = { 0 };
	struct inkernel_key key;
	struct taught_way old;
	bool due;

	if (!is_possible(way->from, way->to))
		return;
	/* First: a change of anything below gives another serial. */
	chan.from_serial = serial_of(way->from);
	chan.to_serial = serial_of(way->to);
	alloc_lock_traffic(way->from);
	due = claim(way, &chan, &old, now_ns);
	alloc_unlock_traffic(way->from);
	if (!due)
		return;
	if (old.number != way->chan->number)
		taught_forget(inkernel, way->from, &old);
	chan.expires_ns = way_until(way, now_ns);
	if (chan.expires_ns == 0 ||
	    !describe_shares(&chan, inkernel, way->from))
		return;
	describe_ends(&chan, inkernel, way);
	taught_key(&key, way->from, way->chan->number);
	if (inkernel->learn(inkernel->arg, &key, &chan) == 0)
		note_learnt(way, &chan);
}
