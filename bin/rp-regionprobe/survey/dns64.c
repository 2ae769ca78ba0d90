/* dns64: prefixes of translated addresses. See dns64.h. */
#include "survey/dns64.h"

#include "wire/nat64.h"

/* 64:ff9b::/96, and 64:ff9b:1::/48 of RFC 8215 */
static const char *const well_known[] = { "64:ff9b::/96", "64:ff9b:1::/48" };

bool
dns64_prefix(struct prefix *out, const struct addr *translated)
{
	struct nat64 nat64;

	if (nat64_learn(&nat64, translated) < 0)
		return false;
	out->bits = 8 * nat64.bytes;
	return addr_from_bytes(&out->addr, nat64.ip, sizeof(nat64.ip), 0) == 0;
}

bool
dns64_is_well_known(const struct addr *addr)
{
	struct prefix prefix;
	size_t i;

	for (i = 0; i < sizeof(well_known) / sizeof(well_known[0]); i++)
		if (prefix_parse(&prefix, well_known[i]) == 0 &&
		    prefix_holds(&prefix, addr))
			return true;
	return false;
}
