/*
 * nat64: find the prefix with which DNS64 translates (RFC 7050 section 3), by
 * the IPv6 address that it gives to ipv4only.arpa. Pure.
 */
#ifndef RP_NAT64_H
#define RP_NAT64_H

#include "wire/addr.h"

#define NAT64_TEXT (ADDR_TEXT + 4)	/* an address, "/96" and a NUL */

/*
 * Write the prefix within `a`, such as "64:ff9b::/96", and return true, if `a`
 * holds 192.0.0.170 or 192.0.0.171 in one of the ways of RFC 6052 section 2.2.
 */
bool nat64_prefix(const struct addr *a, char out[static NAT64_TEXT]);

#endif
