/*
 * dns64: find the prefix by which a resolver translates IPv4 addresses (RFC
 * 6147, 7050). The addresses in it are not those of switches.
 */
#ifndef RP_REGIONPROBE_DNS64_H
#define RP_REGIONPROBE_DNS64_H

#include <stdbool.h>

#include "wire/addr.h"
#include "wire/prefix.h"

/* The name that has IPv4 addresses only, 192.0.0.170 and 192.0.0.171. */
#define DNS64_NAME "ipv4only.arpa"

/*
 * Write the prefix in front of one of these two addresses in `translated`, by
 * the forms of RFC 6052, 2.2. Return false if it has none.
 */
bool dns64_prefix(struct prefix *out, const struct addr *translated);

/* Is it an address that only NAT64's well-known prefix (RFC 6052) makes? */
bool dns64_is_well_known(const struct addr *addr);

#endif
