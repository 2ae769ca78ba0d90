/*
 * peers: relay sockets, for relay.peers = "any" (plain RFC 8656) and for
 * "clients" with relay.allowed_peers. Each allocation has one. A thread brings
 * what arrives there to the clients. The check which addresses may be peers is
 * here as well.
 */
#ifndef RP_SWITCHD_PEERS_H
#define RP_SWITCHD_PEERS_H

#include <stdbool.h>

#include "relay/relay.h"
#include "wire/addr.h"
#include "wire/prefix.h"

struct peers;

/* The peers other than our own clients. */
struct peers_rules {
	const struct prefix *allowed;	/* must stay valid */
	size_t n_allowed;
	bool world;			/* public addresses too */
};

/* Start the thread. Return 0 or a negative errno. */
int peers_new(struct peers **out, const struct relay_options *relay,
    const struct peers_rules *rules);
void peers_free(struct peers *peers);

/*
 * May an allocation send there? Allowed addresses are permitted, and by
 * `rules.world` public ones. An address that leads inside is not, in any form:
 * loopback, private, link-local, multicast, or one of these mapped or translated
 * into IPv6.
 */
bool peers_allows(const struct peers *peers, const struct addr *peer);

/*
 * Open a socket at a random port of `ip`, which is filled in; `even` asks for
 * an even one. Return the descriptor, or a negative errno.
 */
int peers_open(struct addr *ip, bool even);

/*
 * Watch the socket, and bring what arrives there to the allocation that has it.
 */
int peers_watch(struct peers *peers, int fd);

const struct relay_counts *peers_counts(const struct peers *peers);

#endif
