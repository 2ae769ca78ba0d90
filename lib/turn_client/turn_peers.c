/*
 * turn_peers: an allocation's peers with their permissions and channels, and
 * the wrapping of their data. See turn_peers.h.
 */
#include "turn_client/turn_peers.h"

#include <errno.h>
#include <string.h>

#include "base/crypto.h"

/*
 * A peer is not idle between two checks of ICE, which are 1.6 s apart at
 * most.
 */
#define IDLE_MS 2000

struct turn_peer *
turn_peers_find(struct turn_peers *peers, const struct addr *addr)
{
	size_t i;

	for (i = 0; i < peers->n; i++)
		if (addr_equal(&peers->peer[i].addr, addr))
			return &peers->peer[i];
	return NULL;
}

struct turn_peer *
turn_peers_of_channel(struct turn_peers *peers, uint16_t channel)
{
	size_t i = (size_t)channel - STUN_CHANNEL_MIN;

	return channel >= STUN_CHANNEL_MIN && i < peers->n ? &peers->peer[i] :
	    NULL;
}

/*
 * May another peer take this one's place? A channel number stays with its
 * place, and may not go to another peer for ten minutes (RFC 8656 12).
 */
static bool
is_idle(const struct turn_peer *peer, uint64_t now_ms)
{
	if (peer->channel_bind.times > 0)
		return false;
	return peer->refused || now_ms - peer->used_ms >= IDLE_MS;
}

/* Should `a` make room before `b`? */
static bool
goes_first(const struct turn_peer *a, const struct turn_peer *b)
{
	if (a->refused != b->refused)
		return a->refused;
	return a->used_ms < b->used_ms;
}

/* Return a place for another peer. NULL if there is none. */
static struct turn_peer *
make_place(struct turn_peers *peers, uint64_t now_ms)
{
	struct turn_peer *first = NULL;
	size_t i;

	if (peers->n < TURN_CLIENT_PEERS)
		return &peers->peer[peers->n++];
	for (i = 0; i < peers->n; i++) {
		struct turn_peer *peer = &peers->peer[i];

		if (is_idle(peer, now_ms) &&
		    (first == NULL || goes_first(peer, first)))
			first = peer;
	}
	return first;
}

struct turn_peer *
turn_peers_get(struct turn_peers *peers, const struct addr *addr,
    uint64_t now_ms)
{
	struct turn_peer *peer = turn_peers_find(peers, addr);

	if (peer != NULL)
		return peer;
	peer = make_place(peers, now_ms);
	if (peer == NULL)
		return NULL;
	memset(peer, 0, sizeof(*peer));
	peer->addr = *addr;
	peer->used_ms = now_ms;
	peer->channel = (uint16_t)(STUN_CHANNEL_MIN + (peer - peers->peer));
	peer->permission.method = STUN_CREATE_PERMISSION;
	peer->permission.peer = &peer->addr;
	peer->permission.due_ms = TURN_REQUEST_NEVER;
	peer->channel_bind.method = STUN_CHANNEL_BIND;
	peer->channel_bind.peer = &peer->addr;
	peer->channel_bind.channel = peer->channel;
	peer->channel_bind.due_ms = TURN_REQUEST_NEVER;
	return peer;
}

struct turn_peer *
turn_peers_permission(struct turn_peers *peers, const struct addr *addr)
{
	size_t i;

	for (i = 0; i < peers->n; i++) {
		struct turn_peer *peer = &peers->peer[i];

		if ((peer->refused ||
		    peer->permission.due_ms != TURN_REQUEST_NEVER) &&
		    addr_equal_ip(&peer->addr, addr))
			return peer;
	}
	return NULL;
}

static struct turn_request *
earlier(struct turn_request *a, struct turn_request *b)
{
	return b->due_ms < a->due_ms ? b : a;
}

struct turn_request *
turn_peers_next_due(struct turn_peers *peers, struct turn_request *first)
{
	size_t i;

	for (i = 0; i < peers->n; i++) {
		first = earlier(first, &peers->peer[i].permission);
		first = earlier(first, &peers->peer[i].channel_bind);
	}
	return first;
}

struct turn_request *
turn_peers_answered_by(struct turn_peers *peers, const struct stun_msg *msg)
{
	size_t i;

	for (i = 0; i < peers->n; i++) {
		struct turn_peer *peer = &peers->peer[i];

		if (turn_request_answered_by(&peer->permission, msg))
			return &peer->permission;
		if (turn_request_answered_by(&peer->channel_bind, msg))
			return &peer->channel_bind;
	}
	return NULL;
}

static ssize_t
indication(const struct addr *addr, const void *data, size_t len,
    uint8_t *out, size_t max)
{
	uint8_t id[STUN_TRANSACTION];
	struct stun_builder b;

	if (crypto_random(id, sizeof(id)) < 0)
		return -EIO;
	stun_begin(&b, out, max, STUN_INDICATION | STUN_SEND, id);
	stun_add_xor_addr(&b, STUN_ATTR_XOR_PEER_ADDRESS, addr);
	stun_add(&b, STUN_ATTR_DATA, data, len);
	return stun_end(&b);
}

ssize_t
turn_peers_wrap(struct turn_peers *peers, const struct addr *addr,
    const void *data, size_t len, uint8_t *out, size_t max)
{
	const struct turn_peer *peer = turn_peers_find(peers, addr);

	if (len > max || max - len < STUN_CHANNEL_HEADER || len > UINT16_MAX)
		return -EMSGSIZE;
	if (peer == NULL || !peer->bound)
		return indication(addr, data, len, out, max);
	stun_channel_header(out, peer->channel, (uint16_t)len);
	memcpy(out + STUN_CHANNEL_HEADER, data, len);
	return (ssize_t)len + STUN_CHANNEL_HEADER;
}
