/*
 * reply_reach: where the relay of a switch is, seen from this host. The switch
 * names addresses as it knows them. Behind NAT64 (RFC 6146), or with one family only,
 * they may be of no use here, but one is proven: the address that won the race.
 */
#ifndef RP_DIAL_REPLY_REACH_H
#define RP_DIAL_REPLY_REACH_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/addr.h"

struct reply;

/* The addresses of a switch that do not come from the switch itself. */
struct reply_place {
	const struct addr *reached;	/* where it answered */
	const struct addr *known;	/* what its name has */
	size_t n_known;
};

/*
 * Set the address of each server, in place of what reply_parse has put there.
 * It becomes the switch at `place->reached`, port as named, if it is
 *
 *   - a name, because each is this switch's
 *   - an address whose translation is `reached` (RFC 6052)
 *   - an address of another family than `reached`, without a route from here,
 *     or a public one if nothing of that family is known
 *   - an address that is not one of the switch's
 *
 * The relay is where the switch is, so that a switch cannot have us send to
 * others. Its addresses are `reached` and those known, and this host's own, but
 * loopback, if it was reached by loopback. Of those that are not `reached` none
 * may be link-local, or nearer than it: loopback only from loopback, and
 * private ones not from the Internet. The first address refused goes to
 * `reply->refused`.
 *
 * Servers that become equal are one. Behind `n_servers`, up to `n_tries`, the
 * same servers follow at the other address, if the relay has one of its own.
 */
void reply_reach(struct reply *reply, const struct reply_place *place);

/*
 * Return whether an address that somebody names may be a switch's, if `home` is
 * where another one was reached: it is no nearer to this host.
 */
bool reply_reach_is_beyond(const struct addr *addr, const struct addr *home);

/*
 * Only mark the servers that reply_reach would move because they are not
 * the switch's: `refused`. Move the others.
 */
void reply_reach_mark(struct reply *reply, const struct reply_place *place);

#endif
