/*
 * prefix: a block of IP addresses, "10.0.0.0/8" or "2001:db8::/32". Pure.
 */
#ifndef RP_WIRE_PREFIX_H
#define RP_WIRE_PREFIX_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/addr.h"

struct prefix {
	struct addr addr;
	unsigned bits;
};

/*
 * Parse ADDRESS/BITS, or ADDRESS for a single address. Return -EINVAL for any
 * other form, and also if bits are set beyond the prefix, because that is a
 * typing error.
 */
int prefix_parse(struct prefix *out, const char *text);

/* Is the address in the block? An IPv4-mapped one counts as IPv4. */
bool prefix_holds(const struct prefix *prefix, const struct addr *addr);
/* Is it in one of `n` blocks? */
bool prefix_any_holds(const struct prefix prefixes[], size_t n,
    const struct addr *addr);

#endif
