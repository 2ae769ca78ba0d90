/*
 * local_addrs: the switch's own IP addresses, as clients see them: what it listens
 * on, what a 1:1 NAT shows, and on wildcard sockets what the interfaces have.
 */
#ifndef RP_SWITCHD_LOCAL_ADDRS_H
#define RP_SWITCHD_LOCAL_ADDRS_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/addr.h"

#define LOCAL_ADDRS_MAX 256

/* Set once, then only read; ports do not matter. */
struct local_addrs {
	struct addr external;		/* zeroed: none */
	struct addr addrs[LOCAL_ADDRS_MAX];	/* those listened on come first */
	size_t n_shown;			/* the rest is nobody's to see */
	size_t n;
};

/* external may be NULL. A negative errno if the interfaces cannot be read. */
int local_addrs_init(struct local_addrs *local_addrs, const struct addr listen[], size_t n_listen,
    const struct addr *external);

/*
 * And all else that this host has, which no peer in the world can be either,
 * whatever listens there. -ENOSPC: more than LOCAL_ADDRS_MAX.
 */
int local_addrs_add_interfaces(struct local_addrs *local_addrs);

bool local_addrs_has(const struct local_addrs *local_addrs, const struct addr *ip);

/*
 * The address, in that family, that a relayed address shows to a client that
 * asked local. IPv4 is always to be had: in the last resort it is the dummy
 * address 192.0.0.8 (RFC 7600), since it is only a name for a table entry.
 * -EAFNOSUPPORT.
 */
int local_addrs_relayed(const struct local_addrs *local_addrs, sa_family_t family,
    const struct addr *local, struct addr *out);

/* The same to be bound: no external address, and no dummy. */
int local_addrs_local(const struct local_addrs *local_addrs, sa_family_t family,
    const struct addr *local, struct addr *out);

#endif
