/*
 * turn_peers: the addresses that an allocation sends to, with their permission
 * and channel, and the two forms in which data goes to them (RFC 8656 9-12).
 */
#ifndef RP_TURN_CLIENT_TURN_PEERS_H
#define RP_TURN_CLIENT_TURN_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "turn_client/turn_client.h"
#include "turn_client/turn_request.h"

struct turn_peer {
	struct addr addr;
	uint16_t channel;
	bool bound;
	bool refused;		/* its IP, for good */
	uint64_t used_ms;	/* its IP was sent to */
	struct turn_request permission;
	struct turn_request channel_bind;
};

struct turn_peers {			/* all zero: none */
	struct turn_peer peer[TURN_CLIENT_PEERS];
	size_t n;
};

/* Find a peer. NULL if there is none. */
struct turn_peer *turn_peers_find(struct turn_peers *peers,
    const struct addr *addr);
struct turn_peer *turn_peers_of_channel(struct turn_peers *peers,
    uint16_t channel);

/*
 * Find or add a peer, whose requests are idle at first. If there are too many,
 * a peer without a channel makes room: a refused one, or the one that has been
 * idle for longest, and for 2 s. NULL if there is none.
 */
struct turn_peer *turn_peers_get(struct turn_peers *peers,
    const struct addr *addr, uint64_t now_ms);

/*
 * Return the peer whose permission for this IP was requested, or refused for
 * good. NULL if there is none. The port does not count.
 */
struct turn_peer *turn_peers_permission(struct turn_peers *peers,
    const struct addr *addr);

/*
 * Return the request that is due first: `first` (the allocation's own) or one
 * of the peers'.
 */
struct turn_request *turn_peers_next_due(struct turn_peers *peers,
    struct turn_request *first);

/* Return the request that a message answers, or NULL. */
struct turn_request *turn_peers_answered_by(struct turn_peers *peers,
    const struct stun_msg *msg);

/*
 * Wrap data for `addr`: as ChannelData if its channel is bound, else as a Send
 * indication.
 */
ssize_t turn_peers_wrap(struct turn_peers *peers, const struct addr *addr,
    const void *data, size_t len, uint8_t *out, size_t max);

#endif
