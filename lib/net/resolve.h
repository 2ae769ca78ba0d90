/*
 * resolve: all addresses of a name, IPv4 and IPv6 together, by c-ares on a
 * libevent loop. It uses TCP when an answer is truncated, and follows CNAMEs.
 */
#ifndef RP_NET_RESOLVE_H
#define RP_NET_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"

struct event_base;
struct resolve;

#define RESOLVE_MAX 512		/* addresses kept per answer */

/* The results of a look-up that were not reported before. */
struct resolve_answer {
	/*
	 * 0, or the reason why nothing was found, which only a call that is
	 * both first and last has:
	 *
	 *   -ENOENT     no such name, or no address
	 *   -EAGAIN     no answer, a broken one (SERVFAIL), or one that a
	 *               public name cannot have
	 *   -ETIMEDOUT
	 */
	int err;
	/*
	 * One line. With `err` 0 it is NULL, or says that DNS failed and how
	 * old this last good answer is.
	 */
	const char *why;
	/*
	 * In the order of the answers, IPv6 and IPv4 alternating, without
	 * duplicates. Addresses that were reported before are repeated only in
	 * a last good answer.
	 */
	const struct addr *addrs;
	size_t n;		/* may be 0 in the last call of several */
	bool first;		/* nothing was reported before */
	bool more;		/* the look-up goes on; another call follows */
	const char *missing;	/* in the last call: why a family that may
				 * have addresses has none, unless why says
				 * so; or NULL */
};

/*
 * `found` and what it points to are valid during the call. Never called before
 * resolve_start returns.
 */
typedef void resolve_handler(const struct resolve_answer *found, void *arg);

struct resolve_options {
	const char *servers;	/* "192.0.2.53:53,[2001:db8::53]:53"; NULL:
				 * the system's servers and hosts file */
	uint32_t timeout_ms;	/* for the whole look-up; 0: 5,000 for the
				 * first address, and 10,000 for all */
	bool allow_loopback;	/* keep loopback addresses from DNS, for
				 * tests */
	const char *cache_file;	/* of net/lastgood.h, for when DNS fails or
				 * is silent for 2,000 ms; or NULL. Must stay
				 * valid. Written by resolve_keep only */
};

/*
 * Look `name` up; an address in text form resolves to itself. One of IPv4 to
 * which there is no route is also reported as the network's NAT64 translates it,
 * if it does (RFC 7050). Every address gets `port`. Addresses from DNS that mean
 * "this host" or no particular host are dropped: 0.0.0.0, multicast, and loopback
 * unless the name is localhost. A connect to them would win every race.
 *
 * When one family has answered, the other may take as long again, at most 250
 * ms. If it takes longer it is reported when it comes, or its last good answer
 * if it does not (RFC 8305 3). Free the look-up after the last call, or before
 * to cancel it.
 */
int resolve_start(struct resolve **out, struct event_base *loop,
    const char *name, uint16_t port, const struct resolve_options *options,
    resolve_handler *done, void *arg);

/*
 * Remember the answer for the next look-up, because a switch at `proved`, one
 * of its addresses, has proved itself by a certificate that we trust. Anybody
 * on the way may answer, as captive portals do. If `proved` is not of this
 * answer but of the last good one, nothing changes. A family that DNS did not
 * answer for keeps its addresses, and all are then as old as these. NULL is
 * fine, and so is a look-up that goes on.
 */
void resolve_keep(const struct resolve *resolve, const struct addr *proved);

/*
 * Cancel it and free it; no handler follows. NULL is fine; allowed within the
 * handler.
 */
void resolve_free(struct resolve *resolve);

#endif
