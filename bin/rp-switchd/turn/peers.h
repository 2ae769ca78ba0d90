/*
 * peers: relay sockets, for relay.peers = "any" (RFC 8656 as it stands): one
 * an allocation, and a thread that brings what the world sends to them. Who in
 * the world may be a peer is decided here as well.
 */
#ifndef RP_SWITCHD_PEERS_H
#define RP_SWITCHD_PEERS_H

#include <stdbool.h>

#include "base/conf.h"
#include "relay/relay.h"
#include "wire/addr.h"

struct peers;

/*
 * Starts the thread. allowed: prefixes that are peers though they are no
 * public addresses. -EINVAL: one of them is none.
 */
int peers_new(struct peers **out, const struct relay_options *relay,
    const struct conf_strings *allowed);
void peers_free(struct peers *peers);

/*
 * May an allocation send there? Public addresses and those allowed; in no form
 * one that leads inside (loopback, private, link-local, multicast, and these
 * mapped or translated into IPv6).
 */
bool peers_allows(const struct peers *peers, const struct addr *peer);

/*
 * A socket at a random port of ip, which is filled in; an even one if asked.
 * The descriptor, or a negative errno.
 */
int peers_open(struct addr *ip, bool even);

/* Bring what arrives there to the allocation that has it. */
int peers_watch(struct peers *peers, int fd);

const struct relay_counts *peers_counts(const struct peers *peers);

#endif
