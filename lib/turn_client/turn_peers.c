/*
 * turn_peers: an allocation's peers with their permissions and channels, and
 * the wrapping of their data. See turn_peers.h.
 */
#include "turn_client/turn_peers.h"

#include <errno.h>
#include <string.h>

#include "base/crypto.h"

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

struct turn_peer *
turn_peers_get(struct turn_peers *peers, const struct addr *addr)
{
	struct turn_peer *peer = turn_peers_find(peers, addr);

	if (peer != NULL || peers->n == TURN_CLIENT_PEERS)
		return peer;
	peer = &peers->peer[peers->n];
	peer->addr = *addr;
	peer->channel = (uint16_t)(STUN_CHANNEL_MIN + peers->n);
	peer->permission.method = STUN_CREATE_PERMISSION;
	peer->permission.peer = &peer->addr;
	peer->permission.due_ms = TURN_REQUEST_NEVER;
	peer->channel_bind.method = STUN_CHANNEL_BIND;
	peer->channel_bind.peer = &peer->addr;
	peer->channel_bind.channel = peer->channel;
	peer->channel_bind.due_ms = TURN_REQUEST_NEVER;
	peers->n++;
	return peer;
}

bool
turn_peers_permitted(const struct turn_peers *peers, const struct addr *addr)
{
	size_t i;

	for (i = 0; i < peers->n; i++)
		if (peers->peer[i].permission.due_ms != TURN_REQUEST_NEVER &&
		    addr_equal_ip(&peers->peer[i].addr, addr))
			return true;
	return false;
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
