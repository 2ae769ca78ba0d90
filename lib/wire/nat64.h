/*
 * nat64: IPv4 addresses within IPv6 ones (RFC 6052), and how a host learns
 * where its network puts them (RFC 7050). Pure.
 */
#ifndef RP_WIRE_NAT64_H
#define RP_WIRE_NAT64_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/addr.h"

/* The name whose AAAA records are made by DNS64, as a full one (RFC 7050 3). */
#define NAT64_NAME "ipv4only.arpa."

#define NAT64_TEXT (ADDR_TEXT + 4)	/* an address, "/96" and a NUL */

/* A network's prefix. */
struct nat64 {
	uint8_t ip[16];
	unsigned bytes;		/* its length: 4 to 8, or 12 */
};

/*
 * Learn the prefix from an AAAA record of NAT64_NAME. Return -ENOENT if it has
 * none of the two addresses that the name has in IPv4.
 */
int nat64_learn(struct nat64 *out, const struct addr *aaaa);

/*
 * Write the prefix that such a record shows, as "64:ff9b::/96", and return true;
 * false if it shows none.
 */
bool nat64_prefix(const struct addr *aaaa, char out[static NAT64_TEXT]);

/* Translate an IPv4 address, and keep its port. */
void nat64_translate(struct addr *out, const struct nat64 *prefix,
    const struct addr *v4);

/* Return whether `v6` is `v4` translated by a prefix, whatever that is. */
bool nat64_is(const struct addr *v6, const struct addr *v4);

#endif
