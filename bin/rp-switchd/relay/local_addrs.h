/*
 * local_addrs: the switch's own IP addresses, as clients see them: those it
 * listens on, that of a 1:1 NAT and, for wildcard sockets, those of the
 * interfaces.
 */
#ifndef RP_SWITCHD_LOCAL_ADDRS_H
#define RP_SWITCHD_LOCAL_ADDRS_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/addr.h"

#define LOCAL_ADDRS_MAX 256

/* Set once, then only read; ports do not matter. */
struct local_addrs {
	struct addr external;		/* all zero: none */
	struct addr addrs[LOCAL_ADDRS_MAX];	/* listening ones first */
	size_t n_shown;			/* the rest is never shown to clients */
	size_t n;
};

/*
 * Initialize. `external` may be NULL. Return a negative errno if the interfaces
 * cannot be read.
 */
int local_addrs_init(struct local_addrs *local_addrs,
    const struct addr listen[], size_t n_listen, const struct addr *external);

/*
 * Add all other addresses of this host, which no outside peer can have,
 * whatever listens there. Return -ENOSPC for more than LOCAL_ADDRS_MAX.
 */
int local_addrs_add_interfaces(struct local_addrs *local_addrs);

bool local_addrs_has(const struct local_addrs *local_addrs,
    const struct addr *ip);

/*
 * Can an allocation have that address, for a client that sent to `local`?
 * Loopback is for clients that came by it, unless the family has nothing else.
 */
bool local_addrs_shows(const struct local_addrs *local_addrs,
    const struct addr *local, const struct addr *ip);

/*
 * Choose the address, in that family, of a relayed address for a client that
 * sent to `local`. IPv4 always works. The last resort is the dummy address
 * 192.0.0.8 (RFC 7600), because the address is just the name of a table entry.
 * Return -EAFNOSUPPORT if there is none.
 */
int local_addrs_relayed(const struct local_addrs *local_addrs,
    sa_family_t family, const struct addr *local, struct addr *out);

/* Choose one likewise that can be bound: no external address, and no dummy. */
int local_addrs_local(const struct local_addrs *local_addrs, sa_family_t family,
    const struct addr *local, struct addr *out);

#endif
