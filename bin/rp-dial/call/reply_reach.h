/*
 * reply_reach: where the relay of a switch is, seen from this host. The switch
 * names addresses as it knows them. Behind NAT64 (RFC 6146), or with one family only,
 * they may be of no use here, but one is proven: the address that won the race.
 */
#ifndef RP_DIAL_REPLY_REACH_H
#define RP_DIAL_REPLY_REACH_H

#include "wire/addr.h"

struct reply;

/*
 * Set the address of each server, in place of what reply_parse has put there.
 * It becomes the switch at `reached`, port as named, if it is
 *
 *   - a name, because each is this switch's
 *   - an address whose translation is `reached` (RFC 6052)
 *   - an address of another family than `reached`, without a route from here
 *
 * Servers that become equal are one. Behind `n_servers`, up to `n_tries`, the
 * same servers follow at the other address, if the relay has one of its own.
 */
void reply_reach(struct reply *reply, const struct addr *reached);

#endif
